using System.Buffers;
using System.Collections.Concurrent;

namespace Migrator.Core.Archives;

/// <summary>Arrays that hold a segment on its way into a blob. There are as many large ones as were in use at once. The shared pool of .NET
/// would keep one, of twice the size, for each thread that has ever returned one.</summary>
internal static class SegmentArrays
{
    // Bytes. Most messages are smaller, and one such array for each thread costs little.
    private const int Small = 1 << 16;

    private static readonly ConcurrentBag<byte[]> s_idle = [];

    /// <summary>One of <see cref="Segments.MaxStored"/> bytes of the longest segment. To be returned.</summary>
    public static byte[] Rent() => s_idle.TryTake(out var idle) ? idle : new byte[Segments.MaxStored(Segments.MaxPlain)];

    /// <summary>One that is long enough for so many plain bytes. To be returned.</summary>
    public static byte[] Rent(int plain) => plain <= Small ? ArrayPool<byte>.Shared.Rent(Math.Max(plain, 1)) : Rent();

    public static void Return(byte[] array)
    {
        if (array.Length <= Small)
            ArrayPool<byte>.Shared.Return(array);
        else
            s_idle.Add(array);
    }
}
