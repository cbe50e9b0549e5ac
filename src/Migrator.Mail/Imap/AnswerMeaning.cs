using System.Text.RegularExpressions;
using Migrator.Core.Failures;
using Migrator.Mail.Connections;

namespace Migrator.Mail.Imap;

/// <summary>What a NO, BAD or BYE means: which reason, and so how far it reaches (RFC 5530, RFC 9051 section 7.1; where there is no
/// response code, by its words).</summary>
internal static partial class AnswerMeaning
{
    /// <param name="code">The response code without brackets; empty for none.</param>
    /// <param name="refused">The reason of an answer that says nothing in particular. It tells what was asked for, too.</param>
    public static Reason Of(string code, string text, Reason refused) =>
        (code.Split(' ')[0].ToUpperInvariant(), refused) switch
        {
            _ when IsLogin(refused) && LoginRefusal.Of(refused, code, text) is { } reason => reason,
            _ when IsLogin(refused) && RefusesLogin(code, text) => refused == Reason.LoginMethodFailed
                ? Reason.AuthenticationFailed
                : refused,
            _ when NotConnected().IsMatch(text) => Reason.MailboxNotConnected,
            ("EXPIRED", _) => Reason.ConnectionLost,
            _ when Suggested().IsMatch(text) => Reason.ServerBusy,
            // Gmail uses OVERQUOTA for its rate limit too, and says so as text only.
            ("OVERQUOTA", _) => Throttled().IsMatch(text) ? Reason.ServerBusy : Reason.OverQuota,
            ("TOOBIG", _) => Reason.TooLarge,
            ("LIMIT", _) => OfLimit(text, refused),
            ("THROTTLED", _) => Reason.ServerBusy,
            ("UNAVAILABLE", _) => Throttled().IsMatch(text) ? Reason.ServerBusy : Reason.TemporaryFailure,
            ("INUSE", _) => Reason.TemporaryFailure,
            // Not while messages are fetched: there it is what some servers say of a damaged one.
            ("SERVERBUG", _) when refused != Reason.SourceUnreadable => refused == Reason.AppendRefused
                ? Reason.TemporaryFailure
                : OfWords(text, refused),
            ("TRYCREATE" or "NONEXISTENT", _) when !IsLogin(refused) => Reason.FolderMissing,
            ("NOPERM" or "READ-ONLY", _) when refused == Reason.AppendRefused => Reason.FolderReadOnly,
            _ => OfWords(text, refused),
        };

    /// <summary>Whether it says that user or password are wrong, whatever else it promises: they are not sent again then, or the account
    /// would be locked.</summary>
    public static bool RefusesLogin(string code, string text) =>
        code.Split(' ')[0].ToUpperInvariant() switch
        {
            "AUTHENTICATIONFAILED" or "AUTHORIZATIONFAILED" or "EXPIRED" or "PRIVACYREQUIRED" or "NOPERM" => true,
            "UNAVAILABLE" or "INUSE" or "LIMIT" or "THROTTLED" or "SERVERBUG" => false,
            _ => WrongPassword().IsMatch(text) && !NotThePassword().IsMatch(text),
        };

    /// <summary>Whether a command was refused because it was too long. Servers that do not say so, call it a syntax error.</summary>
    /// <param name="bad">It was answered with BAD.</param>
    public static bool RefusesLength(string text, bool bad) => TooLong().IsMatch(text) || (bad && Syntax().IsMatch(text));

    private static bool IsLogin(Reason refused) =>
        refused == Reason.AuthenticationFailed
        || refused == Reason.LoginMethodFailed
        || refused == Reason.TokenRefused
        || refused == Reason.AdminRefused
        || refused == Reason.AdminNotAllowed;

    /// <summary>A limit of the server's implementation; only its words say which.</summary>
    private static Reason OfLimit(string text, Reason refused) =>
        text switch
        {
            _ when IsLogin(refused) || refused == Reason.ConnectionLost || Throttled().IsMatch(text) || Temporary().IsMatch(text) =>
                Reason.ServerBusy,
            _ when refused != Reason.AppendRefused || Keywords().IsMatch(text) => refused,
            _ when Count().IsMatch(text) => Reason.OverQuota,
            _ => Reason.TooLarge,
        };

