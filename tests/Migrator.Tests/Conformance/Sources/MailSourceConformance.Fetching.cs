using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Tests.Conformance.Mailboxes;
using Migrator.Tests.Corpus;
using Xunit;

namespace Migrator.Tests.Conformance.Sources;

/// <summary>The bytes of messages.</summary>
public abstract partial class MailSourceConformance
{
    private static readonly IReadOnlyList<OddMessage> s_odd =
    [
        .. OddMessages.All,
        new("empty", [], OnDisk: true),
        new("bare LF in the body", "Subject: x\r\n\r\na\nb\n\n\r\n"u8.ToArray()),
        new("ends in CR", "Subject: x\r\n\r\nx\r"u8.ToArray()),
        new("lone dots at bare line ends", "Subject: x\r\n\r\na\n.\nb\r.\rc\r\n.\r\n..\n..\r\nd"u8.ToArray()),
        new("every byte but NUL", [.. "Subject: x\r\n\r\n"u8, .. Enumerable.Range(1, 255).Select(code => (byte)code), .. "\r\n"u8]),
        new("5 MB in one line", [.. "Subject: x\r\n\r\n"u8, .. Enumerable.Repeat((byte)'w', 5 << 20), .. "\r\n"u8]),
    ];

    [Fact]
    public async Task Every_odd_message_comes_byte_for_byte()
    {
        var held = s_odd.Where(message => !Traits.UnheldMessages.Contains(message.Name)).ToArray();
        foreach (var unheld in s_odd.Except(held))
            await Assert.ThrowsAsync<InvalidOperationException>(() => Mailbox.AddAsync(FolderPath.Inbox, [unheld]));
        if (Traits.RefusesSome)
            held = await TakenAsync(held);
        else
            await AddAsync(held);
        var expected = await BytesAsync();
        var session = await OpenAsync();

        var received = (await FetchAsync(session)).Received;

        Assert.True(held.Length > s_odd.Count / 2);
        Assert.Equal(held.Length, expected.Count);
        Assert.Equal(held.Length, received.Count);
        Assert.All(
            received.OrderBy(message => message.Uid).Zip(expected),
            pair =>
                Assert.True(
                    pair.First.Bytes.AsSpan().SequenceEqual(pair.Second),
                    $"UID {pair.First.Uid}: {pair.First.Bytes.Length} bytes for {pair.Second.Length}"
                )
        );
        if (session.AnnouncesSizes)
        {
            var sizes = (await session.FetchSummariesAsync([.. received.Select(message => message.Uid)], Stop)).ToDictionary(
                summary => summary.Uid,
                summary => summary.Size
            );
            Assert.All(received, message => Assert.Equal(message.Bytes.Length, sizes[message.Uid]));
        }
    }

    [Fact]
    public async Task Exactly_what_is_asked_for_comes_each_once_in_whatever_order_it_is_asked_for()
    {
        await FillAsync(1, 6);
        var session = await OpenAsync();
        var uids = await session.ListUidsAsync(0, Stop);

        var received = await FetchAsync(session, uids[4], uids[1], uids[4], new Uid(uids[^1].Value + 7), uids[2], uids[1]);

        Assert.Equal([uids[1], uids[2], uids[4]], received.Uids.Order());
        Assert.Equal(
            new[] { 2, 3, 5 }.Select(number => Letter(number).Bytes),
            received.Received.OrderBy(message => message.Uid).Select(message => message.Bytes)
        );
    }

    [Fact]
    public async Task Of_nothing_nothing_is_read()
    {
        await FillAsync(1, 2);
        var session = await OpenAsync();
        var receiver = new WatchedReceiver();

        await session.FetchAsync([], receiver, Stop);

        Assert.Empty(receiver.Received);
        Assert.Empty(await session.FetchSummariesAsync([], Stop));
        Assert.Empty(await session.FetchFlagsAsync([], 0, Stop));
        Assert.Empty(await session.FetchSubjectsAsync([], Stop));
    }

