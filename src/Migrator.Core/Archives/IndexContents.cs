using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Migrations;

namespace Migrator.Core.Archives;

/// <summary>What an index blob says: the packs that it lists, and the index blobs that it replaces. Those do not count any more,
/// also where they are still there.</summary>
/// <param name="Supersedes">Names of index blobs.</param>
internal sealed record IndexContents(IReadOnlyList<string> Supersedes, IReadOnlyList<PackContents> Packs)
{
    // Without it, two index blobs of the same packs would have one name: a new one could be taken for one that another supersedes.
    private const int NonceLength = 16;

    private const int IdLength = 32;
    private const int Step = 1 << 18;

    /// <param name="buffer">Is overwritten, and replaced by a longer one where it is too short.</param>
    /// <returns>A part of it.</returns>
    public ReadOnlyMemory<byte> ToBytes(ref byte[] buffer)
    {
        var length = NonceLength + sizeof(int) + ((long)Supersedes.Count * IdLength) + Packs.Sum(pack => pack.IndexLength);
        // Of its final length from the beginning: while it grew, it would take three times as much. With room for the next one, which may
        // be a little longer.
        if (buffer.Length < length)
            buffer = new byte[(length + Step - 1) / Step * Step];
        using var writer = new BinaryWriter(new MemoryStream(buffer, 0, (int)length), Encoding.ASCII);
        writer.Write(RandomNumberGenerator.GetBytes(NonceLength));
        writer.Write(Supersedes.Count);
        foreach (var name in Supersedes)
            writer.Write(Convert.FromHexString(name[BlobKind.Index.Prefix.Length..]));
        foreach (var pack in Packs)
            pack.WriteTo(writer);
        return buffer.AsMemory(0, (int)length);
    }

    /// <exception cref="InvalidDataException">It is not an index.</exception>
    public static IndexContents Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < NonceLength + sizeof(int))
            throw new InvalidDataException("an index is cut short");
        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[NonceLength..]);
        bytes = bytes[(NonceLength + sizeof(int))..];
        if (count < 0 || (long)count * IdLength > bytes.Length)
            throw new InvalidDataException("an index is cut short");
        var supersedes = new string[count];
        for (var index = 0; index < count; index++)
            supersedes[index] = BlobKind.Index.Prefix + Convert.ToHexStringLower(bytes.Span.Slice(index * IdLength, IdLength));
        bytes = bytes[(count * IdLength)..];
        var packs = new List<PackContents>();
        while (bytes.Length > 0)
            packs.Add(PackContents.Take(ref bytes));
        return new IndexContents(supersedes, packs);
    }
}
