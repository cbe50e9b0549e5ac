using Migrator.Core.Archives.Headers;
using Migrator.Core.Folders;
using Migrator.Core.Mail;

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

/// <summary>What a search found.</summary>
/// <param name="Found">By mailbox, folder and date.</param>
/// <param name="Looked">Messages that were examined, each content once.</param>
/// <param name="Unrecorded">Messages that may fit and whose headers are not recorded: nothing is known of them.</param>
/// <param name="Cut">Messages that may fit by what is not recorded of their headers, because there was too much of it.</param>
/// <param name="UnreadablePages">Lists of messages that cannot be read.</param>
/// <param name="IsCutShort">There are more than the limit.</param>
public sealed record SearchResult<T>(
    IReadOnlyList<FoundMessage<T>> Found,
    long Looked,
    long Unrecorded,
    long Cut,
    int UnreadablePages,
    bool IsCutShort
)
    where T : class;

/// <summary>One place where a message is or was.</summary>
/// <param name="Id">Names the message to other commands: the beginning of its content id.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Date">Its INTERNALDATE.</param>
/// <param name="FirstSeen">When the first snapshot was written that has it there.</param>
/// <param name="LastSeen">When the last one was written.</param>
/// <param name="StillThere">Whether the newest snapshot has it there; null where that snapshot does not hold all of the folder.</param>
/// <param name="Headers">Null where they are not recorded.</param>
public sealed record FoundMessage<T>(
    string Id,
    Core.Mail.ContentId Content,
    string Mailbox,
    Core.Mail.FolderPath Folder,
    UidValidity UidValidity,
    Uid Uid,
    long Size,
    DateTimeOffset Date,
    DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen,
    bool? StillThere,
    T? Headers
)
    where T : class;
