using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Blobs;

namespace Migrator.Core.Archives;

/// <summary>Writes objects into one blob: header, then segments. One call at a time.</summary>
internal sealed class BlobWriter : IAsyncDisposable
{
    public const int HeaderLength = 8 + ArchiveKeys.StampLength;
    public const int TrailerLength = 8 + ArchiveKeys.StampLength + 8;
    private static ReadOnlySpan<byte> TrailerMagic => "MIGREND1"u8;

    private readonly IBlobDraft _draft;
    private readonly AesGcm? _cipher;
    private readonly byte[] _stamp;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _sealed = SegmentArrays.Rent();

    private BlobWriter(IBlobDraft draft, AesGcm? cipher, byte[] stamp) => (_draft, _cipher, _stamp) = (draft, cipher, stamp);

    /// <summary>Bytes written so far: where the next segment begins.</summary>
    public long Length { get; private set; }

    public static async Task<BlobWriter> BeginAsync(IBlobStore store, ArchiveKeys keys, BlobKind kind, CancellationToken cancellationToken)
    {
        var stamp = keys.Stamp();
        var writer = new BlobWriter(await store.DraftAsync(cancellationToken), keys.Cipher(stamp, kind), stamp);
        await writer.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(kind.Magic), .. stamp], cancellationToken);
        return writer;
    }

    /// <summary>Writes one segment whose bytes may be compressed already.</summary>
    public Task AppendAsync(ReadOnlySpan<byte> payload, bool compressed, int plain, bool last, CancellationToken cancellationToken)
    {
        var length = Segments.Seal(_cipher, Length, payload, compressed, plain, last, _sealed);
        return WriteAsync(_sealed.AsMemory(0, length), cancellationToken);
    }

    /// <summary>Writes an object of any length, a segment at a time.</summary>
    public async Task AppendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var packed = SegmentArrays.Rent(Math.Min(content.Length, Segments.MaxPlain));
        try
        {
            for (var last = false; !last; )
            {
                var plain = content[..Math.Min(content.Length, Segments.MaxPlain)];
                content = content[plain.Length..];
                last = plain.Length < Segments.MaxPlain;
                var size = Segments.Compress(plain.Span, packed);
                await AppendAsync(size > 0 ? packed.AsSpan(0, size) : plain.Span, size > 0, plain.Length, last, cancellationToken);
            }
        }
        finally
        {
            SegmentArrays.Return(packed);
        }
    }

    /// <inheritdoc cref="AppendAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    public async Task AppendAsync(Stream content, CancellationToken cancellationToken)
    {
        var (plain, packed) = (SegmentArrays.Rent(), SegmentArrays.Rent());
        try
        {
            for (var last = false; !last; )
            {
                var count = await content.ReadAtLeastAsync(
                    plain.AsMemory(0, Segments.MaxPlain),
                    Segments.MaxPlain,
                    throwOnEndOfStream: false,
                    cancellationToken
                );
                var size = Segments.Compress(plain.AsSpan(0, count), packed);
                last = count < Segments.MaxPlain;
                await AppendAsync(size > 0 ? packed.AsSpan(0, size) : plain.AsSpan(0, count), size > 0, count, last, cancellationToken);
            }
        }
        finally
        {
            SegmentArrays.Return(plain);
            SegmentArrays.Return(packed);
        }
    }

    /// <summary>Ends a pack: says where its footer, the object written last, begins, and repeats what the header says of the key: without
    /// it, one damaged sector at the beginning would take all of the pack with it.</summary>
    public Task WriteTrailerAsync(long footer, CancellationToken cancellationToken)
    {
        var trailer = new byte[TrailerLength];
        BinaryPrimitives.WriteInt64LittleEndian(trailer, footer);
        _stamp.CopyTo(trailer.AsSpan(8));
        TrailerMagic.CopyTo(trailer.AsSpan(8 + ArchiveKeys.StampLength));
        return WriteAsync(trailer, cancellationToken);
    }

    /// <summary>Ends a blob that is not named for its bytes: writes their SHA-256.</summary>
    public Task WriteChecksumAsync(CancellationToken cancellationToken) => WriteAsync(_hash.GetCurrentHash(), cancellationToken);

    /// <returns>Where the footer begins, and what the pack says of its key; null where this is not a trailer.</returns>
    public static (long Footer, byte[] Stamp)? ReadTrailer(ReadOnlySpan<byte> trailer) =>
        trailer.Length == TrailerLength && trailer[(8 + ArchiveKeys.StampLength)..].SequenceEqual(TrailerMagic)
            ? (BinaryPrimitives.ReadInt64LittleEndian(trailer), trailer.Slice(8, ArchiveKeys.StampLength).ToArray())
            : null;

    /// <summary>SHA-256 of all bytes of the blob, in hexadecimal. Once, at the end.</summary>
    public string Hash() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public Task<bool> CommitAsync(string name, CancellationToken cancellationToken) => _draft.CommitAsync(name, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _cipher?.Dispose();
        _hash.Dispose();
        SegmentArrays.Return(_sealed);
        await _draft.DisposeAsync();
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _hash.AppendData(bytes.Span);
        Length += bytes.Length;
        await _draft.Content.WriteAsync(bytes, cancellationToken);
    }
}
