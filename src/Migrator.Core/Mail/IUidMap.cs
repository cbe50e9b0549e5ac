namespace Migrator.Core.Mail;

/// <summary>Keeps the UIDs that were given to messages of a source that has none of its own (POP3), from run to
/// run.</summary>
public interface IUidMap
{
    /// <summary>Everything in it.</summary>
    Task<IReadOnlyList<UidMapEntry>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Adds entries; their keys and UIDs are not in it yet.</summary>
    Task AddAsync(IReadOnlyList<UidMapEntry> entries, CancellationToken cancellationToken);

    /// <summary>What the messages were when they were read, by UID. A UID whose message was never read is left out: a UID map that
    /// keeps keys alone knows none.</summary>
    Task<IReadOnlyDictionary<Uid, KnownContent>> ContentsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<Uid, KnownContent>>(new Dictionary<Uid, KnownContent>());
}
