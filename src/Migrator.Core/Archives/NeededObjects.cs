using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>What snapshots need of an archive: their pages, and the messages that those name.</summary>
internal sealed class NeededObjects(Archive archive, ArchiveIndex index) : IDisposable
{
    // Some 2 MB, and the pages of 16 million messages.
    private const int MostPages = 1 << 14;

    private readonly RecentContents _recent = new();

    // Those of the mailbox that is being examined, mostly.
    private readonly HashSet<SnapshotPage> _pages = [];
    private readonly Marks _needed = new(),
        _read = new();
    private readonly HashSet<ObjectId> _missing = [];
    private ObjectReader? _reader;

    /// <exception cref="StorageException">A page cannot be read: what it needs is not known.</exception>
    public async Task AddAsync(Snapshot snapshot, CancellationToken stop)
    {
        foreach (var page in snapshot.Keys)
            Add([page]);
        _reader ??= new ObjectReader(archive, index);
        foreach (var page in snapshot.Folders.SelectMany(folder => folder.Pages).Where(IsNew))
        {
            var messages = await SnapshotPages.ReadAsync(_reader, page, stop);
            Add([.. messages.Select(message => message.Content).Where(_recent.Add)]);
        }
    }

    /// <summary>What was looked up is looked up again, as the index may know more than before; and takes no memory meanwhile.</summary>
    public void Forget()
    {
        _recent.Clear();
        _pages.Clear();
        _pages.TrimExcess();
        Dispose();
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
    }

    public bool Contains(long row) => _needed.Contains(row);

    /// <summary>Whether a snapshot names it and no pack has it: it may come back.</summary>
    public bool IsMissing(ObjectId id) => _missing.Contains(id);

    /// <summary>Whether something of the pack is needed.</summary>
    public bool AnyOf(IndexedPack pack) => Enumerable.Range(0, pack.Objects).Any(place => _needed.Contains(pack.FirstRow + place));

    /// <summary>What is missing is no reason to keep anything; check names it.</summary>
    private void Add(IReadOnlyList<ContentId> contents)
    {
        List<ObjectId> ids = [.. contents.Select(archive.Keys.AddressOf)];
        foreach (var (id, places) in ids.Zip(index.FindAll(ids)))
        {
            foreach (var place in places)
                _needed.Add(place.Row);
            if (places.Count == 0)
                _missing.Add(id);
        }
    }

    /// <summary>Most pages are those of the snapshot before. The flags of one identity page differ from snapshot to snapshot, and say which
    /// of its messages are there.</summary>
    private bool IsNew(SnapshotPage page)
    {
        if (_pages.Count >= MostPages)
            _pages.Clear();
        if (!_pages.Add(page))
            return false;
        Add([page.Identity, page.Flags]);
        var (identity, flags) = (index.Find(archive.Keys.AddressOf(page.Identity)), index.Find(archive.Keys.AddressOf(page.Flags)));
        // Read, and found to be missing, by the reader.
        if (identity is null || flags is null)
            return true;
        var isNew = _read.Add(identity.Value.Row);
        return _read.Add(flags.Value.Row) || isNew;
    }
}
