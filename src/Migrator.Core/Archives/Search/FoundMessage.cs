using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Search;

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
