using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Headers;

/// <summary>Reads messages that lie in packs and whose headers no header pack has: of archives of earlier versions, of runs that were
/// killed, of damaged header packs.</summary>
internal static class HeaderRebuild
{
    /// <param name="packs">All that are to be examined, header packs among them.</param>
    /// <param name="headers">Takes what is missing; not flushed.</param>
    /// <returns>Messages whose headers were missing.</returns>
    public static async Task<long> RunAsync(Archive archive, IEnumerable<PackContents> packs, HeaderWriter headers, CancellationToken stop)
    {
        var (known, missing) = (new HashSet<ObjectId>(), 0L);
        foreach (var pack in packs.Where(pack => BlobKind.Headers.IsOf(pack.Name)))
        {
            await foreach (var records in HeaderSegments.ReadAsync(archive, pack, _ => { }, stop))
                known.UnionWith(records.Select(record => archive.Keys.AddressOf(record.Content)));
        }
        foreach (var pack in packs.Where(pack => BlobKind.Pack.IsOf(pack.Name)))
        {
            var wanted = pack.Entries.Where(entry => !known.Contains(entry.Id)).ToList();
            if (wanted.Count == 0)
                continue;
            using var reader = await BlobReader.OpenAsync(archive, pack.Name, new SegmentBuffers(), stop);
            foreach (var entry in wanted)
            {
                if (await ReadAsync(archive, reader, entry, stop) is not var (content, size, head) || !known.Add(entry.Id))
                    continue;
                await headers.AddAsync(content, size, head, stop);
                missing++;
            }
        }
        return missing;
    }

    /// <returns>Null where it is not what it is filed under: another copy may be whole.</returns>
    private static async Task<(ContentId Content, long Size, byte[] Head)?> ReadAsync(
        Archive archive,
        BlobReader reader,
        PackEntry entry,
        CancellationToken stop
    )
    {
        try
        {
            using var hash = new HashStream(new HeadBytes(HeaderLimits.Kept.Head));
            await using var blob = await reader.OpenAsync(entry.Offset, entry.Stored, stop);
            await reader.CopyAsync(blob, entry.Offset, hash, stop);
            var content = hash.Finish();
            return archive.Keys.AddressOf(content) == entry.Id ? (content, hash.Length, ((HeadBytes)hash.Inner!).Head.ToArray()) : null;
        }
        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
        {
            return null;
        }
    }
}
