using Migrator.Core.Jobs;
using Migrator.Mail.Pop3;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Fuzzing;

/// <summary>The answers of a POP3 server.</summary>
internal sealed class Pop3Target() : SessionTarget("pop3")
{
    public override IReadOnlyList<string> Tokens { get; } =
    [
        "+OK\r\n",
        "-ERR no\r\n",
        "-ERR [SYS/TEMP] no\r\n",
        "-ERR [IN-USE] no\r\n",
        ".\r\n",
        "..\r\n",
        "\n.\n",
        "\r\n.\r\n",
        "1 1\r\n",
        "2 a\r\n",
        "1 \r\n",
        "0 0\r\n",
        "4294967296 1\r\n",
        "1 99999999999999999999\r\n",
        "+ \r\n",
        "UIDL\r\n",
        "TOP\r\n",
        "PIPELINING\r\n",
        "SASL PLAIN\r\n",
        "LOGIN-DELAY 999999999999\r\n",
        "EXPIRE 0\r\n",
        "=== RETR 1\r\n",
    ];

    protected override MailProtocol Protocol => MailProtocol.Pop3;

    protected override async Task UseAsync(MailServer server, CancellationToken stop)
    {
        var connector = new Pop3Connector(server, "secret", new MemoryUidMap(), Clock, connectionTime: Clock);
        await using var source = await connector.OpenSourceAsync(stop);
        await FuzzMailbox.ReadAsync(source, stop);
        await source.AcknowledgeAsync(_ => true, stop);
    }
}
