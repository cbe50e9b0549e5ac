using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>One message of a folder, as a snapshot records it.</summary>
/// <param name="Uid">Its UID at the source, or the one it was given where the source has none.</param>
/// <param name="Content">What it holds.</param>
/// <param name="Size">In bytes, exact.</param>
/// <param name="Date">INTERNALDATE, to the second.</param>
/// <param name="Origin">Where <paramref name="Date"/> was taken from; null where the source keeps it.</param>
public readonly record struct ArchivedMessage(
    Uid Uid,
    ContentId Content,
    long Size,
    DateTimeOffset Date,
    ReceivedDateSource? Origin,
    FlagSet Flags
);
