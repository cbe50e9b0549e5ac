using Migrator.Core.Blobs;

namespace Migrator.Core.Archives;

/// <summary>Which packs a prune may remove.</summary>
/// <param name="index">Of what is there, with the orphans.</param>
/// <param name="aside">What a repair has set aside.</param>
/// <param name="isBlind">What a snapshot that cannot be read needs, nobody knows: another program or a later version may read it.</param>
/// <param name="orphans">Packs that no index blob lists and whose footers can be read, in the order in which they were added to the
/// index.</param>
/// <param name="setAside">What was set aside is to go.</param>
/// <param name="mayGo">Whether a pack is old enough.</param>
internal sealed class PrunePacks(
    Archive archive,
    ArchiveIndex index,
    ArchiveContents contents,
    Quarantine aside,
    NeededObjects needed,
    bool isBlind,
    IReadOnlyList<PackContents> orphans,
    bool setAside,
    Func<BlobInfo, bool> mayGo
)
{
    /// <summary>Those that nobody needs. Of a pack that is cut short or has no footer nobody knows what it still has: repair saves what
    /// can be saved first.</summary>
    public IReadOnlyList<string> Dead() =>
        isBlind
            ? []
            :
            [
                .. Listed().Where(pack => !needed.AnyOf(pack)).Select(pack => pack.Name),
                .. OrphanedPacks()
                    .Where(orphan => !IsNeeded(orphan))
                    .Select(orphan => orphan.Contents.Name)
                    .Where(name => contents.Packs.TryGetValue(name, out var blob) && mayGo(blob)),
                .. setAside ? contents.Packs.Values.Where(blob => aside.Contains(blob.Name) && mayGo(blob)).Select(blob => blob.Name) : [],
            ];

    /// <summary>Those that may be merged: what is offline stays where it is.</summary>
    public IEnumerable<IndexedPack> Movable() => Listed().Where(pack => IsOnline(pack) && needed.AnyOf(pack));

    /// <summary>Packs of headers, which no snapshot names.</summary>
    public IEnumerable<IndexedPack> Headers() => isBlind ? [] : All().Where(pack => BlobKind.Headers.IsOf(pack.Name) && IsOnline(pack));

    /// <summary>How many are of no use and stay for now.</summary>
    public int Waiting(IReadOnlyCollection<string> dead) =>
        contents.Packs.Count
        - dead.Count
        - archive
            .Index.Packs.Packs()
            .Count(pack => contents.Packs.ContainsKey(pack.Name) && (BlobKind.Headers.IsOf(pack.Name) || needed.AnyOf(pack)))
        - OrphanedPacks().Count(IsNeeded);

    /// <summary>Packs that are there as the index says, and old enough.</summary>
    private IEnumerable<IndexedPack> Listed() => All().Where(pack => !BlobKind.Headers.IsOf(pack.Name));

    private bool IsOnline(IndexedPack pack) => contents.Packs[pack.Name].Access == BlobAccess.Online;

    private IEnumerable<IndexedPack> All() =>
        archive
            .Index.Packs.Packs()
            .Where(pack =>
                BlobKind.IsPack(pack.Name)
                && !aside.Contains(pack.Name)
                && contents.Packs.TryGetValue(pack.Name, out var blob)
                && blob.Size == pack.Size
                && mayGo(blob)
            );

    private IEnumerable<(PackContents Contents, long FirstRow)> OrphanedPacks()
    {
        var row = 0L;
        foreach (var orphan in orphans)
        {
            yield return (orphan, row);
            row += orphan.Entries.Count;
        }
    }

    /// <summary>Whether it holds something that is needed and lies nowhere else: a prune that was stopped has left copies.</summary>
    private bool IsNeeded((PackContents Contents, long FirstRow) orphan) =>
        BlobKind.Headers.IsOf(orphan.Contents.Name)
        || orphan
            .Contents.Entries.Index()
            .Any(entry => needed.Contains(~(orphan.FirstRow + entry.Index)) && !index.FindAll(entry.Item.Id).Any(place => place.Row >= 0));
}
