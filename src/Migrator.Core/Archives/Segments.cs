using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using ZstdSharp;

namespace Migrator.Core.Archives;

/// <summary>How bytes lie in a blob: an object is a row of segments, each of at most 1 MiB of plain bytes, compressed where that
/// gains and sealed where the archive is encrypted. docs/archive-format.md is the reference.</summary>
/// <remarks>A segment is sealed under the blob's key with its offset in the blob as nonce and its header as additional data: none can be
/// moved, cut off or put elsewhere without being noticed.</remarks>
internal static class Segments
{
    public const int MaxPlain = 1 << 20;
    public const int HeaderLength = 8;
    public const int TagLength = 16;

    // Level 3 gains some percent and costs half the speed again.
    private const int CompressionLevel = 1;
    private const uint Last = 1u << 31;
    private const uint Compressed = 1u << 30;
    private const uint LengthMask = Compressed - 1;

    // As many as were in use at once. One for each thread would be one for each that a task has ever continued on, and each takes a
    // megabyte.
    private static readonly ConcurrentBag<Compressor> s_compressors = [];
    private static readonly ConcurrentBag<Decompressor> s_decompressors = [];

    /// <summary>Bytes that a segment takes, at most.</summary>
    public static int MaxStored(int plain) => HeaderLength + plain + TagLength;

    /// <summary>Compresses one segment's bytes where that gains.</summary>
    /// <param name="output">As long as <paramref name="plain"/>, or longer.</param>
    /// <returns>Bytes in <paramref name="output"/>, or 0 where they are better stored as they are.</returns>
    public static int Compress(ReadOnlySpan<byte> plain, Span<byte> output)
    {
        // What is smaller than this has nothing to gain.
        if (plain.Length < 64)
            return 0;
        var compressor = s_compressors.TryTake(out var idle) ? idle : new Compressor(CompressionLevel);
        try
        {
            return compressor.TryWrap(plain, output[..plain.Length], out var written) && written < plain.Length - (plain.Length >> 5)
                ? written
                : 0;
        }
        finally
        {
            s_compressors.Add(compressor);
        }
    }

    /// <summary>Writes one segment.</summary>
    /// <param name="cipher">Null where the archive is not encrypted.</param>
    /// <param name="offset">Where in the blob the segment will begin.</param>
    /// <param name="payload">The bytes, compressed or not.</param>
    /// <param name="plain">How many bytes there are uncompressed.</param>
    /// <param name="last">The object ends with it.</param>
    /// <param name="output">At least <see cref="MaxStored"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Seal(
        AesGcm? cipher,
        long offset,
        ReadOnlySpan<byte> payload,
        bool compressed,
        int plain,
        bool last,
        Span<byte> output
    )
    {
        var length = payload.Length + (cipher is null ? 0 : TagLength);
        BinaryPrimitives.WriteUInt32LittleEndian(output, (uint)length | (last ? Last : 0) | (compressed ? Compressed : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(output[4..], (uint)plain);
        var body = output.Slice(HeaderLength, length);
        if (cipher is null)
        {
            payload.CopyTo(body);
        }
        else
        {
            Span<byte> nonce = stackalloc byte[12];
            Nonce(nonce, offset);
            cipher.Encrypt(nonce, payload, body[..payload.Length], body[payload.Length..], output[..HeaderLength]);
        }
        return HeaderLength + length;
    }

    /// <summary>Reads a segment's header.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static (int Stored, int Plain, bool Compressed, bool Last) Header(ReadOnlySpan<byte> header)
    {
        var word = BinaryPrimitives.ReadUInt32LittleEndian(header);
        var plain = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        var stored = word & LengthMask;
        // Looked at before anything is allocated by it: it may be damaged.
        if (plain > MaxPlain || stored > MaxPlain + TagLength)
            throw new InvalidDataException("a segment's length is out of range");
        return ((int)stored, (int)plain, (word & Compressed) != 0, (word & Last) != 0);
    }

    /// <summary>Whether bytes may be a segment's header: few that are none pass for one.</summary>
    public static bool IsPlausible(ReadOnlySpan<byte> header, bool sealedBody)
    {
        var word = BinaryPrimitives.ReadUInt32LittleEndian(header);
        var (plain, payload) = (
            BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
            (long)(word & LengthMask) - (sealedBody ? TagLength : 0)
        );
        return plain <= MaxPlain && payload >= 0 && ((word & Compressed) != 0 ? payload < plain : payload == plain);
    }

    /// <summary>Opens one segment.</summary>
    /// <param name="body">What follows the header, opened in place.</param>
    /// <param name="output">Takes the plain bytes; as long as the header says.</param>
    /// <exception cref="InvalidDataException">It is damaged, or the key is another.</exception>
    public static void Open(AesGcm? cipher, long offset, ReadOnlySpan<byte> header, Span<byte> body, Span<byte> output)
    {
        var (_, plain, compressed, _) = Header(header);
        if (cipher is not null)
        {
            if (body.Length < TagLength)
                throw new InvalidDataException("a segment is cut short");
            Span<byte> nonce = stackalloc byte[12];
            Nonce(nonce, offset);
            var payload = body[..^TagLength];
            try
            {
                cipher.Decrypt(nonce, payload, body[^TagLength..], payload, header);
            }
            catch (AuthenticationTagMismatchException exception)
            {
                throw new InvalidDataException("a segment is not what was sealed", exception);
            }
            body = payload;
        }
        if (!compressed)
        {
            if (body.Length != plain)
                throw new InvalidDataException("a segment's length is not what its header says");
            body.CopyTo(output);
            return;
        }
        var decompressor = s_decompressors.TryTake(out var idle) ? idle : new Decompressor();
        try
        {
            if (!decompressor.TryUnwrap(body, output[..plain], out var written) || written != plain)
                throw new InvalidDataException("a segment does not decompress to what its header says");
        }
        catch (ZstdException exception)
        {
            throw new InvalidDataException("a segment does not decompress", exception);
        }
        finally
        {
            s_decompressors.Add(decompressor);
        }
    }

    private static void Nonce(Span<byte> nonce, long offset)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(nonce, offset);
    }
}
