using Migrator.Core.Jobs;
using Migrator.Mail.Imap;

namespace Migrator.Tests.Fuzzing;

/// <summary>The answers of an IMAP server from which mail is read.</summary>
internal sealed class ImapSourceTarget() : SessionTarget("imap-source")
{
    public static readonly IReadOnlyList<string> Words =
    [
        "* BYE gone\r\n",
        "* 1 EXPUNGE\r\n",
        "* VANISHED 1:3\r\n",
        "* 0 EXISTS\r\n",
        "* 4294967295 EXISTS\r\n",
        "* 1 FETCH (FLAGS ())\r\n",
        "* 2 FETCH (UID 2 X-GM-LABELS (",
        "* 1 FETCH (UID 1 BODY[] NIL)\r\n",
        "* 1 FETCH (UID 1 RFC822.SIZE NIL INTERNALDATE NIL FLAGS NIL)\r\n",
        "{9223372036854775807}\r\n",
        "{5}\r\n",
        "{0}\r\n",
        "{-1}\r\n",
        "~{3}\r\n",
        "NIL",
        "(",
        ")",
        "((((((((",
        "\"",
        "[",
        "]",
        "&",
        "&-",
        "&AAA-",
        "&2D0-",
        "&Jjo!",
        "INBOX",
        "\\Noselect",
        "\\NonExistent",
        "\\",
        "\r\n",
        "%TAG% OK done\r\n",
        "%TAG% NO no\r\n",
        "%TAG% BAD bad\r\n",
        "* OK [UIDVALIDITY 0] x\r\n",
        "* OK [UIDNEXT 0] x\r\n",
        "* OK [HIGHESTMODSEQ 0] x\r\n",
        "* OK [MESSAGELIMIT 1] x\r\n",
        "* OK [CAPABILITY IMAP4rev1] x\r\n",
        "* SEARCH 4294967295 0 1 1\r\n",
        "* ESEARCH (TAG \"x\") UID ALL 1:4294967295\r\n",
        "* LIST () NIL \"\"\r\n",
        "* LIST () \"\" x\r\n",
        "* NAMESPACE NIL NIL NIL\r\n",
        "* STATUS x ()\r\n",
        "* QUOTA \"\" (STORAGE 1 2)\r\n",
        "* QUOTAROOT INBOX\r\n",
        "* ID (\"a\" NIL)\r\n",
        "+ \r\n",
        "=== NOOP\r\n",
        "BODY[]",
        "BODY[HEADER.FIELDS (SUBJECT)]",
        "UID",
        "MODSEQ (0)",
        "\" 1-Jan-0000 00:00:00 +0000\"",
        "\"31-Feb-2020 25:61:61 +9999\"",
    ];

    public override IReadOnlyList<string> Tokens => Words;

    protected override MailProtocol Protocol => MailProtocol.Imap;

    protected override async Task UseAsync(MailServer server, CancellationToken stop)
    {
        var connector = new ImapConnector(server, "secret", Clock) { LabelsAreKeywords = true };
        await using var source = await connector.OpenSourceAsync(stop);
        await FuzzMailbox.ReadAsync(source, stop);
    }
}
