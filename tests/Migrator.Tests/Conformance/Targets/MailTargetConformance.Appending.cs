using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Conformance.Targets;

/// <summary>Appending.</summary>
public abstract partial class MailTargetConformance
{
    private static readonly byte[][] s_odd =
    [
        "Subject: no final line end\r\n\r\nbody"u8.ToArray(),
        "no header at all\r\n"u8.ToArray(),
        "\r\nno header\r\n"u8.ToArray(),
        "Subject: none\r\n"u8.ToArray(),
        "From ann Mon Jan  1 10:00:00 2024\r\nSubject: x\r\n\r\n.\r\n..\r\nFrom here\r\n"u8.ToArray(),
        "Subject: tags\r\n\r\nA1 OK done\r\n{10}\r\n* BYE\r\n"u8.ToArray(),
        [.. "Subject: 8-bit body\r\n\r\n"u8, .. Enumerable.Range(128, 128).Select(code => (byte)code), .. "\r\n"u8],
        [.. "Subject: long\r\n\r\n"u8, .. Enumerable.Repeat((byte)'l', 100_000), .. "\r\n"u8],
    ];

    [Fact]
    public async Task Bytes_flags_and_dates_arrive_in_order_and_each_result_is_that_of_its_message()
    {
        var session = await OpenAsync();
        var validity = (await session.OpenAsync(FolderPath.Inbox, Stop)).UidValidity;
        OutgoingMessage[] messages =
        [
            Letter(0, "\\Seen"),
            Letter(1, "", new(1999, 12, 31, 23, 59, 59, TimeSpan.Zero)),
            Letter(2, "\\Answered \\Flagged \\Draft", new(2010, 6, 15, 12, 34, 56, TimeSpan.FromHours(-9.5))),
            Letter(3, "\\Deleted $Label later", new(2022, 3, 27, 2, 30, 0, TimeSpan.FromMinutes(765))),
            Letter(0, "\\Seen"),
        ];

        var results = await AppendAsync(session, messages);

        var there = await MessagesAsync();
        Assert.Equal([0, 1, 2, 3, 0], await NumbersAsync());
        Assert.Equal(
            messages.Select(message => session.FilterPermanentFlags(message.Flags)),
            there.Select(message => FlagSet.Parse(message.Flags))
        );
        Assert.Equal(messages.Select(message => message.InternalDate?.UtcDateTime.ToString("s")), there.Select(message => message.Date));
        Assert.All(results, result => Assert.Equal((AppendState.Stored, null), (result.State, result.Refusal)));
        Assert.Equal(TellsUids ? await session.ListUidsAsync(0, Stop) : [0, 0, 0, 0, 0], results.Select(result => result.Uid.Uid));
        Assert.All(results, result => Assert.Equal(TellsUids ? validity : 0, result.UidValidity));
    }

    [Fact]
    public async Task Odd_bytes_arrive_as_they_are_one_by_one_and_together()
    {
        var session = await OpenAsync();
        byte[][] odd = [.. s_odd.Where(bytes => TakesAnyHeader || bytes.AsSpan().StartsWith("Subject:"u8))];
        foreach (var bytes in odd)
            await AppendAsync(session, Outgoing(bytes));
        await AppendAsync(session, [.. odd.Select(bytes => Outgoing(bytes))]);

        Assert.Equal([.. odd, .. odd], await Mailbox.BytesAsync(FolderPath.Inbox, []));
    }

    [Fact]
    public async Task A_large_message_arrives_whole()
    {
        var bytes = Letters.Letter(1, size: 8 << 20);
        var session = await OpenAsync();

        await AppendAsync(session, Outgoing(bytes));

        Assert.Equal(ContentId.Of(bytes), ContentId.Of(Assert.Single(await Mailbox.BytesAsync(FolderPath.Inbox, []))));
    }

    [Fact]
    public async Task As_many_as_the_target_takes_at_a_time_arrive_in_order()
    {
        var session = await OpenAsync();
        var count = Math.Min(session.Traits.MaxBatch, 400);

        var results = await AppendAsync(session, [.. Enumerable.Range(0, count).Select(number => Letter(number))]);

        Assert.Equal(Enumerable.Range(0, count), await NumbersAsync());
        Assert.Equal(count, results.Count);
    }

    [Fact]
    public async Task What_is_appended_twice_is_there_twice()
    {
        var session = await OpenAsync();

        for (var time = 0; time < 2; time++)
            await AppendAsync(session, Letter(1), Letter(2));

        Assert.Equal([1, 2, 1, 2], await NumbersAsync());
    }

