using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>The folders of an account as one of its sessions listed them last, for the others.</summary>
/// <remarks>MailKit needs nearly a kilobyte for each: six sessions that all list ten thousand folders take more memory than all
/// else.</remarks>
internal sealed class SharedListing
{
    // Of fewer, one answer with all of them comes sooner than one for each.
    private const int Many = 1000;

    // A copy: the session adds what it creates to its own.
    private volatile FolderListing? _listing;

    /// <param name="listing">Null where it is no longer true.</param>
    public void Set(FolderListing? listing) =>
        _listing =
            listing?.Folders.Count > Many ? listing with { Folders = new Dictionary<FolderPath, ListedFolder>(listing.Folders) } : null;

    /// <summary>A folder of another session, whose name this one may ask for; null where it is to be found by listing all.</summary>
    public ListedFolder? NameOf(FolderPath path) =>
        _listing?.Folders.GetValueOrDefault(path) is { IsInbox: false } listed && IsPlain(listed.Folder) ? listed : null;

    public bool HasBelow(FolderPath folder) => _listing?.Parents.Contains(folder) == true;

    /// <summary>LIST takes % and * for wildcards (RFC 9051, section 6.3.9), and MailKit encodes the name once more.</summary>
    private static bool IsPlain(StreamingImapFolder folder) =>
        folder.FullName.AsSpan().IndexOfAny('%', '*') < 0 && ModifiedUtf7.Encode(folder.FullName) == folder.WireName;
}
