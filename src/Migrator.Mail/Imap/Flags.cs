using MailKit;
using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>Between MailKit's flags and <see cref="FlagSet"/>.</summary>
internal static class Flags
{
    private static readonly (MessageFlags Flag, string Name)[] s_system =
    [
        (MessageFlags.Answered, "\\Answered"),
        (MessageFlags.Deleted, "\\Deleted"),
        (MessageFlags.Draft, "\\Draft"),
        (MessageFlags.Flagged, "\\Flagged"),
        (MessageFlags.Seen, "\\Seen"),
    ];

    public static MessageFlags System(FlagSet flags) =>
        s_system.Where(entry => flags.Contains(entry.Name)).Aggregate(MessageFlags.None, (sum, entry) => sum | entry.Flag);

    /// <summary>Those of <paramref name="flags"/> that a folder keeps for good (PERMANENTFLAGS, RFC 9051 section 7.1).</summary>
    public static FlagSet FilterPermanentFlags(FlagSet flags, IMailFolder folder)
    {
        // Of a folder that was opened to be read, servers say that no flag can be changed: those that it has are kept all the same.
        var (kept, keywords) =
            folder.Access == FolderAccess.ReadOnly
                ? (folder.AcceptedFlags, folder.AcceptedKeywords)
                : (folder.PermanentFlags, folder.PermanentKeywords);
        return new FlagSet(
            flags.Flags.Where(flag =>
                flag[0] == '\\'
                    ? Array.Exists(s_system, entry => entry.Name == flag && kept.HasFlag(entry.Flag))
                    : kept.HasFlag(MessageFlags.UserDefined) || keywords.Contains(flag, StringComparer.OrdinalIgnoreCase)
            )
        );
    }
}
