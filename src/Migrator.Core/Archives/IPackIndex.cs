using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>What the index blobs of an archive say: which pack holds which object, and where. A copy of them that can be searched, to be
/// had from them again at any time. Safe to use from several tasks.</summary>
public interface IPackIndex : IDisposable
{
    /// <summary>The index blobs that it was made of, with those that each supersedes. The same object as before only where none was
    /// added or removed since.</summary>
    IReadOnlyDictionary<string, IReadOnlyList<string>> Blobs { get; }

    /// <summary>Objects, each place of one counted.</summary>
    long Objects { get; }

    /// <summary>Greater than <see cref="ObjectPlace.Row"/> of every object.</summary>
    long Rows { get; }

    /// <summary>When all packs of the archive were looked for last; null for never.</summary>
    DateTimeOffset? Looked { get; set; }

    /// <summary>Begins to take in much: lookups are slow until it is disposed.</summary>
    /// <returns>Null where that makes no difference.</returns>
    IDisposable? Bulk();

    /// <summary>Takes in index blobs; those that are known are skipped.</summary>
    void Add(IReadOnlyCollection<IndexedBlob> blobs);

    /// <summary>Forgets index blobs, and the packs that no other one lists.</summary>
    void Remove(IReadOnlyCollection<string> blobs);

    /// <summary>What the packs of a kind hold.</summary>
    PackTotals Totals(BlobKind kind);

    /// <summary>The packs, each once, ascending by <see cref="IndexedPack.FirstRow"/>. Each enumeration reads them again.</summary>
    IEnumerable<IndexedPack> Packs();

    /// <summary>The packs that an index blob lists.</summary>
    IReadOnlyList<IndexedPack> PacksOf(string blob);

    /// <summary>The index blobs that list any of these packs, each once.</summary>
    IReadOnlyCollection<string> BlobsOf(IReadOnlyCollection<string> packs);

    bool Knows(string pack);

    /// <summary>What lies in a pack; null where it is in no index blob.</summary>
    PackContents? Read(string pack);

    /// <summary>A part of what lies in a pack, in its order; fewer entries where the pack ends, or is in no index blob any more.</summary>
    /// <param name="first">0 for the first entry.</param>
    IReadOnlyList<PackEntry> Read(IndexedPack pack, int first, int count);

    /// <summary>All places of an object: where one copy is damaged, another may be whole.</summary>
    IReadOnlyList<ObjectPlace> FindAll(ObjectId id) => FindAll([id])[0];

    /// <summary>The same for many, in their order: several times as fast as one by one.</summary>
    IReadOnlyList<IReadOnlyList<ObjectPlace>> FindAll(IReadOnlyList<ObjectId> ids);

    /// <summary>Rises whenever a pack is forgotten.</summary>
    long Losses { get; }

    /// <summary>Whether it was noted that all messages of these pages are in it, and no pack was forgotten since.</summary>
    bool IsWhole(ContentId pages);

    /// <summary>Notes that all messages of these pages are in it, unless a pack was forgotten since.</summary>
    /// <param name="losses"><see cref="Losses"/> when the search for these messages began.</param>
    /// <param name="instead">Pages that nobody asks for any more; null for none.</param>
    void NoteWhole(ContentId pages, long losses, ContentId? instead);
}
