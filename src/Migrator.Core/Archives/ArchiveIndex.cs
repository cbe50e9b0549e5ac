namespace Migrator.Core.Archives;

/// <summary>Where each object lies. Some 80 octets of memory for each; safe to use from several tasks.</summary>
internal sealed class ArchiveIndex
{
    private readonly Lock _lock = new();
    private readonly List<(string Name, long Size)> _packs = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectId, Location> _objects = [];
    private readonly HashSet<ObjectId> _reserved = [];

    private readonly record struct Location(int Pack, long Offset, long Stored);

    public int Objects
    {
        get
        {
            lock (_lock)
                return _objects.Count;
        }
    }

    /// <summary>The packs that it knows, with their sizes in octets.</summary>
    public IReadOnlyList<(string Name, long Size)> Packs
    {
        get
        {
            lock (_lock)
                return [.. _packs];
        }
    }

    public bool Knows(string pack)
    {
        lock (_lock)
            return _names.Contains(pack);
    }

    /// <summary>Whether the caller is to store this object: it is neither there nor on its way.</summary>
    public bool TryReserve(ObjectId id)
    {
        lock (_lock)
            return !_objects.ContainsKey(id) && _reserved.Add(id);
    }

    /// <summary>Takes a reservation back: the object could not be stored.</summary>
    public void Release(ObjectId id)
    {
        lock (_lock)
            _reserved.Remove(id);
    }

    public bool Contains(ObjectId id)
    {
        lock (_lock)
            return _objects.ContainsKey(id);
    }

    public void Add(PackContents pack)
    {
        lock (_lock)
        {
            if (!_names.Add(pack.Name))
                return;
            _packs.Add((pack.Name, pack.Size));
            foreach (var entry in pack.Entries)
            {
                _objects.TryAdd(entry.Id, new Location(_packs.Count - 1, entry.Offset, entry.Stored));
                _reserved.Remove(entry.Id);
            }
        }
    }

    /// <returns>Null where the object is in no pack that is on record.</returns>
    public (string Pack, long Offset, long Stored)? Find(ObjectId id)
    {
        lock (_lock)
            return _objects.TryGetValue(id, out var location) ? (_packs[location.Pack].Name, location.Offset, location.Stored) : null;
    }
}
