namespace Migrator.Core.Mail;

/// <param name="MaxBatch">Messages that one append takes, at most.</param>
/// <param name="MaxSize">The largest message it takes, in bytes (APPENDLIMIT, RFC 7889); null where it does not
/// say.</param>
/// <param name="Delimiter">The character that no folder name may hold; null where names are flat.</param>
/// <param name="Prefix">The names that precede every folder but INBOX, empty for most servers: there, a folder
/// below INBOX and one beside it are the same (Courier, Cyrus).</param>
public sealed record TargetCapabilities(int MaxBatch, long? MaxSize, char? Delimiter, IReadOnlyList<string> Prefix)
{
    /// <summary>Further characters that no folder name may hold.</summary>
    public IReadOnlyCollection<char> Refused { get; init; } = [];

    /// <summary>Names at the top that no folder of mail can have.</summary>
    public IReadOnlySet<string> Reserved { get; init; } = new HashSet<string>();

    /// <summary>The target tells the UIDs of copies that it makes of its own messages (UIDPLUS, RFC 4315).</summary>
    public bool NamesCopies { get; init; }

    /// <summary>Messages can be moved without touching others (MOVE, RFC 6851, or UIDPLUS).</summary>
    public bool MovesMessages { get; init; } = true;

    /// <summary>Single messages can be removed for good without touching others (UIDPLUS).</summary>
    public bool RemovesMessages { get; init; } = true;

    /// <summary>Names that differ only in upper and lower case are one folder.</summary>
    public bool FoldsCase { get; init; }
}
