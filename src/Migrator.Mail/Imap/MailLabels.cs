using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>What labels of Gmail mean (X-GM-LABELS): names of folders in modified UTF-7, and names with a backslash for those that every
/// account has, whatever they are called in its language.</summary>
internal static class MailLabels
{
    private const string NotInAtoms = "(){%*\"\\] ";

    private static readonly Dictionary<string, SpecialUse> s_uses = new(StringComparer.OrdinalIgnoreCase)
    {
        ["\\Inbox"] = SpecialUse.Inbox,
        ["\\Sent"] = SpecialUse.Sent,
        ["\\Draft"] = SpecialUse.Drafts,
        ["\\Drafts"] = SpecialUse.Drafts,
        ["\\Important"] = SpecialUse.Important,
        ["\\Starred"] = SpecialUse.Flagged,
        ["\\Flagged"] = SpecialUse.Flagged,
        ["\\Trash"] = SpecialUse.Trash,
        ["\\Spam"] = SpecialUse.Junk,
        ["\\Junk"] = SpecialUse.Junk,
    };

    /// <returns>Null for a label that is no folder here (<c>\Muted</c>).</returns>
    public static FolderPath? Folder(string label, FolderListing listing, char delimiter)
    {
        if (!label.StartsWith('\\'))
            return label.Length == 0 ? null : FolderNameMapping.ToPath(label, delimiter, []);
        if (!s_uses.TryGetValue(label, out var use))
            return null;
        return use == SpecialUse.Inbox
            ? FolderPath.Inbox
            : listing
                .Folders.Where(folder => FolderNameMapping.Use(folder.Value.Attributes) == use)
                .Select(folder => folder.Key)
                .FirstOrDefault();
    }

    /// <summary>The label as a flag that every server can be given: an atom (RFC 9051, section 9).</summary>
    /// <returns>Null where a system flag or the folder says it.</returns>
    public static string? Keyword(string label)
    {
        if (s_uses.TryGetValue(label, out var use))
            return use switch
            {
                SpecialUse.Inbox => "Inbox",
                SpecialUse.Sent => "Sent",
                // RFC 8457.
                SpecialUse.Important => "$Important",
                _ => null,
            };
        var atom = string.Concat(label.TrimStart('\\').Select(c => c is > ' ' and < '\x7f' && !NotInAtoms.Contains(c) ? c : '_'));
        return atom.Length == 0 ? null : atom;
    }
}
