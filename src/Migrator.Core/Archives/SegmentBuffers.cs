namespace Migrator.Core.Archives;

/// <summary>Room for one segment on its way out of a blob, kept for the next one: rented for each, the pool would keep some for every
/// thread. One reader at a time.</summary>
internal sealed class SegmentBuffers
{
    private byte[] _body = [];
    private byte[] _plain = [];

    public Memory<byte> Body(int length) => Grown(ref _body, length);

    public Memory<byte> Plain(int length) => Grown(ref _plain, length);

    private static Memory<byte> Grown(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new byte[Math.Max(length, Math.Min(2 * buffer.Length, Segments.MaxStored(Segments.MaxPlain)))];
        return buffer.AsMemory(0, length);
    }
}