    [Fact]
    public async Task A_message_that_is_gone_does_not_keep_the_others_back()
    {
        await FillAsync(1, 4);
        var session = await OpenAsync();
        var uids = await session.ListUidsAsync(0, Stop);
        await Mailbox.MarkVanishedAsync(FolderPath.Inbox, uids[1]);
        var receiver = new WatchedReceiver();

        var refused = await Record.ExceptionAsync(() => session.FetchAsync(uids, receiver, Stop));

        Assert.Equal(
            uids.Where(uid => uid != uids[1] || Traits.Gone == GoneMessage.Kept),
            receiver.Uids.Order().Where(uid => uid != uids[1] || Traits.Gone != GoneMessage.PassedOverLater)
        );
        Assert.Empty(receiver.Unfinished);
        if (Traits.Gone == GoneMessage.PassedOverLater)
        {
            await session.OpenAsync(FolderPath.Inbox, Stop);
            Assert.Equal([uids[0], uids[2], uids[3]], (await FetchAsync(session, [.. uids])).Uids.Order());
        }
        Assert.Equal(Traits.Gone == GoneMessage.Unreadable ? FailureScope.Message : null, (refused as MailException)?.Reason.Scope);
        Assert.Equal(Traits.Gone == GoneMessage.Unreadable, refused is not null);
        Assert.Equal(
            uids.Where(uid => uid != uids[1] || Traits.SummarizesGone),
            (await session.FetchSummariesAsync(uids, Stop)).Select(summary => summary.Uid)
        );
        Assert.DoesNotContain(
            new Uid(uids[1].Value + 100),
            await session.FetchSubjectsAsync([.. uids, new Uid(uids[1].Value + 100)], Stop)
        );
        Assert.Superset(
            uids.Where(uid => uid != uids[1]).ToHashSet(),
            (await FetchAsync(session, uids[0], uids[2], uids[3])).Uids.ToHashSet()
        );
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_fails_alone_and_is_not_handed_over()
    {
        await FillAsync(1, 2);
        // No other message of any user has its bytes, by which it is found.
        await AddAsync(Letter(3) with { Bytes = [.. Letter(3).Bytes, .. Encoding.ASCII.GetBytes($"{Guid.NewGuid()}\r\n")] });
        var session = await OpenAsync();
        var uids = await session.ListUidsAsync(0, Stop);
        await Mailbox.SpoilAsync(FolderPath.Inbox, uids[2]);
        var receiver = new WatchedReceiver();

        var refused = (MailException?)await Record.ExceptionAsync(() => session.FetchAsync(uids, receiver, Stop));

        Assert.DoesNotContain(uids[2], receiver.Uids);
        Assert.Empty(receiver.Unfinished);
        var (reason, next) = Traits.Unreadable switch
        {
            UnreadableMessage.Fails => (Reason.SourceUnreadable, session),
            UnreadableMessage.EndsSession => (Reason.ConnectionLost, await OpenAsync()),
            _ => (null, session),
        };
        Assert.Equal(reason, refused?.Reason);
        if (Traits.Unreadable == UnreadableMessage.Fails)
            Assert.Equal(
                Reason.SourceUnreadable,
                (await Assert.ThrowsAsync<MailException>(() => session.FetchAsync([uids[2]], new WatchedReceiver(), Stop))).Reason
            );
        Assert.Equal([uids[0], uids[1]], (await FetchAsync(next, uids[0], uids[1])).Uids.Order());
    }

    [Fact]
    public async Task Messages_come_one_after_the_other_as_fast_as_they_are_taken()
    {
        await FillAsync(1, 30);
        var session = await OpenAsync();
        var receiver = new WatchedReceiver
        {
            Before = async _ =>
            {
                for (var turn = 0; turn < 20; turn++)
                    await Task.Yield();
            },
        };

        await session.FetchAsync(await session.ListUidsAsync(0, Stop), receiver, Stop);

        Assert.Empty(receiver.Broken);
        Assert.Equal(30, receiver.Received.Count);
    }

    [Fact]
    public async Task What_a_receiver_throws_is_not_taken_for_a_fault_of_the_source()
    {
        await FillAsync(1, 3);
        var session = await OpenAsync();
        var full = new StorageException(Reason.SpoolFailed, "The disk is full.");
        var receiver = new WatchedReceiver { Before = _ => throw full };

        var thrown = await Assert.ThrowsAsync<StorageException>(async () =>
            await session.FetchAsync(await session.ListUidsAsync(0, Stop), receiver, Stop)
        );

        Assert.Same(full, thrown);
        Assert.Empty(receiver.Received);
        Assert.Equal(3, (await FetchAsync(await OpenAsync())).Received.Count);
    }

    /// <summary>Adds those of these messages that the mailbox takes.</summary>
    private async Task<OddMessage[]> TakenAsync(IEnumerable<OddMessage> messages)
    {
        var taken = new List<OddMessage>();
        foreach (var message in messages.Where(message => !message.OnDisk))
        {
            if (await Record.ExceptionAsync(() => AddAsync(message)) is null)
                taken.Add(message);
        }
        return [.. taken];
    }

    [Fact]
    public async Task A_source_without_dates_tells_when_each_message_arrived()
    {
        await FillAsync(1, 2);
        var session = await OpenAsync();

        var received = (await FetchAsync(session)).Received;

        Assert.All(received, message => Assert.Equal(Traits.FlagsAndDates, message.ReceivedDate is null));
        if (!Traits.FlagsAndDates)
            Assert.All(
                received,
                message =>
                    Assert.Equal(
                        (new DateTimeOffset(2024, 1, 1, 10, 0, 0, TimeSpan.FromHours(1)), ReceivedDateSource.Date),
                        (message.ReceivedDate!.Value.Date, message.ReceivedDate.Value.From)
                    )
            );
    }
}
