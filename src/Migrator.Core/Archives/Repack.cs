using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Migrations;

namespace Migrator.Core.Archives;

/// <summary>Copies what is needed of small packs, and of packs of which little is needed, into new ones. The old ones stay until an index
/// blob lists the new ones and not them.</summary>
/// <param name="buffers">Nobody else uses them meanwhile.</param>
internal sealed class Repack(Archive archive, NeededObjects needed, SegmentBuffers buffers)
{
    private const int LookupsAtOnce = 1_000;

    private readonly HashSet<string> _sources = new(StringComparer.Ordinal);
    private readonly Marks _copied = new();

    /// <summary>Packs that others replace.</summary>
    public IReadOnlyCollection<string> Sources => _sources;

    /// <param name="packs">Those that may go, with something in them that is needed, by their rows.</param>
    public IReadOnlyList<IndexedPack> Choose(IEnumerable<IndexedPack> packs)
    {
        // Kinds stay apart: a store may keep them in different tiers.
        var merged = packs
            .Where(IsSmall)
            .CountBy(pack => BlobKind.OfPack(pack.Name))
            .Where(kind => kind.Value >= MergeLimits.FewestSmall)
            .Select(kind => kind.Key)
            .ToHashSet();
        var (chosen, bytes, objects) = (new List<IndexedPack>(), 0L, 0L);
        foreach (
            var pack in packs
                .Where(pack => IsSmall(pack) ? merged.Contains(BlobKind.OfPack(pack.Name)) : IsSparse(pack))
                .Take(MergeLimits.MostPacks)
        )
        {
            (bytes, objects) = (bytes + pack.Size, objects + pack.Objects);
            // One that is larger than all that may be done in a night must go too, some night.
            if (chosen.Count > 0 && (bytes > MergeLimits.MostBytes || objects > MergeLimits.MostObjects))
                break;
            chosen.Add(pack);
        }
        return chosen;
    }

    /// <returns>The new packs, without their entries, in no index blob yet.</returns>
    public async Task<IReadOnlyList<PackContents>> RunAsync(
        IReadOnlyList<IndexedPack> sources,
        Action<string> progress,
        CancellationToken stop
    )
    {
        var written = new List<PackContents>();
        foreach (var group in sources.GroupBy(pack => BlobKind.OfPack(pack.Name)))
        {
            await using var packs = new PackWriter(archive, group.Key, null);
            foreach (var (number, pack) in group.Index())
            {
                progress($"Merging packs: {number + 1:N0} of {group.Count():N0} in {group.Key.Prefix}");
                await CopyAsync(pack, packs, stop);
            }
            written.AddRange(await packs.FlushAsync(stop));
        }
        return written;
    }

    /// <summary>Whether all that is needed of a pack was copied: a snapshot that was written meanwhile may need more.</summary>
    public bool IsWhole(IndexedPack pack) =>
        _sources.Contains(pack.Name)
        && Enumerable
            .Range(0, pack.Objects)
            .All(place => !needed.Contains(pack.FirstRow + place) || _copied.Contains(pack.FirstRow + place));

    private async Task CopyAsync(IndexedPack pack, PackWriter packs, CancellationToken stop)
    {
        var contents = archive.Index.Packs.Read(pack.Name)!;
        try
        {
            using var reader = await BlobReader.OpenAsync(archive, pack.Name, buffers, stop);
            var live = contents.Entries.Index().Where(entry => needed.Contains(pack.FirstRow + entry.Index));
            foreach (var some in live.Chunk(LookupsAtOnce))
            {
                var copies = archive.Index.Packs.FindAll([.. some.Select(entry => entry.Item.Id)]);
                foreach (var ((place, entry), rows) in some.Zip(copies))
                {
                    // Only what was read and copied here: another copy elsewhere may be damaged.
                    if (!rows.Any(copy => _copied.Contains(copy.Row)))
                        await CopyAsync(reader, entry, packs, stop);
                    _copied.Add(pack.FirstRow + place);
                }
            }
            _sources.Add(pack.Name);
        }
        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
        {
            // It stays as it is: check names it, and repair saves what is whole.
        }
    }

    private async Task CopyAsync(BlobReader reader, PackEntry entry, PackWriter packs, CancellationToken stop)
    {
        await using Stream bytes =
            entry.Plain <= Segments.MaxPlain
                ? new MemoryStream((int)entry.Plain)
                : PrivateFiles.CreateTemporary(options: FileOptions.Asynchronous);
        await using var hash = new HashStream(bytes);
        await using (var blob = await reader.OpenAsync(entry.Offset, entry.Stored, stop))
            await reader.CopyAsync(blob, entry.Offset, hash, stop);
        if (hash.Length != entry.Plain || archive.Keys.AddressOf(hash.Finish()) != entry.Id)
            throw BlobReader.Damaged(archive.Store, reader.Name, $"the object at byte {entry.Offset:N0} is not what was written");
        bytes.Position = 0;
        await (
            bytes is MemoryStream small
                ? packs.AddAsync(entry.Id, small.GetBuffer().AsMemory(0, (int)small.Length), stop)
                : packs.AddAsync(entry.Id, bytes, entry.Plain, stop)
        );
    }

    private static bool IsSmall(IndexedPack pack) => pack.Size < MergeLimits.Small && pack.Objects < MergeLimits.FewObjects;

    private bool IsSparse(IndexedPack pack)
    {
        // Not of the pack's size: of tiny messages, the list of contents takes most of it.
        var (live, all) = (0L, 0L);
        foreach (var (place, entry) in archive.Index.Packs.Read(pack.Name)!.Entries.Index())
            (live, all) = (live + (needed.Contains(pack.FirstRow + place) ? entry.Stored : 0), all + entry.Stored);
        return live * 2 < all;
    }
}
