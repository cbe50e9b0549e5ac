using Migrator.Core.Blobs;
using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>Finds the objects of a pack whose footer cannot be read and that no index lists: segments delimit themselves, and what an
/// object is filed under follows from its bytes.</summary>
internal static class PackWalk
{
    // A damaged place is skipped by looking for the next segment behind it: an object has at most so many bytes of one.
    private const int Window = 4 << 20;

    /// <returns>The objects that are whole, in the order in which they lie there.</returns>
    public static async Task<IReadOnlyList<PackEntry>> ReadAsync(Archive archive, BlobInfo blob, CancellationToken cancellationToken)
    {
        var (entries, end) = (new List<PackEntry>(), blob.Size);
        if (await BlobReader.TrailerAsync(archive.Store, blob.Name, blob.Size, cancellationToken) is var (footer, _))
            end = footer > BlobWriter.HeaderLength && footer < blob.Size ? footer : blob.Size - BlobWriter.TrailerLength;
        using var reader = await BlobReader.OpenAsync(archive, blob.Name, new SegmentBuffers(), cancellationToken);
        for (long offset = BlobWriter.HeaderLength; offset < end; )
        {
            if (await ObjectAsync(archive, reader, offset, end, cancellationToken) is { } entry)
            {
                entries.Add(entry);
                offset += entry.Stored;
            }
            // Behind the segment that failed: what came before it is part of the same object.
            else if (await NextAsync(reader, Math.Max(offset, reader.Reached) + 1, end, cancellationToken) is { } next)
            {
                offset = next;
            }
            else if (entries.Count > 0 || !await reader.TryOtherStampAsync(cancellationToken))
            {
                break;
            }
        }
        // Without a trailer, the footer is one more object, which does no harm.
        return entries;
    }

    private static async Task<PackEntry?> ObjectAsync(
        Archive archive,
        BlobReader reader,
        long offset,
        long end,
        CancellationToken cancellationToken
    )
    {
        await using var hash = new HashStream();
        try
        {
            await using var blob = await reader.OpenAsync(offset, end - offset, cancellationToken);
            var stored = await reader.CopyAsync(blob, offset, hash, cancellationToken);
            return new PackEntry(archive.Keys.AddressOf(hash.Finish()), offset, stored, hash.Length);
        }
        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
        {
            return null;
        }
    }

    /// <summary>Where the next segment begins that can be opened.</summary>
    private static async Task<long?> NextAsync(BlobReader reader, long offset, long end, CancellationToken cancellationToken)
    {
        var bytes = new byte[Window];
        for (; offset + Segments.HeaderLength < end; offset += Window / 2)
        {
            await using var blob = await reader.OpenAsync(offset, Math.Min(Window, end - offset), cancellationToken);
            var count = await blob.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            // What begins in the second half may not end in this window: the next one begins there.
            var most = offset + count >= end ? count : count / 2;
            for (var at = 0; at + Segments.HeaderLength < most; at++)
            {
                if (reader.CanOpen(offset + at, bytes.AsSpan(at, count - at)))
                    return offset + at;
            }
        }
        return null;
    }
}
