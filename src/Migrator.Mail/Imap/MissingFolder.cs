using System.Text.RegularExpressions;

namespace Migrator.Mail.Imap;

/// <summary>Whether a refusal means that there is no such folder. Many servers say so as text only.</summary>
internal static partial class MissingFolder
{
    public static bool IsMeant(ResponseCodeCapture tail)
    {
        var (code, text) = tail.Refusal();
        return code is "NONEXISTENT" or "TRYCREATE" || (code.Length == 0 && Words().IsMatch(text));
    }

    [GeneratedRegex(
        @"(does ?n['o]t|does not) exist|nonexistent|no such (mailbox|folder|file)"
            + @"|(mailbox|folder) not found|(unknown|invalid) (mailbox|folder)",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Words();
}
