using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Reads objects of one blob.</summary>
internal sealed class BlobReader : IDisposable
{
    private readonly IBlobStore _store;
    private readonly AesGcm? _cipher;
    private readonly SegmentBuffers _buffers;

    private BlobReader(IBlobStore store, string name, AesGcm? cipher, SegmentBuffers buffers) => (_store, Name, _cipher, _buffers) = (store, name, cipher, buffers);

    public string Name { get; }

    /// <summary>Opens a pack.</summary>
    /// <param name="buffers">Shared with other packs that are read by the same reader.</param>
    /// <exception cref="StorageException"><see cref="Reason.BlobMissing"/>, <see cref="Reason.ArchiveDamaged"/>.</exception>
    public static async Task<BlobReader> OpenAsync(Archive archive, string name, SegmentBuffers buffers, CancellationToken cancellationToken)
    {
        // Without encryption there is nothing in the header that reading needs; check reads it all the same.
        if (!archive.Keys.Encrypted)
            return new BlobReader(archive.Store, name, null, buffers);
        var header = new byte[BlobWriter.HeaderLength];
        await using var blob = await archive.Store.OpenAsync(name, 0, header.Length, cancellationToken).ConfigureAwait(false);
        await blob.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return new BlobReader(archive.Store, name, Cipher(archive, BlobKind.OfPack(name), name, header), buffers);
    }

    /// <summary>Reads a blob that holds one object and the checksum.</summary>
    /// <exception cref="StorageException"><see cref="Reason.BlobMissing"/>, <see cref="Reason.ArchiveDamaged"/>.</exception>
    public static async Task<byte[]> ReadAllAsync(Archive archive, BlobKind kind, string name, CancellationToken cancellationToken)
    {
        using var octets = new MemoryStream();
        await using (var blob = await archive.Store.OpenAsync(name, 0, long.MaxValue, cancellationToken).ConfigureAwait(false))
            await blob.CopyToAsync(octets, cancellationToken).ConfigureAwait(false);
        var all = octets.GetBuffer().AsMemory(0, (int)octets.Length);
        if (all.Length < BlobWriter.HeaderLength + SHA256.HashSizeInBytes || !SHA256.HashData(all.Span[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(all.Span[^SHA256.HashSizeInBytes..]))
            throw Damaged(archive.Store, name, "its checksum does not fit");
        using var reader = new BlobReader(archive.Store, name, Cipher(archive, kind, name, all.Span[..BlobWriter.HeaderLength]), new SegmentBuffers());
        using var content = new MemoryStream();
        octets.Position = BlobWriter.HeaderLength;
        await reader.CopyAsync(octets, BlobWriter.HeaderLength, content, cancellationToken).ConfigureAwait(false);
        return content.ToArray();
    }

    /// <summary>The octets of a small object.</summary>
    /// <inheritdoc cref="CopyAsync"/>
    public async Task<byte[]> ReadAsync(long offset, long stored, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await using var blob = await _store.OpenAsync(Name, offset, stored, cancellationToken).ConfigureAwait(false);
        await CopyAsync(blob, offset, content, cancellationToken).ConfigureAwait(false);
        return content.ToArray();
    }

    public Task<Stream> OpenAsync(long offset, long length, CancellationToken cancellationToken) => _store.OpenAsync(Name, offset, length, cancellationToken);

    /// <summary>Copies the object that begins where <paramref name="blob"/> stands.</summary>
    /// <param name="blob">The blob's octets.</param>
    /// <param name="offset">Where in the blob that is.</param>
    /// <param name="output">Takes the plain octets.</param>
    /// <param name="cancellationToken">Cancelling leaves <paramref name="output"/> incomplete.</param>
    /// <returns>Octets that the object takes in the blob.</returns>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveDamaged"/>.</exception>
    public async Task<long> CopyAsync(Stream blob, long offset, Stream output, CancellationToken cancellationToken)
    {
        var start = offset;
        try
        {
            var header = new byte[Segments.HeaderLength];
            for (var last = false; !last;)
            {
                await FillAsync(header).ConfigureAwait(false);
                int stored, size;
                (stored, size, _, last) = Segments.Header(header);
                var (body, plain) = (_buffers.Body(stored), _buffers.Plain(size));
                await FillAsync(body).ConfigureAwait(false);
                Segments.Open(_cipher, offset, header, body.Span, plain.Span);
                await output.WriteAsync(plain, cancellationToken).ConfigureAwait(false);
                offset += Segments.HeaderLength + stored;
            }
            return offset - start;
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(_store, Name, $"{(exception is EndOfStreamException ? "it is cut short" : exception.Message)} (at octet {offset:N0})", exception);
        }

        async Task FillAsync(Memory<byte> buffer) => await blob.ReadExactlyAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _cipher?.Dispose();

    private static AesGcm? Cipher(Archive archive, BlobKind kind, string name, ReadOnlySpan<byte> header) =>
        Encoding.ASCII.GetString(header[..8]) == kind.Magic ? archive.Keys.Cipher(header[8..], kind)
            : throw Damaged(archive.Store, name, "it does not begin as such a blob does");

    internal static StorageException Damaged(IBlobStore store, string name, string what, Exception? inner = null) =>
        new(Reason.ArchiveDamaged, $"{store.Location}: {name} is damaged: {what}.", inner);
}
