using Migrator.Core.Mail;

namespace Migrator.Mail.Pop3;

/// <summary>A message on its way from the wire to where it is wanted, with the size that was announced for it.</summary>
/// <remarks>Where the last line of a message has no end, the server adds one, or the dot could not stand on a line of its own: that one is
/// left out again. Whatever goes beyond the announced size is not passed on.</remarks>
internal sealed class PassingMessage(long announced, Stream target, ArrivalDate header)
{
    private readonly byte[] _beyond = new byte[2];

    /// <summary>Bytes that came, an added line end among them.</summary>
    public long Received { get; private set; }

    /// <summary>Line ends that came.</summary>
    public long Lines { get; private set; }

    /// <summary>As many bytes came as were announced, and were passed on.</summary>
    public bool IsWhole => Received == announced || (Received == announced + 2 && _beyond.AsSpan().SequenceEqual("\r\n"u8));

    public void Append(ReadOnlySpan<byte> bytes)
    {
        header.Append(bytes);
        var within = bytes[..(int)Math.Clamp(announced - Received, 0, bytes.Length)];
        if (within.Length > 0)
            target.Write(within);
        for (var position = within.Length; position < bytes.Length && Received + position < announced + 2; position++)
            _beyond[Received + position - announced] = bytes[position];
        Received += bytes.Length;
        Lines += bytes.Count((byte)'\n');
    }
}
