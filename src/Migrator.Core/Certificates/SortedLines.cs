using System.Buffers.Binary;
using Migrator.Core.Files;

namespace Migrator.Core.Certificates;

/// <summary>Lines that come in any order and are read by their keys, in bounded memory: what is more than that is on disk, in parts that
/// are sorted. Of several with one key, the last counts.</summary>
/// <param name="directory">Of the files for the moment.</param>
/// <param name="most">Bytes that are held.</param>
internal sealed class SortedLines(string directory, int most = 32 << 20) : IDisposable
{
    // What an item takes beside its bytes.
    private const int Overhead = 96;
    private const int Buffer = 1 << 16;

    private readonly List<FileStream> _parts = [];
    private List<(byte[] Key, byte[] Line)> _held = [];
    private long _size;

    public void Add(byte[] key, byte[] line)
    {
        _held.Add((key, line));
        _size += key.Length + line.Length + Overhead;
        if (_size < most)
            return;
        // Kept before it is filled, so that a full disk leaves nothing open.
        var part = PrivateFiles.CreateTemporary(directory);
        _parts.Add(part);
        var buffered = new BufferedStream(part, Buffer);
        foreach (var (itsKey, itsLine) in Sorted())
        {
            Write(buffered, itsKey);
            Write(buffered, itsLine);
        }
        buffered.Flush();
        (_held, _size) = ([], 0);
    }

    public IEnumerable<(byte[] Key, byte[] Line)> Read()
    {
        var sources = _parts.Select(Read).Append(Sorted()).Select(items => items.GetEnumerator()).ToList();
        var next = new PriorityQueue<IEnumerator<(byte[] Key, byte[] Line)>, (byte[] Key, int Part)>(
            Comparer<(byte[] Key, int Part)>.Create(
                (one, other) =>
                    CertificateFormat.ByBytes.Compare(one.Key, other.Key) is var order and not 0 ? order : one.Part.CompareTo(other.Part)
            )
        );
        var ranks = sources.Index().ToDictionary(source => source.Item, source => source.Index);
        foreach (var source in sources.Where(source => source.MoveNext()))
            next.Enqueue(source, (source.Current.Key, ranks[source]));
        (byte[] Key, byte[] Line)? last = null;
        while (next.TryDequeue(out var source, out _))
        {
            var item = source.Current;
            if (last is { } before && CertificateFormat.ByBytes.Compare(before.Key, item.Key) != 0)
                yield return before;
            last = item;
            if (source.MoveNext())
                next.Enqueue(source, (source.Current.Key, ranks[source]));
        }
        if (last is { } end)
            yield return end;
    }

    public void Dispose()
    {
        foreach (var part in _parts)
            part.Dispose();
    }

    // Stable, as the last of a key counts.
    private IEnumerable<(byte[] Key, byte[] Line)> Sorted() => _held.OrderBy(item => item.Key, CertificateFormat.ByBytes);

    private static void Write(Stream part, byte[] bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        part.Write(length);
        part.Write(bytes);
    }

    private static IEnumerable<(byte[] Key, byte[] Line)> Read(FileStream part)
    {
        part.Position = 0;
        var buffered = new BufferedStream(part, Buffer);
        while (ReadOne(buffered) is { } key)
            yield return (key, ReadOne(buffered)!);
    }

    private static byte[]? ReadOne(Stream part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        if (part.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) < length.Length)
            return null;
        var bytes = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
        part.ReadExactly(bytes);
        return bytes;
    }
}
