using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Headers;

/// <summary>Keeps the beginning of what is written to it.</summary>
/// <param name="most">Octets that are kept, at most.</param>
internal sealed class HeadOctets(int most) : ReceivingStream
{
    private readonly MemoryStream _head = new();
    private long _length;

    public override long Length => _length;

    public ReadOnlySpan<byte> Head => _head.GetBuffer().AsSpan(0, (int)_head.Length);

    public override void Write(ReadOnlySpan<byte> octets)
    {
        _length += octets.Length;
        _head.Write(octets[..(int)Math.Min(octets.Length, most - _head.Length)]);
    }
}
