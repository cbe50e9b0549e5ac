using System.Runtime.CompilerServices;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Headers;

/// <summary>Reads packs of header segments.</summary>
internal static class HeaderSegments
{
    /// <summary>The records of one pack, segment by segment. A damaged segment is left out.</summary>
    /// <param name="damaged">Receives what cannot be read.</param>
    /// <param name="buffers">Shared with other packs that are read one after the other; null for separate ones.</param>
    public static async IAsyncEnumerable<IReadOnlyList<HeaderRecord>> ReadAsync(
        Archive archive,
        PackContents pack,
        Action<StorageException> damaged,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        SegmentBuffers? buffers = null
    )
    {
        var entries = pack.Entries.OrderBy(entry => entry.Offset).ToList();
        if (
            entries.Count == 0
            || await OpenAsync(archive, pack.Name, damaged, buffers ?? new SegmentBuffers(), cancellationToken) is not { } reader
        )
            yield break;
        using (reader)
        {
            for (var next = 0; next < entries.Count; )
            {
                var last = next;
                while (last + 1 < entries.Count && entries[last + 1].Offset == entries[last].Offset + entries[last].Stored)
                    last++;
                Stream? blob = null;
                try
                {
                    for (; next <= last; next++)
                    {
                        IReadOnlyList<HeaderRecord> records;
                        try
                        {
                            blob ??= await reader.OpenAsync(
                                entries[next].Offset,
                                entries[last].Offset + entries[last].Stored - entries[next].Offset,
                                cancellationToken
                            );
                            records = await ReadAsync(archive, reader, blob, entries[next], cancellationToken);
                        }
                        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
                        {
                            damaged(exception);
                            next++;
                            // Where the next one begins is not known in this stream any more.
                            break;
                        }
                        yield return records;
                    }
                }
                finally
                {
                    if (blob is not null)
                        await blob.DisposeAsync();
                }
            }
        }
    }

    private static async Task<BlobReader?> OpenAsync(
        Archive archive,
        string pack,
        Action<StorageException> damaged,
        SegmentBuffers buffers,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await BlobReader.OpenAsync(archive, pack, buffers, cancellationToken);
        }
        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
        {
            damaged(exception);
            return null;
        }
    }

    private static async Task<IReadOnlyList<HeaderRecord>> ReadAsync(
        Archive archive,
        BlobReader reader,
        Stream blob,
        PackEntry entry,
        CancellationToken cancellationToken
    )
    {
        using var content = new BoundedContent(entry.Plain);
        await reader.CopyAsync(blob, entry.Offset, content, cancellationToken);
        var bytes = content.Bytes;
        try
        {
            return archive.Keys.AddressOf(ContentId.Of(bytes.Span)) == entry.Id
                ? HeaderCodec.Read(bytes)
                : throw new InvalidDataException("a segment of headers does not match its ID");
        }
        catch (InvalidDataException exception)
        {
            throw BlobReader.Damaged(archive.Store, reader.Name, $"{exception.Message} (at byte {entry.Offset:N0})", exception);
        }
    }

    /// <summary>Takes as much as a segment may have: what a hostile pack holds may continue for ever.</summary>
    private sealed class BoundedContent(long expected) : WriteOnlyStream
    {
        private readonly MemoryStream _content = new((int)Math.Clamp(expected, 0, HeaderCodec.MaxLength));

        public override long Length => _content.Length;

        public ReadOnlyMemory<byte> Bytes => _content.GetBuffer().AsMemory(0, (int)_content.Length);

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            if (_content.Length + bytes.Length > HeaderCodec.MaxLength)
                throw new InvalidDataException("a segment of headers is too long");
            _content.Write(bytes);
        }
    }
}
