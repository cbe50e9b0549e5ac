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

    public static async Task<SnapshotBook> ReadAsync(ObjectReader reader, Snapshot? snapshot, CancellationToken cancellationToken)
    {
        var entries = new List<UidEntry>();
        foreach (var page in snapshot?.Keys ?? [])
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
