using System.Globalization;
using System.Text.RegularExpressions;
using MailKit;
using MailKit.Net.Imap;
using Migrator.Core.Failures;
using Migrator.Mail.Connections;

namespace Migrator.Mail.Imap;

/// <summary>Says what MailKit's exceptions mean, once for all.</summary>
internal static partial class ImapErrors
{
    // It ends within a day; the provider does not say when. Each login until then may make it longer.
    private static readonly TimeSpan s_lockout = TimeSpan.FromHours(1);

    // No provider asks for more. One that says so by mistake would stop a mailbox for good.
    private static readonly TimeSpan s_longestPause = TimeSpan.FromDays(1);

    /// <summary>The reason behind a failed call, where the server refused it with <paramref name="refused"/> unless its
    /// response code says otherwise (RFC 5530, RFC 9051 section 7.1).</summary>
    public static MailException Translate(Exception exception, Reason refused, string what, ResponseCodeCapture tail)
    {
        switch (exception)
        {
            case MailException known:
                return known;
            case FolderNotFoundException:
                return new MailException(Reason.FolderMissing, $"{what}: the folder does not exist.", exception);
            case ImapCommandException:
                var (code, text) = tail.Refusal();
                // MailKit's words are kept for the case that the tail was overrun.
                return Refused(code, text.Length > 0 ? text : exception.Message, refused, what, exception);
            default:
                if (ExceptionClassifier.IsUnreadable(exception))
                    return new MailException(
                        Reason.ConnectionLost,
                        $"{what}: the server's answer cannot be read ({ExceptionClassifier.Innermost(exception)}).",
                        exception
                    );
                var (byeCode, bye) = tail.Goodbye();
                return Lost(byeCode, bye.Length > 0 ? bye : ExceptionClassifier.Innermost(exception), what, exception);
        }
    }

    /// <summary>The connection ended, where the server's last words were a BYE or nothing.</summary>
    /// <param name="code">The response code without brackets; empty for none.</param>
    /// <param name="text">What the server said, or what else is known of the end.</param>
    public static MailException Lost(string code, string text, string what, Exception? inner = null)
    {
        var lost = AnswerMeaning.Of(code, text, Reason.ConnectionLost) == Reason.ServerBusy ? Reason.ServerBusy : Reason.ConnectionLost;
        return new MailException(lost, $"{what}: the connection was lost ({text.Trim()}).", inner) { RetryAfter = Backoff(text) };
    }

    /// <returns>Null where the line is not a BYE.</returns>
    public static MailException? Goodbye(string line, string what) =>
        Bye().Match(line) is { Success: true } bye ? Lost(bye.Groups["code"].Value, bye.Groups["text"].Value, what) : null;

    /// <summary>What a NO or BAD means.</summary>
    /// <param name="code">The response code without brackets; empty for none.</param>
    public static MailException Refused(string code, string text, Reason refused, string what, Exception? inner = null) =>
        new(AnswerMeaning.Of(code, text, refused), $"{what}: the server says: {(code.Length > 0 ? $"[{code}] " : "")}{text.Trim()}", inner)
        {
            RetryAfter = Backoff(text),
        };

    private static TimeSpan? Backoff(string text) =>
        Suggested().Match(text) is { Success: true } match
        && double.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, s_longestPause.TotalMilliseconds))
        : Locked().IsMatch(text) ? s_lockout
        : null;

    [GeneratedRegex(@"^\* BYE\b(?: \[(?<code>[^\]]*)\])?(?<text>.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Bye();

    [GeneratedRegex(@"Backoff Time:\s*(\d{1,9})", RegexOptions.IgnoreCase)]
    private static partial Regex Suggested();

    // Gmail, of what an account may use in a day.
    [GeneratedRegex(@"\bcommand or bandwidth limits\b", RegexOptions.IgnoreCase)]
    private static partial Regex Locked();
}