    private static Reason OfWords(string text, Reason refused) =>
        text switch
        {
            _ when refused == Reason.AppendRefused && ReadOnly().IsMatch(text) => Reason.FolderReadOnly,
            _ when Throttled().IsMatch(text) => Reason.ServerBusy,
            // Cyrus, Courier and Zimbra give no response code.
            _ when refused == Reason.AppendRefused && Full().IsMatch(text) => Reason.OverQuota,
            _ when refused == Reason.AppendRefused && TooBig().IsMatch(text) => Reason.TooLarge,
            _ when !IsLogin(refused) && NoSession().IsMatch(text) => Reason.ConnectionLost,
            _ when Temporary().IsMatch(text) => Reason.TemporaryFailure,
            _ => refused,
        };

    // Exchange, to the first command after a login that it accepted.
    [GeneratedRegex(@"\bauthenticated but not connected\b", RegexOptions.IgnoreCase)]
    private static partial Regex NotConnected();

    [GeneratedRegex(@"Backoff Time:\s*\d", RegexOptions.IgnoreCase)]
    private static partial Regex Suggested();

    // Not "too many messages", which is a full mailbox.
    [GeneratedRegex(
        @"\bthrottl|\bbandwidth\b|\brate\b|\bcommand (?:rate )?limits?\b"
            + @"|\btoo (?:many|much) (?:\w+ )?"
            + @"(?:connections?|sessions?|requests?|commands?|logins?|attempts?|simultaneous|concurrent|users|traffic)\b"
            + @"|\b(?:maximum|max) (?:number|amount) of (?:\w+ )?(?:connections|sessions|logins)\b"
            + @"|\bconnection limit\b|\b(?:server|system) (?:is )?(?:too )?busy\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Throttled();

    [GeneratedRegex(
        @"\btemporar|\btry(?:ing)? (?:it )?again\b|\bretry\b|\bnot now\b|\bat (?:this|the) (?:time|moment)\b"
            + @"|\btimed? ?out\b|\bunavailable\b|\binternal (?:server )?error\b|\bsystem error\b"
            + @"|\bplease wait\b|\bbusy\b|\bcurrently locked\b|\bin use\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Temporary();

    [GeneratedRegex(
        @"\b(?:invalid|incorrect|wrong|bad|unknown)\b.*\b(?:password|credential|login|user|account|authentication)"
            + @"|\b(?:login|authentication|logon)\b.*\b(?:failed|failure|refused|denied|incorrect|invalid|rejected)\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex WrongPassword();

    [GeneratedRegex(
        @"\btemporar|\bunavailable\b|\binternal\b|\bsystem error\b|\btimed? ?out\b|\b(?:connections|sessions|simultaneous|concurrent)\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex NotThePassword();

    [GeneratedRegex(
        @"\bover[- ]?quota\b|\bexceed\w*\b.*\bquota\b|\bquota\b.*\b(?:exceed\w*|reached|full|limit)\b"
            + @"|\b(?:mailbox|account|mail ?store|storage) (?:is )?(?:full|over ?quota)\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Full();

    // Exchange and hMailServer, without a response code.
    [GeneratedRegex(
        @"\b(?:maximum|max\.?) (?:message )?size\b|\bmessage (?:is )?too (?:large|big)\b|\bmessage size exceeds\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex TooBig();

    // Exchange, where it has forgotten the login or the open folder.
    [GeneratedRegex(@"\breceived in invalid state\b", RegexOptions.IgnoreCase)]
    private static partial Regex NoSession();

    [GeneratedRegex(@"\bread[- ]?only\b|\bpermission denied\b", RegexOptions.IgnoreCase)]
    private static partial Regex ReadOnly();

    [GeneratedRegex(
        @"\b(?:line|command|set|sequence|argument|request)s?\b.*\b(?:long|large|length|big|exceed\w*|overflow)\b|\btoo long\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex TooLong();

    [GeneratedRegex(@"\bsyntax\b|\bpars(?:e|ing)\b|\binvalid (?:arguments?|set|sequence|uidset|messageset)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Syntax();

    [GeneratedRegex(@"\b(?:keyword|flag)s?\b", RegexOptions.IgnoreCase)]
    private static partial Regex Keywords();

    [GeneratedRegex(@"\b(?:number of|too many) messages\b|\bmessage count\b|\bmailbox (?:is )?full\b", RegexOptions.IgnoreCase)]
    private static partial Regex Count();
}
