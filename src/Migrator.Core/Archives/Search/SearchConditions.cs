using Migrator.Core.Folders;

namespace Migrator.Core.Archives.Search;

/// <summary>What a message must be to be found: all of it.</summary>
/// <param name="Since">Its INTERNALDATE is this moment or later; null for any.</param>
/// <param name="Before">Its INTERNALDATE is earlier than this moment; null for any.</param>
/// <param name="Larger">It has more bytes than this; null for any.</param>
/// <param name="Smaller">It has fewer bytes than this; null for any.</param>
public sealed record SearchConditions(
    FolderChoice Folders,
    DateTimeOffset? Since = null,
    DateTimeOffset? Before = null,
    long? Larger = null,
    long? Smaller = null
)
{
    /// <summary>Messages that are found, at most; each may be in several places.</summary>
    public int Limit { get; init; } = 10_000;

    /// <summary>Whether the headers of a message decide. Where they do not, messages without a record of their headers are found
    /// too.</summary>
    public bool AskHeaders { get; init; } = true;

    /// <summary>Whether messages are read whose headers are not recorded, or not all of them.</summary>
    public bool ReadBodies { get; init; }

    internal bool Fit(ArchivedMessage message) =>
        (Since is null || message.Date >= Since)
        && (Before is null || message.Date < Before)
        && (Larger is null || message.Size > Larger)
        && (Smaller is null || message.Size < Smaller);
}
