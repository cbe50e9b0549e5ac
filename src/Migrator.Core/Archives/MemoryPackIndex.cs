namespace Migrator.Core.Archives;

/// <summary>An index in memory, some 150 octets for each object: for what one run has written and is in no index blob yet, and for small archives.</summary>
public sealed class MemoryPackIndex : IPackIndex
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, IndexedBlob> _blobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (PackContents Contents, long FirstRow)> _packs = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectId, List<ObjectPlace>> _objects = [];
    private long _rows;

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
                foreach (var id in contents.Entries.Select(entry => entry.Id).Where(_objects.ContainsKey))
                {
                    if (_objects[id].RemoveAll(place => place.Pack == name) > 0 && _objects[id].Count == 0)
                        _objects.Remove(id);
                }
            }
        }
    }

    public PackTotals Totals(BlobKind kind)
    {
        lock (_lock)
        {
            List<PackEntry> entries = [.. _packs.Values.Where(pack => kind.IsOf(pack.Contents.Name)).SelectMany(pack => pack.Contents.Entries)];
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
            return _blobs.TryGetValue(blob, out var known) ? [.. known.Packs.Select(pack => Describe(pack, _packs[pack.Name].FirstRow))] : [];
    }

    public IReadOnlyList<string> BlobsOf(string pack)
    {
        lock (_lock)
            return [.. _blobs.Values.Where(blob => blob.Packs.Any(listed => listed.Name == pack)).Select(blob => blob.Name)];
    }

    public bool Knows(string pack)
    {
        lock (_lock)
            return _packs.ContainsKey(pack);
    }

    public PackContents? Read(string pack)
    {
        lock (_lock)
            return _packs.TryGetValue(pack, out var known) ? known.Contents : null;
    }

    public IReadOnlyList<ObjectPlace> FindAll(ObjectId id)
    {
        lock (_lock)
            return _objects.TryGetValue(id, out var places) ? [.. places] : [];
    }

    public void Dispose()
    {
    }

    private void Add(PackContents pack)
    {
        if (!_packs.TryAdd(pack.Name, (pack, _rows)))
            return;
        foreach (var entry in pack.Entries)
        {
            if (!_objects.TryGetValue(entry.Id, out var places))
                _objects[entry.Id] = places = new List<ObjectPlace>(1);
            places.Add(new ObjectPlace(pack.Name, entry.Offset, entry.Stored, _rows++));
        }
    }

    private static IndexedPack Describe(PackContents pack, long firstRow) => new(pack.Name, pack.Size, pack.Entries.Count, firstRow);
}
