using System.Buffers.Binary;
using System.Collections;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>The entries of a pack as they lie in its footer: each is read when it is asked for.</summary>
/// <param name="bytes">A whole number of entries.</param>
internal sealed class PackFooter(ReadOnlyMemory<byte> bytes) : IReadOnlyList<PackEntry>
{
    public const int EntryLength = ContentId.Length + (3 * sizeof(long));

    public int Count => bytes.Length / EntryLength;

    public PackEntry this[int index]
    {
        get
        {
            var span = bytes.Span.Slice(index * EntryLength, EntryLength);
            return new PackEntry(
                new ObjectId(new ContentId(span[..32])),
                BinaryPrimitives.ReadInt64LittleEndian(span[32..]),
                BinaryPrimitives.ReadInt64LittleEndian(span[40..]),
                BinaryPrimitives.ReadInt64LittleEndian(span[48..])
            );
        }
    }

    public IEnumerator<PackEntry> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
            yield return this[index];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
