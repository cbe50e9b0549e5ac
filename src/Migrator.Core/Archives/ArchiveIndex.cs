namespace Migrator.Core.Archives;

/// <summary>Where each object lies. Some 80 octets of memory for each; safe to use from several tasks.</summary>
/// <param name="shared">What others rely on too; null for none. Nothing is ever added to it from here: what one run has written is in no index blob
/// yet, and another run that named it would name what may never be on record.</param>
internal sealed class ArchiveIndex(ArchiveIndex? shared = null)
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

    /// <summary>The packs that were added to it, with their sizes in octets.</summary>
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
        {
            if (_names.Contains(pack))
                return true;
        }
        return shared?.Knows(pack) == true;
    }

    /// <summary>Whether the caller is to store this object: it is neither there nor on its way. What is on its way in another run counts for nothing: it
    /// may never arrive.</summary>
    public bool TryReserve(ObjectId id)
    {
        if (shared?.Contains(id) == true)
            return false;
        lock (_lock)
            return !_objects.ContainsKey(id) && _reserved.Add(id);
    }

    public bool Contains(ObjectId id)
    {
        lock (_lock)
        {
            if (_objects.ContainsKey(id))
                return true;
        }
        return shared?.Contains(id) == true;
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
        {
            if (_objects.TryGetValue(id, out var location))
                return (_packs[location.Pack].Name, location.Offset, location.Stored);
        }
        return shared?.Find(id);
    }
}
