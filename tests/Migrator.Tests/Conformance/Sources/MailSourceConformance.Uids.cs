using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Conformance.Sources;

/// <summary>UIDs: which there are, and what they mean.</summary>
public abstract partial class MailSourceConformance
{
    [Fact]
    public async Task UIDs_ascend_and_are_as_many_as_there_are_messages()
    {
        await FillAsync(1, 5);
        var session = await ConnectAsync();

        var state = await session.OpenAsync(FolderPath.Inbox, Stop);
        var uids = await session.ListUidsAsync(0, Stop);

        Assert.Equal((5, 5), (state.Count, uids.Count));
        Assert.Equal(uids.Order().Distinct(), uids);
        Assert.DoesNotContain(0u, uids);
        Assert.True(state.UidNext == 0 || state.UidNext > uids[^1]);
    }

    [Fact]
    public async Task UIDs_are_listed_from_the_one_that_is_named()
    {
        await FillAsync(1, 6);
        var uids = await (await OpenAsync()).ListUidsAsync(0, Stop);
        await Mailbox.RemoveAsync(FolderPath.Inbox, uids[2]);
        var session = await OpenAsync();
        var there = await session.ListUidsAsync(0, Stop);

        Assert.Equal(5, there.Count);
        foreach (var from in there.SelectMany(uid => new[] { uid.Value - 1, uid, uid.Next }).Append(1u).Append(uids[2]).Append(Uid.Max))
            Assert.Equal(there.Where(uid => uid >= from), await session.ListUidsAsync(from, Stop));
    }

    [Fact]
    public async Task UIDs_stay_the_same_from_session_to_session()
    {
        await FillAsync(1, 4);
        var first = await ReadAsync();

        Assert.Equal(first, await ReadAsync());
        Assert.Equal(4, first.Count);
    }

    [Fact]
    public async Task No_UID_ever_means_another_message()
    {
        await FillAsync(1, 4);
        var known = await ReadAsync();

        // The last UID is the one that a careless source gives again.
        for (var jobRun = 0; jobRun < 3; jobRun++)
        {
            foreach (var gone in known.Keys.Order().TakeLast(2).ToList())
            {
                if ((await ReadAsync()).ContainsKey(gone))
                    await Mailbox.RemoveAsync(FolderPath.Inbox, gone.Uid);
            }
            await FillAsync(10 * (jobRun + 1), 3);
            var now = await ReadAsync();
            Assert.All(now, message => Assert.Equal(message.Value, known.GetValueOrDefault(message.Key, message.Value)));
            foreach (var (key, content) in now)
                known[key] = content;
        }
        Assert.Equal(13, known.Values.Distinct().Count());
    }

    [Fact]
    public async Task What_arrives_gets_UIDs_above_all_that_were_there()
    {
        await FillAsync(1, 2);
        var before = await ReadAsync();
        await FillAsync(3, 2);

        var after = await ReadAsync();

        Assert.Equal(4, after.Count);
        Assert.Equal(before.Keys.Order(), after.Keys.Order().Take(2));
    }

    [Fact]
    public async Task Many_messages_are_listed_summarized_and_fetched_each_once()
    {
        const int count = 1_200;
        await FillAsync(1, count);
        var session = await OpenAsync();

        var uids = await session.ListUidsAsync(0, Stop);
        var received = await FetchAsync(session);

        Assert.Equal(count, uids.Count);
        Assert.Equal(uids, received.Uids.Order());
        Assert.Equal(uids, (await session.FetchSummariesAsync(uids, Stop)).Select(summary => summary.Uid));
        Assert.Equal(
            Enumerable.Range(1, count).Select(number => Letter(number).Bytes),
            received.Received.OrderBy(message => message.Uid).Select(message => message.Bytes)
        );
        Assert.Equal(
            uids.Where((_, index) => index % 3 == 0),
            (await FetchAsync(session, [.. uids.Where((_, index) => index % 3 == 0)])).Uids.Order()
        );
        Assert.Equal(Traits.Subjects ? count : 0, (await session.FetchSubjectsAsync(uids, Stop)).Count);
    }

    /// <summary>What each UID of INBOX means, as a new session has it.</summary>
    private async Task<Dictionary<(UidValidity UidValidity, Uid Uid), ContentId>> ReadAsync()
    {
        await using var session = await Mailbox.ConnectAsync();
        var state = await session.OpenAsync(FolderPath.Inbox, Stop);
        return (await FetchAsync(session)).Received.ToDictionary(
            message => (state.UidValidity, message.Uid),
            message => ContentId.Of(message.Bytes)
        );
    }
}
