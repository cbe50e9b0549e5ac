using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Tests.Archives;
using Migrator.Tests.Corpus;
using Xunit;

namespace Migrator.Tests.Conformance.Sources;

/// <summary>How sessions end, and several at a time.</summary>
public abstract partial class MailSourceConformance
{
    private static IReadOnlyList<(string Name, Func<IMailSource, CancellationToken, Task> Call)> Calls =>
        [
            ("list folders", (session, token) => session.ListFoldersAsync(token)),
            ("open", (session, token) => session.OpenAsync(FolderPath.Inbox, token)),
            ("list UIDs", (session, token) => session.ListUidsAsync(0, token)),
            ("summarize", (session, token) => session.FetchSummariesAsync([1], token)),
            ("flags", (session, token) => session.FetchFlagsAsync([1], 0, token)),
            ("fetch", (session, token) => session.FetchAsync([1], new WatchedReceiver(), token)),
            ("subjects", (session, token) => session.FetchSubjectsAsync([1], token)),
        ];

    public static TheoryData<string> CallNames => [.. Calls.Select(call => call.Name)];

    [Theory]
    [MemberData(nameof(CallNames))]
    public async Task A_call_that_is_cancelled_before_it_begins_does_nothing(string name)
    {
        await FillAsync(1, 1);
        var session = await OpenAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Calls.Single(call => call.Name == name).Call(session, Cancelled));
    }

    [Fact]
    public async Task A_fetch_that_is_cancelled_hands_over_whole_messages_or_none()
    {
        await AddAsync([
            .. Enumerable
                .Range(1, 5)
                .Select(number => new OddMessage(
                    $"{number}",
                    [.. Letter(number).Bytes, .. Enumerable.Repeat((byte)'x', 500_000), .. "\r\n"u8]
                )),
        ]);
        var expected = await BytesAsync();
        var session = await OpenAsync();
        var uids = await session.ListUidsAsync(0, Stop);
        using var cancel = new CancellationTokenSource();
        var receiver = new WatchedReceiver
        {
            Before = uid =>
            {
                if (uid == uids[1])
                    cancel.Cancel();
                return default;
            },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.FetchAsync(uids, receiver, cancel.Token));

        Assert.Empty(receiver.Broken);
        Assert.Empty(receiver.Unfinished);
        Assert.InRange(receiver.Received.Count, 1, 4);
        Assert.Equal(expected.Take(receiver.Received.Count), receiver.Received.Select(message => message.Bytes));
        // The session is over or whole; what it must not do is take what was left unread for the answer to the next call.
        var next = await Record.ExceptionAsync(async () =>
            Assert.Equal(expected[4], Assert.Single((await FetchAsync(session, uids[4])).Received).Bytes)
        );
        Assert.True(next is null or MailException { Reason.Scope: >= FailureScope.Session }, $"{next}");
        Assert.Equal(
            expected,
            (await FetchAsync(await OpenAsync())).Received.OrderBy(message => message.Uid).Select(message => message.Bytes)
        );
    }

    [Theory]
    [MemberData(nameof(CallNames))]
    public async Task A_session_that_has_ended_answers_nothing(string name)
    {
        await FillAsync(1, 1);
        var session = await OpenAsync();
        await session.DisposeAsync();
        await session.DisposeAsync();

        var refused = await Record.ExceptionAsync(() => Calls.Single(call => call.Name == name).Call(session, Stop));

        Assert.True(
            refused is ObjectDisposedException or MailException { Reason.Scope: >= FailureScope.Session },
            $"{name}: {refused?.ToString() ?? "an answer"}"
        );
    }

    [Fact]
    public async Task Several_sessions_read_at_the_same_time()
    {
        await FillAsync(1, 40);
        if (Traits.Folders)
        {
            await Mailbox.AddFolderAsync(FolderPath.Parse("Other"));
            await Mailbox.AddAsync(FolderPath.Parse("Other"), [Letter(50), Letter(51)]);
        }
        // One first: sources that give UIDs give them here.
        var expected = await MailboxImage.TakeAsync(await ConnectAsync(), Stop);
        var sessions = new List<IMailSource>();
        for (var number = 0; number < 4; number++)
            sessions.Add(await ConnectAsync());

        var pictures = await Task.WhenAll(sessions.Select(session => Task.Run(() => MailboxImage.TakeAsync(session, Stop))));

        Assert.All(pictures, picture => MailboxImage.ShouldEqual(expected, picture));
    }

    [Fact]
    public async Task A_session_sees_what_was_there_when_it_opened_the_folder()
    {
        await FillAsync(1, 2);
        await (await OpenAsync()).DisposeAsync();
        await FillAsync(3, 1);

        Assert.Equal(3, (await (await OpenAsync()).ListUidsAsync(0, Stop)).Count);
    }
}
