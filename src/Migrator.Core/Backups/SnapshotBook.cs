using Migrator.Core.Archives;
using Migrator.Core.Mail;

namespace Migrator.Core.Backups;

/// <summary>The book of UIDs that snapshots carry from one to the next. What is added counts once a snapshot is written; UIDs that were given before
/// a crash may be given again, to whatever is then listed: no snapshot knows them.</summary>
internal sealed class SnapshotBook : IUidBook
{
    private readonly Lock _lock = new();
    private readonly List<UidEntry> _entries;

    private SnapshotBook(List<UidEntry> entries) => _entries = entries;

    /// <exception cref="Blobs.StorageException">A page of it is damaged.</exception>
    public static async Task<SnapshotBook> ReadAsync(ObjectReader reader, Snapshot? snapshot, CancellationToken cancellationToken)
    {
        var entries = new List<UidEntry>();
        if (snapshot is null || snapshot.Keys.Count == 0)
            return new SnapshotBook(entries);
        // After a repair that could not save them, pages are on no record any more. Nobody knows then which message is which, but no UID may be given
        // again: what is listed is taken for new, and takes no room.
        if (!snapshot.Keys.All(reader.Knows))
            return new SnapshotBook([new UidEntry($"lost:{snapshot.Finished:u}", snapshot.Folders.SelectMany(folder => folder.Pages).Select(page => page.LastUid).DefaultIfEmpty().Max(), snapshot.Finished)]);
        foreach (var page in snapshot.Keys)
            entries.AddRange(PageCodec.ReadKeys(await reader.PageAsync(page, cancellationToken).ConfigureAwait(false)));
        return new SnapshotBook(entries);
    }

    public IReadOnlyList<UidEntry> Entries
    {
        get
        {
            lock (_lock)
                return [.. _entries];
        }
    }

    public Task<IReadOnlyList<UidEntry>> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(Entries);

    public Task AddAsync(IReadOnlyList<UidEntry> entries, CancellationToken cancellationToken)
    {
        lock (_lock)
            _entries.AddRange(entries);
        return Task.CompletedTask;
    }
}
