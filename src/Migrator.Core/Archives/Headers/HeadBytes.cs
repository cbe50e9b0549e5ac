using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Headers;

/// <summary>Keeps the beginning of what is written to it.</summary>
/// <param name="most">Bytes that are kept, at most.</param>
internal sealed class HeadBytes(int most) : WriteOnlyStream
{
    private readonly MemoryStream _head = new();
    private long _length;

    public override long Length => _length;

    public ReadOnlySpan<byte> Head => _head.GetBuffer().AsSpan(0, (int)_head.Length);

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        _head.Write(bytes[..(int)Math.Min(bytes.Length, most - _head.Length)]);
    }
}
