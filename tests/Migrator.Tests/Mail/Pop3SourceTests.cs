using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Tests.Corpus;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>What is read over POP3, judged by what IMAP says of the same mailbox.</summary>
public sealed class Pop3SourceTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("PIPELINING\r\n")]
    public async Task Every_odd_message_comes_as_IMAP_gives_it(string hidden)
    {
        var box = new Pop3Box(servers.Old);
        var odd = await ArrangeOddAsync(box);
        var expected = await ImapContentAsync(box);
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port)
        {
            FromServer = hidden.Length > 0 ? text => text.Replace(hidden, "") : null,
        };

        var received = await box.ReadAsync(proxy.Port, Stop);

        Assert.Equal(odd, received.Count);
        // IMAP cannot carry NUL: Dovecot gives 0x80 instead, and POP3 the message as it is. Nothing else differs.
        Assert.Equal(2, received.Values.Count(bytes => bytes.Contains('\0')));
        foreach (var (uid, bytes) in received)
            Assert.True(
                expected[(int)uid.Value - 1] == bytes.Replace('\0', '\u0080'),
                $"UID {uid}: {expected[(int)uid.Value - 1].Length} bytes by IMAP, {bytes.Length} by POP3"
            );
    }

    [Fact]
    public async Task Three_thousand_messages()
    {
        var box = new Pop3Box(servers.Old);
        await using (var imap = await box.ImapAsync())
            await Letters.FillAsync(imap, "INBOX", 0, 3_000, size: 20);
        await using var session = await box.OpenAsync(cancellationToken: Stop);
        var received = new ReceivedMail();

        Assert.Equal(new FolderState(1, 3_001, 0, 3_000), await session.OpenAsync(FolderPath.Inbox, Stop));
        await session.FetchAsync(await session.ListUidsAsync(0, Stop), received, Stop);

        Assert.Equal(Enumerable.Range(1, 3_000).Select(uid => new Uid((uint)uid)), received.Messages.Keys);
        Assert.All(received.Messages, message => Assert.Contains($"Subject: Letter {message.Key.Value - 1}\r\n", message.Value));
    }

    [Fact]
    public async Task What_there_is_to_know_of_a_message()
    {
        var box = new Pop3Box(servers.Old);
        var letter = "Received: by a; Mon, 1 Jan 2024 10:00:00 +0100\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\nbody\r\n"u8.ToArray();
        await using (var imap = await box.ImapAsync())
        {
            await imap.AppendAsync("INBOX", letter, "\\Seen");
            await imap.AppendAsync("INBOX", "\r\nno header\r\n"u8.ToArray());
        }
        await using var session = await box.OpenAsync(cancellationToken: Stop);
        var received = new ReceivedMail();

        await session.FetchAsync([2, 1, 7], received, Stop);

        Assert.Equal([2u], await session.ListUidsAsync(2, Stop));
        Assert.Equal(
            [new MessageSummary(1, letter.Length, FlagSet.None, DateTimeOffset.UnixEpoch)],
            await session.FetchSummariesAsync([1, 9], Stop)
        );
        Assert.Empty(await session.FetchFlagsAsync([1, 2], 5, Stop));
        Assert.Equal([new(1, "Grüße")], await session.FetchSubjectsAsync([1, 2], Stop));
        Assert.Equal(
            new ReceivedDate(new DateTimeOffset(2024, 1, 1, 9, 0, 0, TimeSpan.Zero), ReceivedDateSource.Received),
            received.Arrivals[1]!.Value with
            {
                Date = received.Arrivals[1]!.Value.Date.ToUniversalTime(),
            }
        );
        Assert.Equal(ReceivedDateSource.Now, received.Arrivals[2]!.Value.From);
    }

    [Fact]
    public async Task Without_TOP_there_are_no_subjects()
    {
        var box = new Pop3Box(servers.Old);
        await using (var imap = await box.ImapAsync())
            await Letters.FillAsync(imap, "INBOX", 0, 1);
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port) { FromServer = text => text.Replace("TOP\r\n", "") };
        await using var session = await box.OpenAsync(proxy.Port, Stop);

        Assert.Empty(await session.FetchSubjectsAsync([1], Stop));
    }

    [Fact]
    public async Task A_server_that_estimates_sizes_is_read_all_the_same()
    {
        var box = new Pop3Box(servers.Old);
        await using (var imap = await box.ImapAsync())
            await Letters.FillAsync(imap, "INBOX", 0, 3);
        var expected = await ImapContentAsync(box);
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port)
        {
            FromServer = text => text.Replace("\r\n1 ", "\r\n1 9").Replace("\r\n2 2", "\r\n2 4").Replace("\r\n3 2", "\r\n3 "),
        };

        Assert.Equal(expected, (await box.ReadAsync(proxy.Port, Stop)).Values);
    }

    [Fact]
    public async Task A_message_that_is_cut_short_fails_alone()
    {
        var box = new Pop3Box(servers.Old);
        await using (var imap = await box.ImapAsync())
            await Letters.FillAsync(imap, "INBOX", 0, 3);
        var cuts = 0;
        // Of the second letter, less comes each time.
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port)
        {
            FromServer = text => text.Replace(new string('b', 200), new string('b', 100 - cuts++)),
        };
        await using var session = await box.OpenAsync(proxy.Port, Stop);
        var received = new ReceivedMail();

        var exception = await Assert.ThrowsAsync<MailException>(() => session.FetchAsync([1, 2, 3], received, Stop));

        Assert.Equal(Reason.SourceUnreadable, exception.Reason);
        Assert.Contains("message 2 (UIDL ", exception.Message);
        Assert.Equal([1u, 3u], received.Messages.Keys);
        await session.FetchAsync([3], received = new ReceivedMail(), Stop);
        Assert.Single(received.Messages);
    }

    [Fact]
    public async Task A_connection_cut_within_a_message_hands_over_nothing_of_it()
    {
        var box = new Pop3Box(servers.Old);
        await using (var imap = await box.ImapAsync())
            await Letters.FillAsync(imap, "INBOX", 0, 2, size: 500_000);
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port)
        {
            CutWhen = (fromServer, text) => fromServer && text.Contains("bbbb"),
        };
        await using var session = await box.OpenAsync(proxy.Port, Stop);
        var received = new ReceivedMail();

        var exception = await Assert.ThrowsAsync<MailException>(() => session.FetchAsync([1, 2], received, Stop));

        Assert.Equal(Reason.ConnectionLost, exception.Reason);
        Assert.DoesNotContain(2u, received.Messages.Keys);
        Assert.Equal(
            Reason.ConnectionLost,
            (await Assert.ThrowsAsync<MailException>(() => session.FetchAsync([1], received, Stop))).Reason
        );
    }

    private static async Task<int> ArrangeOddAsync(Pop3Box box)
    {
        IReadOnlyList<OddMessage> odd =
        [
            .. OddMessages.All,
            OddMessages.Huge,
            new("lone dots at bare line ends", "Subject: x\r\n\r\na\n.\nb\r.\rc\r\n.\r\n..\n..\r\nd"u8.ToArray()),
            new("ends in a dot", "Subject: x\r\n\r\n."u8.ToArray()),
            new("ends in CR", "Subject: x\r\n\r\nx\r"u8.ToArray()),
        ];
        await odd.DeliverAsync(box.Server, box.User);
        return odd.Count;
    }

    /// <summary>In the order of UIDs, which is that of POP3's numbers.</summary>
    private static async Task<IReadOnlyList<string>> ImapContentAsync(Pop3Box box)
    {
        await using var imap = await box.ImapAsync();
        await imap.RunAsync("EXAMINE INBOX");
        return
        [
            .. (await imap.RunAsync("UID FETCH 1:* (BODY.PEEK[])"))
                .Where(response => response.Literals.Count > 0)
                .Select(response => Encoding.Latin1.GetString(response.Literals[0])),
        ];
    }
}
