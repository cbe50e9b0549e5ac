using System.Buffers.Binary;
using System.Text;

namespace Migrator.Core.Archives;

/// <summary>What lies in one pack.</summary>
/// <param name="Name">The blob's name.</param>
/// <param name="Size">Of the blob, in bytes.</param>
public sealed record PackContents(string Name, long Size, IReadOnlyList<PackEntry> Entries)
{
    /// <summary>Keeps the entries as they lie in a footer, which takes less than anything else.</summary>
    /// <param name="count">Of the entries.</param>
    public static PackContents Of(string name, long size, int count, IEnumerable<PackEntry> entries)
    {
        var (bytes, length) = (new byte[count * PackFooter.EntryLength], 0);
        foreach (var entry in entries)
        {
            Write(entry, bytes.AsSpan(length));
            length += PackFooter.EntryLength;
        }
        return new PackContents(name, size, new PackFooter(bytes.AsMemory(0, length)));
    }

    /// <summary>A footer: entries, one after the other.</summary>
    public static byte[] Footer(IReadOnlyList<PackEntry> entries)
    {
        var bytes = new byte[entries.Count * PackFooter.EntryLength];
        foreach (var (index, entry) in entries.Index())
            Write(entry, bytes.AsSpan(index * PackFooter.EntryLength));
        return bytes;
    }

    /// <exception cref="InvalidDataException">It is not a footer.</exception>
    public static IReadOnlyList<PackEntry> FromFooter(ReadOnlyMemory<byte> bytes) =>
        bytes.Length % PackFooter.EntryLength == 0
            ? new PackFooter(bytes)
            : throw new InvalidDataException("a footer's length is not a multiple of an entry's");

    /// <summary>Bytes that it takes in an index blob.</summary>
    public long IndexLength => sizeof(ushort) + Name.Length + sizeof(long) + sizeof(int) + ((long)Entries.Count * PackFooter.EntryLength);

    public void WriteTo(BinaryWriter writer)
    {
        writer.Write((ushort)Name.Length);
        writer.Write(Encoding.ASCII.GetBytes(Name));
        writer.Write(Size);
        writer.Write(Entries.Count);
        Span<byte> bytes = stackalloc byte[PackFooter.EntryLength];
        foreach (var entry in Entries)
        {
            Write(entry, bytes);
            writer.Write(bytes);
        }
    }

    private static void Write(PackEntry entry, Span<byte> bytes)
    {
        entry.Id.Value.ToArray().CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], entry.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], entry.Stored);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], entry.Plain);
    }

    /// <exception cref="InvalidDataException">It is none.</exception>
    public static PackContents Take(ref ReadOnlyMemory<byte> bytes)
    {
        var name = Encoding.ASCII.GetString(Take(ref bytes, BinaryPrimitives.ReadUInt16LittleEndian(Take(ref bytes, 2).Span)).Span);
        var size = BinaryPrimitives.ReadInt64LittleEndian(Take(ref bytes, 8).Span);
        var count = BinaryPrimitives.ReadInt32LittleEndian(Take(ref bytes, 4).Span);
        return new PackContents(name, size, FromFooter(Take(ref bytes, (long)count * PackFooter.EntryLength)));
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> bytes, long count)
    {
        if (count < 0 || count > bytes.Length)
            throw new InvalidDataException("an index ends in the middle of a pack");
        var taken = bytes[..(int)count];
        bytes = bytes[(int)count..];
        return taken;
    }
}
