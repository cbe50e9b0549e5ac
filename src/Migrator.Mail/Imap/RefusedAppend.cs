using System.Text.RegularExpressions;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>A message that the server did not take.</summary>
internal static partial class RefusedAppend
{
    public static AppendedMessage Of(MailException refusal) =>
        new(AppendState.Refused, Refusal: refusal)
        {
            RefusedForDate = refusal.Reason == Reason.AppendRefused && DateWords().IsMatch(refusal.Message),
        };

    [GeneratedRegex(@"\b(?:internal)?date(?:[-_ ]?time)?\b|\btimestamp\b|\b(?:year|month|day)\b", RegexOptions.IgnoreCase)]
    private static partial Regex DateWords();
}
