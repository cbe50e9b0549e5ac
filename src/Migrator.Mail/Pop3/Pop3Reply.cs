using System.Text.RegularExpressions;
using Migrator.Core.Failures;
using Migrator.Mail.Connections;

namespace Migrator.Mail.Pop3;

/// <summary>A server's answer to a command, without what may follow it on further lines.</summary>
/// <param name="Code">Its response code (RFC 2449, section 8) in upper case without brackets; empty for none.</param>
/// <param name="Text">The words after it.</param>
internal readonly partial record struct Pop3Reply(bool Ok, string Code, string Text)
{
    /// <returns>Null where the line is not an answer.</returns>
    public static Pop3Reply? Parse(string line)
    {
        var match = Form().Match(line);
        return match.Success
            ? new Pop3Reply(line[0] == '+', match.Groups["code"].Value.ToUpperInvariant(), match.Groups["text"].Value.Trim())
            : null;
    }

    /// <summary>What a refusal means: <paramref name="otherwise"/>, unless the server says why.</summary>
    public MailException Refused(Reason otherwise, string what)
    {
        var reason = Code switch
        {
            "IN-USE" => Reason.MailboxLocked,
            // Gmail says it to the first command after a login that it accepted.
            _ when LoginAnswer.Meaning(Text) is { } meaning => meaning,
            "LOGIN-DELAY" or "SYS/TEMP" => Reason.ServerBusy,
            // Servers older than RFC 2449 say it as text, mostly those of RFC 1939, section 4.
            "" when Locked().IsMatch(Text) => Reason.MailboxLocked,
            _ => otherwise,
        };
        var said = $"{(Code.Length > 0 ? $"[{Code}] " : "")}{Text}".TrimEnd();
        return new MailException(
            reason,
            $"{what}: {(said.Length > 0 ? $"the server says: {said}" : "the server refuses without a reason.")}"
        );
    }

    [GeneratedRegex(@"^(?:\+OK|-ERR)(?: +\[(?<code>[^\]]*)\])?(?:$| +(?<text>.*)$)")]
    private static partial Regex Form();

    [GeneratedRegex(@"(maildrop|mailbox).*\block|\block.*(maildrop|mailbox)", RegexOptions.IgnoreCase)]
    private static partial Regex Locked();
}
