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
    public static FlagSet FilterPermanentFlags(FlagSet flags, IMailFolder folder) =>
        new(
            flags.Flags.Where(flag =>
                flag[0] == '\\'
                    ? Array.Exists(s_system, entry => entry.Name == flag && folder.PermanentFlags.HasFlag(entry.Flag))
                    : folder.PermanentFlags.HasFlag(MessageFlags.UserDefined)
                        || folder.PermanentKeywords.Contains(flag, StringComparer.OrdinalIgnoreCase)
            )
        );
}