    [Fact]
    public async Task Without_an_open_folder_nothing_is_appended() =>
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await (await ConnectAsync()).AppendAsync([Letter(1)], Stop));

    [Fact]
    public async Task A_message_that_is_refused_alone_is_said_to_be_and_the_next_one_arrives()
    {
        var (session, refused) = (await OpenAsync(), Refused());

        var result = await session.AppendAsync([Outgoing(refused.Bytes)], Stop);

        Assert.Null(result.Interruption);
        var answer = Assert.Single(result.Messages);
        Assert.Equal((AppendState.Refused, 0u, FailureScope.Message), (answer.State, answer.Uid, answer.Refusal!.Reason.Scope));
        await AppendAsync(session, Letter(1));
        Assert.Equal([1], await NumbersAsync());
    }

    [Fact]
    public async Task Of_a_batch_with_a_message_that_is_refused_each_result_is_true()
    {
        var (session, refused) = (await OpenAsync(), Refused());
        if (session.Traits.MaxBatch == 1)
        {
            // One by one, none is refused for another's sake.
            await AppendAsync(session, Letter(1));
            Assert.Equal(AppendState.Refused, Assert.Single((await session.AppendAsync([Outgoing(refused.Bytes)], Stop)).Messages).State);
            await AppendAsync(session, Letter(2));
            Assert.Equal([1, 2], await NumbersAsync());
            return;
        }

        var result = await session.AppendAsync([Letter(1), Outgoing(refused.Bytes), Letter(2)], Stop);

        Assert.Null(result.Interruption);
        var (states, there) = (result.Messages.Select(message => message.State).ToList(), await NumbersAsync());
        Assert.Contains(states[1], new[] { AppendState.Refused, AppendState.RefusedTogether });
        Assert.DoesNotContain(-1, there);
        foreach (var (index, number) in new[] { (0, 1), (2, 2) })
        {
            // What was refused together may be there or not; nothing else is left open.
            if (states[index] != AppendState.RefusedTogether)
                Assert.Equal((AppendState.Stored, true), (states[index], there.Contains(number)));
        }
        Assert.All(
            result.Messages,
            message => Assert.Equal(message.State is AppendState.Refused or AppendState.RefusedTogether, message.Refusal is not null)
        );
        await AppendAsync(session, Letter(3));
    }

    [Fact]
    public async Task Where_the_folder_has_gone_nothing_is_sent_and_the_folder_is_blamed()
    {
        var session = await ConnectAsync();
        await session.CreateFolderAsync(s_work, SpecialUse.None, Stop);
        await session.OpenAsync(s_work, Stop);
        await using (var imap = await Mailbox.LogInAsync())
            await imap.RunAsync($"DELETE {RawImap.Name(Mailbox.Name(s_work))}");

        var result = await session.AppendAsync(session.Traits.MaxBatch > 1 ? [Letter(1), Letter(2)] : [Letter(1)], Stop);

        Assert.All(result.Messages, message => Assert.True(message.State is AppendState.NotSent or AppendState.Unknown, $"{message}"));
        Assert.True(Assert.IsType<MailException>(result.Interruption).Reason.Scope >= FailureScope.Folder);
        Assert.Same(result.Interruption, Assert.Throws<MailException>(result.ThrowIfInterrupted));
    }

    [Fact]
    public async Task An_append_that_is_cancelled_says_so_without_throwing_and_nothing_is_said_to_be_there_that_is_not()
    {
        var session = await OpenAsync();
        using var cancel = new CancellationTokenSource();
        var bytes = Letters.Letter(1);
        // The second is cancelled while its bytes are asked for; what is sent of the first by then is another matter.
        var message = Outgoing(bytes) with
        {
            Content = () =>
            {
                cancel.Cancel();
                return new MemoryStream(bytes);
            },
        };
        var messages = session.Traits.MaxBatch > 1 ? new[] { Letter(0), message } : [message];

        var result = await session.AppendAsync(messages, cancel.Token);

        Assert.IsType<OperationCanceledException>(result.Interruption, exactMatch: false);
        Assert.Equal(messages.Length, result.Messages.Count);
        var there = await NumbersAsync();
        Assert.All(
            result.Messages.Index().Where(one => one.Item.State == AppendState.Stored),
            one => Assert.Contains(messages.Length == 1 ? 1 : one.Index, there)
        );
        Assert.DoesNotContain(result.Messages, one => one.State is AppendState.Refused or AppendState.RefusedTogether);
        Assert.ThrowsAny<OperationCanceledException>(result.ThrowIfInterrupted);
    }

    [Fact]
    public async Task A_connection_that_is_lost_leaves_open_what_was_sent_and_throws_nothing()
    {
        await using var proxy = new LoopbackProxy(Mailbox.ServerPort)
        {
            CutWhen = (fromServer, text) => !fromServer && text.Contains("Message-ID: <1@", StringComparison.Ordinal),
        };
        Mailbox.ProxyPort = proxy.Port;
        var session = await OpenAsync();
        OutgoingMessage[] messages = session.Traits.MaxBatch > 1 ? [Letter(0), Letter(1), Letter(2)] : [Letter(1)];

        var result = await session.AppendAsync(messages, Stop);

        Assert.True(Assert.IsType<MailException>(result.Interruption).Reason.Scope >= FailureScope.Session, $"{result.Interruption}");
        Assert.Equal(messages.Length, result.Messages.Count);
        Assert.All(
            result.Messages,
            one => Assert.Contains(one.State, new[] { AppendState.Unknown, AppendState.NotSent, AppendState.Stored })
        );
        Assert.Contains(result.Messages, one => one.State == AppendState.Unknown);
        var there = await NumbersAsync();
        Assert.All(result.Messages.Index().Where(one => one.Item.State == AppendState.Stored), one => Assert.Contains(one.Index, there));
    }

    private static async Task<IReadOnlyList<AppendedMessage>> AppendAsync(IMailTarget session, params OutgoingMessage[] messages)
    {
        var results = new List<AppendedMessage>();
        foreach (var batch in messages.Chunk(session.Traits.MaxBatch))
        {
            var result = await session.AppendAsync(batch, Stop);
            result.ThrowIfInterrupted();
            Assert.Equal(batch.Length, result.Messages.Count);
            Assert.All(
                result.Messages,
                message => Assert.True(message.State == AppendState.Stored, $"{message.State}: {message.Refusal?.Message}")
            );
            results.AddRange(result.Messages);
        }
        return results;
    }
}
