namespace Migrator.Core.Mail;

/// <summary>Whose folders are below a prefix (RFC 2342). A server may show an account more than its own.</summary>
public enum NamespaceKind
{
    /// <summary>The user's own.</summary>
    Private,

    /// <summary>Of other users, who share them.</summary>
    Shared,

    /// <summary>Of nobody in particular: everybody may see them.</summary>
    Public,
}
