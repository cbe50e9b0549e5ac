using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>An index in memory, some 100 bytes for each object: for what one run has written and is in no index blob yet, and for small
/// archives.</summary>
public sealed class MemoryPackIndex : IPackIndex
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, IndexedBlob> _blobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (PackContents Contents, long FirstRow)> _packs = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectId, ObjectPlace> _objects = [];

    // All places of those few that have several.
    private readonly Dictionary<ObjectId, List<ObjectPlace>> _again = [];
    private readonly HashSet<ContentId> _whole = [];
    private long _rows,
        _losses;

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Blobs
    {
        get
        {
            lock (_lock)
                return _blobs.ToDictionary(blob => blob.Key, blob => blob.Value.Supersedes, StringComparer.Ordinal);
        }
    }

    public long Objects
    {
        get
        {
            lock (_lock)
                return _packs.Values.Sum(pack => (long)pack.Contents.Entries.Count);
        }
    }

    public long Rows
    {
        get
        {
            lock (_lock)
                return _rows;
        }
    }

    public DateTimeOffset? Looked { get; set; }

    public IDisposable? Bulk() => null;

    public void Add(IReadOnlyCollection<IndexedBlob> blobs)
    {
        lock (_lock)
        {
            foreach (var blob in blobs.Where(blob => _blobs.TryAdd(blob.Name, blob)))
            {
                foreach (var pack in blob.Packs)
                    Add(pack);
            }
        }
    }

    public void Remove(IReadOnlyCollection<string> blobs)
    {
        lock (_lock)
        {
            foreach (var blob in blobs)
                _blobs.Remove(blob);
            var listed = _blobs.Values.SelectMany(blob => blob.Packs).Select(pack => pack.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var (name, (contents, _)) in _packs.Where(pack => !listed.Contains(pack.Key)).ToList())
            {
                _packs.Remove(name);
                _whole.Clear();
                _losses++;
                foreach (var entry in contents.Entries)
                    Remove(entry.Id, name);
            }
        }
    }

    public PackTotals Totals(BlobKind kind)
    {
        lock (_lock)
        {
            List<PackEntry> entries =
            [
                .. _packs.Values.Where(pack => kind.IsOf(pack.Contents.Name)).SelectMany(pack => pack.Contents.Entries),
            ];
            return new PackTotals(entries.Count, entries.Sum(entry => entry.Plain), entries.Sum(entry => entry.Stored));
        }
    }

    public IEnumerable<IndexedPack> Packs()
    {
        List<IndexedPack> packs;
        lock (_lock)
            packs = [.. _packs.Values.Select(pack => Describe(pack.Contents, pack.FirstRow))];
        return packs.OrderBy(pack => pack.FirstRow);
    }

    public IReadOnlyList<IndexedPack> PacksOf(string blob)
    {
        lock (_lock)
            return _blobs.TryGetValue(blob, out var known)
                ? [.. known.Packs.Select(pack => Describe(pack, _packs[pack.Name].FirstRow))]
                : [];
    }

    public IReadOnlyCollection<string> BlobsOf(IReadOnlyCollection<string> packs)
    {
        var asked = packs.ToHashSet(StringComparer.Ordinal);
        lock (_lock)
            return [.. _blobs.Values.Where(blob => blob.Packs.Any(listed => asked.Contains(listed.Name))).Select(blob => blob.Name)];
    }

    public bool Knows(string pack)
    {
        lock (_lock)
            return _packs.ContainsKey(pack);
    }

    public IReadOnlyList<PackEntry> Read(IndexedPack pack, int first, int count) =>
        [.. Read(pack.Name)?.Entries.Skip(first).Take(count) ?? []];

    public PackContents? Read(string pack)
    {
        lock (_lock)
            return _packs.TryGetValue(pack, out var known) ? known.Contents : null;
    }

    public IReadOnlyList<IReadOnlyList<ObjectPlace>> FindAll(IReadOnlyList<ObjectId> ids)
    {
        lock (_lock)
            return [.. ids.Select(Places)];
    }

    public long Losses
    {
        get
        {
            lock (_lock)
                return _losses;
        }
    }

    public bool IsWhole(ContentId pages)
    {
        lock (_lock)
            return _whole.Contains(pages);
    }

    public void NoteWhole(ContentId pages, long losses, ContentId? instead)
    {
        lock (_lock)
        {
            if (losses != _losses)
                return;
            if (instead is { } before)
                _whole.Remove(before);
            _whole.Add(pages);
        }
    }

    public void Dispose() { }

    private void Add(PackContents pack)
    {
        if (!_packs.TryAdd(pack.Name, (pack, _rows)))
            return;
        foreach (var entry in pack.Entries)
        {
            var place = new ObjectPlace(pack.Name, entry.Offset, entry.Stored, _rows++);
            if (_objects.TryAdd(entry.Id, place))
                continue;
            if (!_again.TryGetValue(entry.Id, out var places))
                _again[entry.Id] = places = [_objects[entry.Id]];
            places.Add(place);
        }
    }

    private void Remove(ObjectId id, string pack)
    {
        var left = Places(id).Where(place => place.Pack != pack).ToList();
        _again.Remove(id);
        _objects.Remove(id);
        if (left.Count > 0)
            _objects[id] = left[0];
        if (left.Count > 1)
            _again[id] = left;
    }

    private ObjectPlace[] Places(ObjectId id) =>
        _again.TryGetValue(id, out var places) ? [.. places]
        : _objects.TryGetValue(id, out var place) ? [place]
        : [];

    private static IndexedPack Describe(PackContents pack, long firstRow) => new(pack.Name, pack.Size, pack.Entries.Count, firstRow);
}
