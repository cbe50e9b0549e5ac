using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>Reads objects of one blob.</summary>
internal sealed class BlobReader : IDisposable
{
    // A listing may say anything.
    private const long MostExpected = 16L << 20;

    private readonly IBlobStore _store;
    private readonly SegmentBuffers _buffers;
    private AesGcm? _cipher;

    // Makes a cipher of what the end of a pack says of its key; null once one has opened a segment, or where there is none.
    private Func<CancellationToken, Task<AesGcm?>>? _other;

    private BlobReader(IBlobStore store, string name, AesGcm? cipher, SegmentBuffers buffers) =>
        (_store, Name, _cipher, _buffers) = (store, name, cipher, buffers);

    public string Name { get; }

    /// <summary>Where the segment begins that was tried to be opened last.</summary>
    public long Reached { get; private set; }

    /// <summary>Opens a pack.</summary>
    /// <param name="buffers">Shared with other packs that are read by the same reader.</param>
    /// <exception cref="StorageException"><see cref="Reason.BlobMissing"/>, <see cref="Reason.ArchiveDamaged"/>.</exception>
    public static async Task<BlobReader> OpenAsync(
        Archive archive,
        string name,
        SegmentBuffers buffers,
        CancellationToken cancellationToken
    )
    {
        // Without encryption there is nothing in the header that reading needs; check reads it all the same.
        if (!archive.Keys.Encrypted)
            return new BlobReader(archive.Store, name, null, buffers);
        var (header, kind) = (new byte[BlobWriter.HeaderLength], BlobKind.OfPack(name));
        await using (var blob = await archive.Store.OpenAsync(name, 0, header.Length, cancellationToken))
            await blob.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken);
        async Task<AesGcm?> OtherAsync(CancellationToken token)
        {
            var size = (await archive.Store.FindAsync(name, token))?.Size ?? 0;
            return await TrailerAsync(archive.Store, name, size, token) is var (_, stamp) && !stamp.AsSpan().SequenceEqual(header.AsSpan(8))
                ? archive.Keys.Cipher(stamp, kind)
                : null;
        }
        return new BlobReader(archive.Store, name, archive.Keys.Cipher(header.AsSpan(8), kind), buffers) { _other = OtherAsync };
    }

    /// <returns>Where the footer of a pack begins, and what the pack says of its key; null where it does not end as a pack does.</returns>
    public static async Task<(long Footer, byte[] Stamp)?> TrailerAsync(
        IBlobStore store,
        string name,
        long size,
        CancellationToken cancellationToken
    )
    {
        var trailer = new byte[BlobWriter.TrailerLength];
        if (size < trailer.Length)
            return null;
        await using var end = await store.OpenAsync(name, size - trailer.Length, trailer.Length, cancellationToken);
        await end.ReadAtLeastAsync(trailer, trailer.Length, throwOnEndOfStream: false, cancellationToken);
        return BlobWriter.ReadTrailer(trailer);
    }

    /// <summary>Reads a blob that holds one object and the checksum.</summary>
    /// <param name="size">Of the blob in bytes, where it is known; 0 where not.</param>
    /// <param name="buffers">Nobody else uses them meanwhile.</param>
    /// <exception cref="StorageException"><see cref="Reason.BlobMissing"/>, <see cref="Reason.ArchiveDamaged"/>.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAllAsync(
        Archive archive,
        BlobKind kind,
        string name,
        long size,
        WholeBuffers buffers,
        CancellationToken cancellationToken
    )
    {
        var bytes = buffers.Stored((int)Math.Min(size, MostExpected));
        await using (var blob = await archive.Store.OpenAsync(name, 0, long.MaxValue, cancellationToken))
            await blob.CopyToAsync(bytes, cancellationToken);
        var all = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        if (
            all.Length < BlobWriter.HeaderLength + SHA256.HashSizeInBytes
            || !SHA256.HashData(all.Span[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(all.Span[^SHA256.HashSizeInBytes..])
        )
            throw Damaged(archive.Store, name, "its checksum does not match");
        using var reader = new BlobReader(
            archive.Store,
            name,
            Cipher(archive, kind, name, all.Span[..BlobWriter.HeaderLength]),
            buffers.Segments
        );
        using var content = new MemoryStream(PlainLength(all.Span));
        bytes.Position = BlobWriter.HeaderLength;
        await reader.CopyAsync(bytes, BlobWriter.HeaderLength, content, cancellationToken);
        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }

    /// <summary>How long the object of a blob is by its segments. While its bytes were gathered in less room, they would take three times
    /// as much.</summary>
    /// <returns>At most twice the blob's length: more is not believed before it is there.</returns>
    private static int PlainLength(ReadOnlySpan<byte> blob)
    {
        var (at, plain) = ((long)BlobWriter.HeaderLength, 0L);
        try
        {
            for (var isLast = false; !isLast && at + Segments.HeaderLength <= blob.Length; )
            {
                (var stored, var length, _, isLast) = Segments.Header(blob[(int)at..]);
                (at, plain) = (at + Segments.HeaderLength + stored, plain + length);
            }
        }
        catch (InvalidDataException)
        {
            // Said when the segment is opened.
        }
        return (int)Math.Min(plain, Math.Min(2L * blob.Length, Array.MaxLength));
    }

    /// <summary>The bytes of a small object.</summary>
    /// <inheritdoc cref="CopyAsync"/>
    public async Task<byte[]> ReadAsync(long offset, long stored, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream((int)Math.Clamp(stored - Segments.HeaderLength, 0, Segments.MaxPlain));
        await using var blob = await _store.OpenAsync(Name, offset, stored, cancellationToken);
        await CopyAsync(blob, offset, content, cancellationToken);
        return content.Length == content.Capacity ? content.GetBuffer() : content.ToArray();
    }

    /// <summary>Goes on with what the end of the pack says of its key.</summary>
    /// <returns>False where there is no other one.</returns>
    public async Task<bool> TryOtherStampAsync(CancellationToken cancellationToken)
    {
        if (_other is null || await _other(cancellationToken) is not { } other)
            return false;
        _cipher?.Dispose();
        (_cipher, _other) = (other, null);
        return true;
    }

    /// <summary>Whether a segment begins here.</summary>
    /// <param name="offset">In the blob.</param>
    /// <param name="bytes">From there on.</param>
    public bool CanOpen(long offset, ReadOnlySpan<byte> bytes)
    {
        var header = bytes[..Segments.HeaderLength];
        if (!Segments.IsPlausible(header, sealedBody: _cipher is not null))
            return false;
        var (stored, size, _, _) = Segments.Header(header);
        if (stored == 0 || stored > bytes.Length - Segments.HeaderLength)
            return false;
        try
        {
            Segments.Open(_cipher, offset, header, bytes.Slice(Segments.HeaderLength, stored).ToArray(), new byte[size]);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    public Task<Stream> OpenAsync(long offset, long length, CancellationToken cancellationToken) =>
        _store.OpenAsync(Name, offset, length, cancellationToken);

    /// <summary>Copies the object that begins where <paramref name="blob"/> stands.</summary>
    /// <param name="blob">The blob's bytes.</param>
    /// <param name="offset">Where in the blob that is.</param>
    /// <param name="output">Takes the plain bytes.</param>
    /// <param name="cancellationToken">Cancelling leaves <paramref name="output"/> incomplete.</param>
    /// <returns>Bytes that the object takes in the blob.</returns>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveDamaged"/>.</exception>
    public async Task<long> CopyAsync(Stream blob, long offset, Stream output, CancellationToken cancellationToken)
    {
        var start = offset;
        try
        {
            var header = new byte[Segments.HeaderLength];
            for (var last = false; !last; )
            {
                Reached = offset;
                await FillAsync(header);
                int stored,
                    size;
                (stored, size, _, last) = Segments.Header(header);
                var (body, plain) = (_buffers.Body(stored), _buffers.Plain(size));
                await FillAsync(body);
                await OpenAsync(offset, header, body, plain, cancellationToken);
                await output.WriteAsync(plain, cancellationToken);
                offset += Segments.HeaderLength + stored;
            }
            return offset - start;
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(
                _store,
                Name,
                $"{(exception is EndOfStreamException ? "it is cut short" : exception.Message)} (at byte {offset:N0})",
                exception
            );
        }

        async Task FillAsync(Memory<byte> buffer) => await blob.ReadExactlyAsync(buffer, cancellationToken);
    }

    public void Dispose() => _cipher?.Dispose();

    /// <summary>Opens a segment; the first one by what the end of the pack says of its key, where its beginning does not fit.</summary>
    private async Task OpenAsync(long offset, byte[] header, Memory<byte> body, Memory<byte> plain, CancellationToken cancellationToken)
    {
        // Opening destroys what it is given.
        var copy = _other is null ? null : body.ToArray();
        try
        {
            Segments.Open(_cipher, offset, header, body.Span, plain.Span);
            _other = null;
        }
        catch (InvalidDataException) when (copy is not null)
        {
            if (await _other!(cancellationToken) is not { } other)
                throw;
            var first = _cipher;
            try
            {
                Segments.Open(other, offset, header, copy, plain.Span);
                (_cipher, _other) = (other, null);
            }
            finally
            {
                (_cipher == other ? first : other)?.Dispose();
            }
        }
    }

    private static AesGcm? Cipher(Archive archive, BlobKind kind, string name, ReadOnlySpan<byte> header) =>
        Encoding.ASCII.GetString(header[..8]) == kind.Magic
            ? archive.Keys.Cipher(header[8..], kind)
            : throw Damaged(archive.Store, name, "it does not begin with the expected header");

    internal static StorageException Damaged(IBlobStore store, string name, string what, Exception? inner = null) =>
        new(Reason.ArchiveDamaged, $"{store.Location}: {name} is damaged: {what}.", inner);
}
