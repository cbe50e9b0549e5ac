using MailKit;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Mail.Imap;

/// <summary>Between a server's folders and <see cref="FolderPath"/>: delimiter, namespace prefix, encoding and special use.</summary>
internal static class FolderNameMapping
{
    /// <param name="wireName">As the server writes it.</param>
    /// <param name="delimiter">NUL where names are flat.</param>
    /// <param name="prefix">Names that precede every folder of the user but INBOX; not part of a path.</param>
    public static FolderPath ToPath(string wireName, char delimiter, IReadOnlyList<string> prefix)
    {
        var names = Full(wireName, delimiter);
        if (names.Length > prefix.Count && names.Take(prefix.Count).SequenceEqual(prefix, StringComparer.OrdinalIgnoreCase))
            names = names[prefix.Count..];
        // A server that allows "a//b" has a name without letters there; the folder is still found by its path.
        return new FolderPath([.. names.Select(name => name.Length == 0 ? "_" : name)]);
    }

    /// <summary>The names from the root down, prefix included.</summary>
    public static string[] Full(string wireName, char delimiter)
    {
        // Split before it is decoded: a delimiter that is encoded in a name is part of that name. A trailing one says that the name
        // holds others.
        string[] names =
            delimiter == '\0'
                ? [wireName]
                : (wireName.Length > 1 && wireName.EndsWith(delimiter) ? wireName[..^1] : wireName).Split(delimiter);
        return [.. names.Select(ModifiedUtf7.Decode)];
    }

    /// <summary>A level has no letters, as in "a//b".</summary>
    public static bool HasEmptyLevel(string wireName, char delimiter) => Full(wireName, delimiter).Any(name => name.Length == 0);

    /// <summary>A path for a folder whose own is taken, because another is the same without its prefix, in upper case or
    /// with a name filled in: <c>INBOX.INBOX</c> beside <c>INBOX</c>. Its full name, numbered where that is taken too.</summary>
    public static FolderPath FreePath(FolderPath path, Predicate<FolderPath> taken)
    {
        var free = path;
        for (var number = 2; taken(free); number++)
            free = new FolderPath([.. path.Names.SkipLast(1), $"{path.Name} {number}"]);
        return free;
    }

    public static IReadOnlyList<string> Prefix(FolderNamespace? personal) =>
        personal is null || personal.Path.Length == 0
            ? []
            : personal.Path.Trim(personal.DirectorySeparator).Split(personal.DirectorySeparator);

    public static SpecialUse Use(FolderAttributes attributes) =>
        attributes switch
        {
            var a when a.HasFlag(FolderAttributes.Inbox) => SpecialUse.Inbox,
            var a when a.HasFlag(FolderAttributes.Sent) => SpecialUse.Sent,
            var a when a.HasFlag(FolderAttributes.Drafts) => SpecialUse.Drafts,
            var a when a.HasFlag(FolderAttributes.Trash) => SpecialUse.Trash,
            var a when a.HasFlag(FolderAttributes.Junk) => SpecialUse.Junk,
            var a when a.HasFlag(FolderAttributes.Archive) => SpecialUse.Archive,
            var a when a.HasFlag(FolderAttributes.Flagged) => SpecialUse.Flagged,
            var a when a.HasFlag(FolderAttributes.Important) => SpecialUse.Important,
            var a when a.HasFlag(FolderAttributes.All) => SpecialUse.All,
            _ => SpecialUse.None,
        };

    /// <returns>Null for a use that is not asked for at creation.</returns>
    public static SpecialFolder? ToSpecialFolder(SpecialUse use) =>
        use switch
        {
            SpecialUse.Sent => SpecialFolder.Sent,
            SpecialUse.Drafts => SpecialFolder.Drafts,
            SpecialUse.Trash => SpecialFolder.Trash,
            SpecialUse.Junk => SpecialFolder.Junk,
            SpecialUse.Archive => SpecialFolder.Archive,
            SpecialUse.Flagged => SpecialFolder.Flagged,
            SpecialUse.Important => SpecialFolder.Important,
            SpecialUse.All => SpecialFolder.All,
            _ => null,
        };
}
