using MailKit;
using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>What the server says about whose folders are where (RFC 2342), if it says anything.</summary>
internal sealed class AccountNamespaces
{
    /// <summary>Everything, where the server names no namespace of the user's own.</summary>
    public static readonly FolderNamespace Root = new('/', "");

    private readonly List<(NamespaceKind Kind, FolderNamespace Space)> _all;

    public AccountNamespaces(StreamingImapClient client)
    {
        List<FolderNamespace> own = client.PersonalNamespaces.Count > 0 ? [.. client.PersonalNamespaces] : [Root];
        // INBOX and what is created is in the one without a prefix, whichever is named first.
        Primary = own.Find(space => space.Path.Length == 0) ?? own[0];
        _all =
        [
            .. own.Select(space => (NamespaceKind.Private, space)),
            .. client.OtherNamespaces.Select(space => (NamespaceKind.Shared, space)),
            .. client.SharedNamespaces.Select(space => (NamespaceKind.Public, space)),
        ];
    }

    /// <summary>The user's own whose prefix is not part of paths.</summary>
    public FolderNamespace Primary { get; }

    public IEnumerable<FolderNamespace> Of(bool others) =>
        _all.Where(entry => others || entry.Kind == NamespaceKind.Private).Select(entry => entry.Space);

    /// <summary>The namespace with the longest prefix that the name has: one may lie within another. Of two with the same, the user's
    /// own.</summary>
    public (NamespaceKind Kind, FolderNamespace Space) Find(IMailFolder folder) =>
        _all.Where(entry => Holds(entry.Space, folder.FullName))
            .OrderByDescending(entry => entry.Space.Path.Length)
            .FirstOrDefault((NamespaceKind.Private, Primary));

    private static bool Holds(FolderNamespace space, string name) =>
        space.Path.Length == 0
        || name.Equals(space.Path, StringComparison.OrdinalIgnoreCase)
        || name.StartsWith(space.Path + space.DirectorySeparator, StringComparison.OrdinalIgnoreCase);
}
