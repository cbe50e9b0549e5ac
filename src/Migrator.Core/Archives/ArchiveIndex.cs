using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Where each object lies, for one run: what index blobs list, and what the run itself has written. Safe to use from several
/// tasks.</summary>
/// <param name="shared">What others rely on too. Nothing is added to it from here: what one run has written is in no index blob yet, and
/// another run that named it would name what may never be in one.</param>
/// <param name="isGone">Whether a pack does not count although an index blob lists it: it is missing, or set aside.</param>
internal sealed class ArchiveIndex(IPackIndex shared, Func<string, bool>? isGone = null)
{
    private readonly Lock _lock = new();
    private readonly IPackIndex _own = new MemoryPackIndex();
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private readonly HashSet<ObjectId> _reserved = [];
    private readonly HashSet<string> _relied = new(StringComparer.Ordinal);

    /// <summary>Packs that hold what was not to be stored because others had stored it.</summary>
    public IReadOnlyCollection<string> Relied
    {
        get
        {
            lock (_lock)
                return [.. _relied];
        }
    }

    /// <summary>Packs that were added to it.</summary>
    public IReadOnlyCollection<string> Written
    {
        get
        {
            lock (_lock)
                return [.. _written];
        }
    }

    /// <summary>All packs that count, each read when it is its turn.</summary>
    public IEnumerable<PackContents> Whole => Contents(_ => true);

    /// <summary>The packs with headers of messages. Few and small: an object in them has the headers of up to 1,024 messages.</summary>
    public IEnumerable<PackContents> HeaderPacks => Contents(BlobKind.Headers.IsOf);

    public bool Knows(string pack) => _own.Knows(pack) || (shared.Knows(pack) && isGone?.Invoke(pack) != true);

    /// <summary>Whether the caller is to store this object: it is neither there nor on its way. What is on its way in another run counts
    /// for nothing: it may never arrive.</summary>
    public bool TryReserve(ObjectId id)
    {
        var places = Shared(id);
        lock (_lock)
        {
            if (places.Count > 0)
                _relied.Add(places[0].Pack);
            return places.Count == 0 && Own(id).Count == 0 && _reserved.Add(id);
        }
    }

    public bool Contains(ObjectId id) => Own(id).Count > 0 || Shared(id).Count > 0;

    /// <inheritdoc cref="IPackIndex.Losses"/>
    public long Losses => shared.Losses;

    /// <summary>The same as <see cref="IPackIndex.IsWhole"/>. Nothing is where packs do not count that are listed.</summary>
    public bool IsWhole(ContentId pages) => isGone is null && shared.IsWhole(pages);

    /// <inheritdoc cref="IPackIndex.NoteWhole"/>
    public void NoteWhole(ContentId pages, long losses, ContentId? instead = null)
    {
        if (isGone is null)
            shared.NoteWhole(pages, losses, instead);
    }

    public void Add(PackContents pack)
    {
        lock (_lock)
        {
            _own.Add([new IndexedBlob(pack.Name, [], [pack])]);
            _written.Add(pack.Name);
            foreach (var entry in pack.Entries)
                _reserved.Remove(entry.Id);
        }
    }

    /// <summary>An index blob lists these packs now: they need not be kept here any more.</summary>
    public void Indexed(IEnumerable<PackContents> packs) => _own.Remove([.. packs.Select(pack => pack.Name)]);

    /// <summary>Where the object is read first.</summary>
    /// <returns>Null if no index lists a pack that holds it.</returns>
    public ObjectPlace? Find(ObjectId id) => FindAll(id) is [var first, ..] ? first : null;

    /// <summary>All places of the object: where one copy is damaged, another may be whole. Those that this run has written have negative
    /// rows.</summary>
    public IReadOnlyList<ObjectPlace> FindAll(ObjectId id) => Joined(Own(id), Shared(id));

    /// <inheritdoc cref="IPackIndex.FindAll(IReadOnlyList{ObjectId})"/>
    public IReadOnlyList<IReadOnlyList<ObjectPlace>> FindAll(IReadOnlyList<ObjectId> ids) =>
        [.. _own.FindAll(ids).Zip(shared.FindAll(ids), (own, places) => Joined(own, Present(places)))];

    private IEnumerable<PackContents> Contents(Func<string, bool> which) =>
        new IPackIndex[] { _own, shared }.SelectMany(index =>
            index
                .Packs()
                .Where(pack => which(pack.Name) && isGone?.Invoke(pack.Name) != true)
                .Select(pack => index.Read(pack.Name))
                .OfType<PackContents>()
        );

    private IReadOnlyList<ObjectPlace> Own(ObjectId id) => _own.FindAll(id);

    private IReadOnlyList<ObjectPlace> Shared(ObjectId id) => Present(shared.FindAll(id));

    private IReadOnlyList<ObjectPlace> Present(IReadOnlyList<ObjectPlace> places) =>
        isGone is null || !places.Any(place => isGone(place.Pack)) ? places : [.. places.Where(place => !isGone(place.Pack))];

    private static IReadOnlyList<ObjectPlace> Joined(IReadOnlyList<ObjectPlace> own, IReadOnlyList<ObjectPlace> places) =>
        own.Count == 0 ? places : [.. own.Select(place => place with { Row = ~place.Row }), .. places];
}
