using System.Text;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Mail.Imap;
using Migrator.Tests.Corpus;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>What goes over the wire when a message is appended, octet by octet: the raw append channel rests on how one
/// version of a library behaves.</summary>
public sealed class RawMessageTests(DovecotFixture servers)
{
    [Fact]
    public async Task The_wire_carries_exactly_the_octets()
    {
        var wire = new StringBuilder();
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            Sees = (fromServer, text) =>
        {
            if (!fromServer)
                wire.Append(text);
        }
        };
        // Above all what Dovecot itself would alter when it stores it: only the wire shows that we do not.
        byte[][] odd = [.. OddMessages.All.Where(message => message.Octets.Length < 50_000).Select(message => message.Octets), "bare\nLF\n"u8.ToArray(), [0x66, 0, 0x67], [0xff, 0xfe]];
        await using var target = await new ImapConnector(Harness.Server(proxy.Port, DovecotServer.NewUser(), null), DovecotServer.Password).OpenTargetAsync(EndlessHold.Instance, TestContext.Current.CancellationToken);
        await target.OpenAsync(FolderPath.Inbox, TestContext.Current.CancellationToken);

        foreach (var octets in odd)
        {
            wire.Clear();
            await target.AppendAsync([new OutgoingMessage(octets.Length, FlagSet.None, DateTimeOffset.UnixEpoch, () => new MemoryStream(octets))], TestContext.Current.CancellationToken);

            var sent = wire.ToString();
            var start = sent.IndexOf($"{{{octets.Length}+}}\r\n", StringComparison.Ordinal) + $"{{{octets.Length}+}}\r\n".Length;
            Assert.Equal(Encoding.Latin1.GetString(octets) + "\r\n", sent[start..]);
        }
    }

    [Fact]
    public async Task A_batch_carries_flags_keywords_and_dates_of_each()
    {
        var user = DovecotServer.NewUser();
        await using (var target = await new ImapConnector(Harness.Server(servers.New.ImapsPort, user, servers.New.Fingerprint), DovecotServer.Password).OpenTargetAsync(EndlessHold.Instance, TestContext.Current.CancellationToken))
        {
            await target.OpenAsync(FolderPath.Inbox, TestContext.Current.CancellationToken);
            Assert.True(target.Traits.MaxBatch > 1);

            var appended = await target.AppendAsync([.. Enumerable.Range(0, 3).Select(Message)], TestContext.Current.CancellationToken);

            Assert.Equal([1u, 2u, 3u], appended.Messages.Select(one => one.Uid));
        }
        var there = (await MailboxContent.ReadAsync(servers.New, user)).Folders["INBOX"];
        Assert.Equal(["$Zero \\Seen", "$One \\Seen", "$Two \\Seen"], there.Select(message => message.Flags));
        Assert.Equal(["2001-09-09T01:46:40", "2001-09-09T01:46:41", "2001-09-09T01:46:42"], there.Select(message => message.Date));

        static OutgoingMessage Message(int number)
        {
            var octets = Letters.Letter(number);
            return new OutgoingMessage(octets.Length, FlagSet.Parse($"\\Seen ${new[] { "Zero", "One", "Two" }[number]}"),
                DateTimeOffset.FromUnixTimeSeconds(1_000_000_000 + number).ToOffset(TimeSpan.FromHours(-9.5)), () => new MemoryStream(octets));
        }
    }
}
