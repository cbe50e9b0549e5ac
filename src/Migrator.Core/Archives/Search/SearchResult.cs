namespace Migrator.Core.Archives.Search;

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
