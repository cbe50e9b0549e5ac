using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Backups;

/// <summary>The UID map that snapshots carry from one to the next. What is added counts once a snapshot is written; UIDs that were
/// given before a crash may be given again, to whatever is then listed: no snapshot knows them.</summary>
internal sealed class SnapshotUidMap : IUidMap
{
    private readonly Lock _lock = new();
    private readonly List<UidMapEntry> _entries;
    private readonly List<UidMapEntry> _leaving = [];
    private readonly Func<CancellationToken, Task<IReadOnlyDictionary<Uid, KnownContent>>> _contents;

    private SnapshotUidMap(List<UidMapEntry> entries, Func<CancellationToken, Task<IReadOnlyDictionary<Uid, KnownContent>>> contents) =>
        (_entries, _contents) = (entries, contents);

    /// <param name="archive">Where <paramref name="snapshot"/> is.</param>
    /// <exception cref="StorageException">A page of it is damaged.</exception>
    public static async Task<SnapshotUidMap> ReadAsync(
        Archive archive,
        ArchiveIndex index,
        Snapshot? snapshot,
        CancellationToken cancellationToken
    )
    {
        var entries = new List<UidMapEntry>();
        if (snapshot is null || snapshot.Keys.Count == 0)
            return new SnapshotUidMap(
                entries,
                _ => Task.FromResult<IReadOnlyDictionary<Uid, KnownContent>>(new Dictionary<Uid, KnownContent>())
            );
        using var reader = new ObjectReader(archive, index);
        // After a repair that could not save them, pages are on no record any more. Nobody knows then which message is which, but no UID
        // may be given again: what is listed is taken for new, and takes no room.
        if (!snapshot.Keys.All(reader.Knows))
            entries.Add(
                new UidMapEntry(
                    $"lost:{snapshot.Finished:u}",
                    snapshot.Folders.SelectMany(folder => folder.Pages).Select(page => page.LastUid).DefaultIfEmpty().Max(),
                    snapshot.Finished
                )
            );
        foreach (var page in entries.Count == 0 ? snapshot.Keys : [])
            entries.AddRange(PageCodec.ReadKeys(await reader.PageAsync(page, cancellationToken)));
        return new SnapshotUidMap(entries, stop => ContentsAsync(archive, index, snapshot, stop));
    }

    /// <summary>As the next snapshot is to have it.</summary>
    public IReadOnlyList<UidMapEntry> Entries
    {
        get
        {
            lock (_lock)
                return [.. _entries, .. _leaving];
        }
    }

    /// <summary>Notes that these are about to be deleted at the source. Written down with the next snapshot, before anything is deleted;
    /// read by the next run, since this one reads each of them once more before it deletes it.</summary>
    public void Leave(IReadOnlyList<Uid> uids, DateTimeOffset now)
    {
        lock (_lock)
            _leaving.AddRange(UidMapMark.LeavingEntries(Entries, uids, now));
    }

    public Task<IReadOnlyList<UidMapEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
            return Task.FromResult<IReadOnlyList<UidMapEntry>>([.. _entries]);
    }

    public Task<IReadOnlyDictionary<Uid, KnownContent>> ContentsAsync(CancellationToken cancellationToken) => _contents(cancellationToken);

    public Task AddAsync(IReadOnlyList<UidMapEntry> entries, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
            _entries.AddRange(entries);
        return Task.CompletedTask;
    }

    private static async Task<IReadOnlyDictionary<Uid, KnownContent>> ContentsAsync(
        Archive archive,
        ArchiveIndex index,
        Snapshot snapshot,
        CancellationToken stop
    )
    {
        using var reader = new ObjectReader(archive, index);
        var contents = new Dictionary<Uid, KnownContent>();
        // Of pages that a repair could not save, nothing is known.
        foreach (var folder in snapshot.Folders.Where(folder => folder.Path.IsInbox && folder.Pages.All(reader.Knows)))
        {
            foreach (var message in await SnapshotPages.ReadAsync(reader, folder, stop))
                contents[message.Uid] = new KnownContent(message.Content, message.Size);
        }
        return contents;
    }
}
