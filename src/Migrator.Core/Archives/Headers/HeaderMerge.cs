using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Core.Archives.Headers;

/// <summary>Finds the header packs that are of no use any more, and merges small ones without the headers of messages that are
/// gone.</summary>
/// <param name="index">Where messages lie.</param>
/// <param name="needed">What snapshots need: it stays, in a pack of its own or in one that this prune has written.</param>
/// <param name="goes">Whether a pack is about to be removed.</param>
/// <param name="buffers">Nobody else uses them meanwhile.</param>
internal sealed class HeaderMerge(
    Archive archive,
    ArchiveIndex index,
    NeededObjects needed,
    Func<string, bool> goes,
    SegmentBuffers buffers
)
{
    private readonly List<string> _gone = [];

    // By the first place of the message; of one that lies nowhere, by its content.
    private readonly Marks _copied = new();
    private readonly HashSet<ContentId> _copiedMissing = [];

    /// <summary>Header packs that are unreferenced, or that another one replaces.</summary>
    public IReadOnlyList<string> Gone => _gone;

    /// <param name="packs">Those that may go.</param>
    /// <returns>The new packs, in no index blob yet.</returns>
    public async Task<IReadOnlyList<PackContents>> RunAsync(IEnumerable<IndexedPack> packs, CancellationToken stop)
    {
        // A segment that has the same messages as before is stored all the same: its pack goes.
        var own = new ArchiveIndex(new MemoryPackIndex());
        await using var writer = new PackWriter(archive, BlobKind.Headers, own);
        using var headers = new HeaderWriter(archive, own, writer);
        var bytes = 0L;
        var merged = packs
            .Where(pack => pack.Size < MergeLimits.Small)
            .Take(MergeLimits.MostPacks)
            .TakeWhile(pack => (bytes += pack.Size) <= MergeLimits.MostHeaderBytes)
            .Select(pack => pack.Name)
            .ToHashSet(StringComparer.Ordinal);
        if (merged.Count < MergeLimits.FewestSmall)
            merged.Clear();
        foreach (var pack in packs.Take(MergeLimits.MostPacks))
        {
            var mayGo = merged.Contains(pack.Name)
                ? await IsWholeAsync(pack, stop) && await CopyAsync(pack, headers, stop)
                : await IsUselessAsync(pack, stop);
            if (mayGo)
                _gone.Add(pack.Name);
        }
        return await headers.FlushAsync(stop);
    }

    /// <summary>Read before it is copied: the records of a damaged one, which stays, would be copied again each night, and to hold them all
    /// takes a hundred megabytes.</summary>
    private async Task<bool> IsWholeAsync(IndexedPack pack, CancellationToken stop)
    {
        var whole = true;
        await foreach (var _ in SegmentsAsync(pack, () => whole = false, stop)) { }
        return whole;
    }

    private async Task<bool> CopyAsync(IndexedPack pack, HeaderWriter headers, CancellationToken stop)
    {
        var whole = true;
        await foreach (var segment in SegmentsAsync(pack, () => whole = false, stop))
        {
            foreach (var (record, places) in Live(segment))
            {
                if (places.Count > 0 ? _copied.Add(places[0].Row) : _copiedMissing.Add(record.Content))
                    await headers.AddAsync(record, stop);
            }
        }
        return whole;
    }

    /// <summary>What cannot be read may be of use.</summary>
    private async Task<bool> IsUselessAsync(IndexedPack pack, CancellationToken stop)
    {
        var whole = true;
        await foreach (var segment in SegmentsAsync(pack, () => whole = false, stop))
        {
            if (Live(segment).Any())
                return false;
        }
        return whole;
    }

    private IAsyncEnumerable<IReadOnlyList<HeaderRecord>> SegmentsAsync(IndexedPack pack, Action damaged, CancellationToken stop) =>
        HeaderSegments.ReadAsync(archive, archive.Index.Packs.Read(pack.Name)!, _ => damaged(), stop, buffers);

    /// <summary>The records of messages that stay, with the places of those. Headers stay as long as their message lies in a pack that
    /// stays, needed or not: a message that comes back is not stored again, nor are its headers.</summary>
    private IEnumerable<(HeaderRecord Record, IReadOnlyList<ObjectPlace> Places)> Live(IReadOnlyList<HeaderRecord> records)
    {
        List<ObjectId> ids = [.. records.Select(record => archive.Keys.AddressOf(record.Content))];
        return records
            .Zip(ids, index.FindAll(ids))
            .Where(found => needed.IsMissing(found.Second) || found.Third.Any(place => needed.Contains(place.Row) || !goes(place.Pack)))
            .Select(found => (found.First, found.Third));
    }
}
