using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Headers;

/// <summary>Finds the header packs that are of no use any more, and merges small ones without the headers of messages that are gone.</summary>
/// <param name="index">Where messages lie, those of this prune among them.</param>
/// <param name="needed">What snapshots need.</param>
/// <param name="goes">Whether a pack is about to be removed.</param>
internal sealed class HeaderMerge(Archive archive, ArchiveIndex index, NeededObjects needed, Func<string, bool> goes)
{
    private readonly List<string> _gone = [];

    /// <summary>Header packs that are of no use, or in whose place another stands.</summary>
    public IReadOnlyList<string> Gone => _gone;

    /// <param name="packs">Those that may go.</param>
    /// <returns>The new packs, in no index blob yet.</returns>
    public async Task<IReadOnlyList<PackContents>> RunAsync(IEnumerable<IndexedPack> packs, CancellationToken stop)
    {
        // A segment that has the same messages as before is stored all the same: its pack goes.
        var own = new ArchiveIndex(new MemoryPackIndex());
        await using var writer = new PackWriter(archive, BlobKind.Headers, own);
        using var headers = new HeaderWriter(archive, own, writer);
        var octets = 0L;
        var merged = packs.Where(pack => pack.Size < MergeLimits.Small).Take(MergeLimits.MostPacks).TakeWhile(pack => (octets += pack.Size) <= MergeLimits.MostHeaderOctets).Select(pack => pack.Name).ToHashSet(StringComparer.Ordinal);
        if (merged.Count < MergeLimits.FewestSmall)
            merged.Clear();
        var seen = new HashSet<ContentId>();
        foreach (var pack in packs.Take(MergeLimits.MostPacks))
        {
            var (records, whole) = await LiveAsync(pack, merged.Contains(pack.Name), stop).ConfigureAwait(false);
            // What cannot be read may be of use.
            if (!whole || (records.Count > 0 && !merged.Contains(pack.Name)))
                continue;
            foreach (var record in records.Where(record => seen.Add(record.Content)))
                await headers.AddAsync(record, stop).ConfigureAwait(false);
            _gone.Add(pack.Name);
        }
        return await headers.FlushAsync(stop).ConfigureAwait(false);
    }

    /// <summary>The records of messages that stay. Headers stay as long as their message lies in a pack that stays, needed or not: a message that comes back is not stored
    /// again, nor are its headers.</summary>
    /// <param name="all">Else the first does.</param>
    private async Task<(List<HeaderRecord> Records, bool Whole)> LiveAsync(IndexedPack pack, bool all, CancellationToken stop)
    {
        var (records, whole) = (new List<HeaderRecord>(), true);
        await foreach (var record in HeaderSegments.ReadAsync(archive, archive.Index.Packs.Read(pack.Name)!, _ => whole = false, stop).ConfigureAwait(false))
        {
            var id = archive.Keys.AddressOf(record.Content);
            if (needed.IsMissing(id) || index.FindAll(id).Any(place => !goes(place.Pack)))
                records.Add(record);
            if (records.Count > 0 && !all)
                break;
        }
        return (records, whole);
    }
}
