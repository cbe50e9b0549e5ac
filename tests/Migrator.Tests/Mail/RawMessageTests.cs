using System.Text;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Mail.Imap;
using Migrator.Tests.Corpus;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>What goes over the wire when a message is appended, byte by byte: the raw append channel rests on how one
/// version of a library behaves.</summary>
public sealed class RawMessageTests(DovecotFixture servers)
{
    [Fact]
    public async Task The_wire_carries_exactly_the_Bytes()
    {
        var wire = new StringBuilder();
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (!fromServer)
                    wire.Append(text);
            },
        };
        // Above all what Dovecot itself would alter when it stores it: only the wire shows that we do not.
        byte[][] odd =
        [
            .. OddMessages.All.Where(message => message.Bytes.Length < 50_000).Select(message => message.Bytes),
            "bare\nLF\n"u8.ToArray(),
            [0x66, 0, 0x67],
            [0xff, 0xfe],
        ];
        await using var target = await new ImapConnector(
            Harness.Server(proxy.Port, DovecotServer.NewUser(), null),
            DovecotServer.Password
        ).OpenTargetAsync(ProcessLease.Instance, TestContext.Current.CancellationToken);
        await target.OpenAsync(FolderPath.Inbox, TestContext.Current.CancellationToken);

        foreach (var bytes in odd)
        {
            wire.Clear();
            await target.AppendAsync(
                [new OutgoingMessage(bytes.Length, FlagSet.None, DateTimeOffset.UnixEpoch, () => new MemoryStream(bytes))],
                TestContext.Current.CancellationToken
            );

            var sent = wire.ToString();
            var start = sent.IndexOf($"{{{bytes.Length}+}}\r\n", StringComparison.Ordinal) + $"{{{bytes.Length}+}}\r\n".Length;
            Assert.Equal(Encoding.Latin1.GetString(bytes) + "\r\n", sent[start..]);
        }
    }
}
