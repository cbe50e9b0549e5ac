using System.Runtime.InteropServices;

namespace Migrator.Core.Archives;

/// <summary>Where each object lies. Some 80 octets of memory for each; safe to use from several tasks.</summary>
/// <param name="shared">What others rely on too; null for none. Nothing is ever added to it from here: what one run has written is in no index blob
/// yet, and another run that named it would name what may never be on record.</param>
internal sealed class ArchiveIndex(ArchiveIndex? shared = null)
{
    private readonly Lock _lock = new();
    private readonly List<(string Name, long Size)> _packs = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<PackContents> _headers = [];
    private readonly Dictionary<ObjectId, Location> _objects = [];

    // Few objects lie in several packs: after a run that was cut short, a repair, or two runs at once.
    private readonly Dictionary<ObjectId, List<Location>> _further = [];
    private readonly HashSet<ObjectId> _reserved = [];
    private readonly HashSet<ObjectId> _relied = [];

    private readonly record struct Location(int Pack, long Offset, long Stored);

    public int Objects
    {
        get
        {
            lock (_lock)
                return _objects.Count;
        }
    }

    /// <summary>What was not to be stored because others had stored it.</summary>
    public IReadOnlyCollection<ObjectId> Relied
    {
        get
        {
            lock (_lock)
                return [.. _relied];
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

    /// <summary>The packs with headers of messages. Few and small: an object in them has the headers of up to 1,024 messages.</summary>
    public IReadOnlyList<PackContents> HeaderPacks
    {
        get
        {
            lock (_lock)
                return [.. _headers, .. shared?.HeaderPacks ?? []];
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
        {
            lock (_lock)
                _relied.Add(id);
            return false;
        }
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
            if (BlobKind.Headers.IsOf(pack.Name))
                _headers.Add(pack);
            foreach (var entry in pack.Entries)
            {
                var place = new Location(_packs.Count - 1, entry.Offset, entry.Stored);
                if (!_objects.TryAdd(entry.Id, place))
                    (CollectionsMarshal.GetValueRefOrAddDefault(_further, entry.Id, out _) ??= []).Add(place);
                _reserved.Remove(entry.Id);
            }
        }
    }

    /// <summary>Where the object is read first.</summary>
    /// <returns>Null if no index lists a pack that holds it.</returns>
    public ObjectPlace? Find(ObjectId id)
    {
        lock (_lock)
        {
            if (_objects.TryGetValue(id, out var location))
                return Place(location);
        }
        return shared?.Find(id);
    }

    /// <summary>All places of the object: where one copy is damaged, another may be whole.</summary>
    public IReadOnlyList<ObjectPlace> FindAll(ObjectId id)
    {
        var places = new List<ObjectPlace>();
        lock (_lock)
        {
            if (_objects.TryGetValue(id, out var location))
                places.Add(Place(location));
            if (_further.TryGetValue(id, out var further))
                places.AddRange(further.Select(Place));
        }
        return shared is null ? places : [.. places, .. shared.FindAll(id)];
    }

    private ObjectPlace Place(Location location) => new(_packs[location.Pack].Name, location.Offset, location.Stored);
}

/// <param name="Pack">The blob's name.</param>
/// <param name="Offset">Of its first segment in the pack.</param>
/// <param name="Stored">Octets that it takes there.</param>
internal readonly record struct ObjectPlace(string Pack, long Offset, long Stored);
