using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Copies what is needed of small packs, and of packs of which little is needed, into new ones. The old ones stay until an index blob lists the new ones and not
/// them.</summary>
internal sealed class Repack(Archive archive, NeededObjects needed)
{
    private readonly Dictionary<string, HashSet<long>> _copied = new(StringComparer.Ordinal);

    // Reserved, but their copy was damaged: the next pack that holds one is asked for it.
    private readonly HashSet<ObjectId> _failed = [];

    /// <summary>Packs in place of which others stand.</summary>
    public IReadOnlyCollection<string> Sources => _copied.Keys;

    /// <param name="packs">Those that may go, with something in them that is needed, by their rows.</param>
    public IReadOnlyList<IndexedPack> Choose(IEnumerable<IndexedPack> packs)
    {
        // Kinds stay apart: a store may keep them in different tiers.
        var merged = packs.Where(IsSmall).CountBy(pack => BlobKind.OfPack(pack.Name)).Where(kind => kind.Value >= MergeLimits.FewestSmall).Select(kind => kind.Key).ToHashSet();
        // Both are summed up, whichever is reached first.
        var (octets, objects) = (0L, 0L);
        return [.. packs.Where(pack => IsSmall(pack) ? merged.Contains(BlobKind.OfPack(pack.Name)) : IsSparse(pack)).Take(MergeLimits.MostPacks).TakeWhile(pack => ((octets += pack.Size) <= MergeLimits.MostOctets & (objects += pack.Objects) <= MergeLimits.MostObjects) || octets == pack.Size)];
    }

    /// <returns>The new packs, in no index blob yet.</returns>
    public async Task<IReadOnlyList<PackContents>> RunAsync(IReadOnlyList<IndexedPack> sources, Action<string> progress, CancellationToken stop)
    {
        // Only what was read and copied here counts as copied: another copy elsewhere may be damaged.
        var index = new ArchiveIndex(new MemoryPackIndex());
        var written = new List<PackContents>();
        foreach (var group in sources.GroupBy(pack => BlobKind.OfPack(pack.Name)))
        {
            await using var packs = new PackWriter(archive, group.Key, index);
            foreach (var (number, pack) in group.Index())
            {
                progress($"Merging packs: {number + 1:N0} of {group.Count():N0} in {group.Key.Prefix}");
                await CopyAsync(pack, index, packs, stop).ConfigureAwait(false);
            }
            written.AddRange(await packs.FlushAsync(stop).ConfigureAwait(false));
        }
        return written;
    }

    /// <summary>Whether all that is needed of a pack was copied: a snapshot that was written meanwhile may need more.</summary>
    public bool IsWhole(IndexedPack pack) => _copied.TryGetValue(pack.Name, out var copied)
        && Enumerable.Range(0, pack.Objects).All(place => !needed.Contains(pack.FirstRow + place) || copied.Contains(pack.FirstRow + place));

    private async Task CopyAsync(IndexedPack pack, ArchiveIndex index, PackWriter packs, CancellationToken stop)
    {
        var (copied, contents) = (new HashSet<long>(), archive.Index.Packs.Read(pack.Name)!);
        try
        {
            using var reader = await BlobReader.OpenAsync(archive, pack.Name, new SegmentBuffers(), stop).ConfigureAwait(false);
            foreach (var (place, entry) in contents.Entries.Index().Where(entry => needed.Contains(pack.FirstRow + entry.Index)))
            {
                if (index.TryReserve(entry.Id) || _failed.Contains(entry.Id))
                {
                    _failed.Add(entry.Id);
                    await CopyAsync(reader, entry, packs, stop).ConfigureAwait(false);
                    _failed.Remove(entry.Id);
                }
                copied.Add(pack.FirstRow + place);
            }
            _copied[pack.Name] = copied;
        }
        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
        {
            // It stays as it is: check names it, and repair saves what is whole.
        }
    }

    private async Task CopyAsync(BlobReader reader, PackEntry entry, PackWriter packs, CancellationToken stop)
    {
        await using Stream octets = entry.Plain <= Segments.MaxPlain ? new MemoryStream((int)entry.Plain)
            : new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await using var hash = new HashStream(octets);
        await using (var blob = await reader.OpenAsync(entry.Offset, entry.Stored, stop).ConfigureAwait(false))
            await reader.CopyAsync(blob, entry.Offset, hash, stop).ConfigureAwait(false);
        if (hash.Length != entry.Plain || archive.Keys.AddressOf(hash.Finish()) != entry.Id)
            throw BlobReader.Damaged(archive.Store, reader.Name, $"the object at octet {entry.Offset:N0} is not what was written");
        octets.Position = 0;
        await packs.AddAsync(entry.Id, octets, entry.Plain, stop).ConfigureAwait(false);
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
