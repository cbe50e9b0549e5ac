namespace Migrator.Files.Bytes;

/// <summary>Keeps the first bytes and drops the rest.</summary>
internal sealed class FirstBytesSink(int limit) : IByteSink
{
    private readonly MemoryStream _kept = new();

    /// <summary>The header is whole, or longer than the limit.</summary>
    public bool HasHeader => _kept.Length == limit || Kept.IndexOf("\n\n"u8) >= 0 || Kept.IndexOf("\n\r\n"u8) >= 0;

    public ReadOnlySpan<byte> Kept => _kept.GetBuffer().AsSpan(0, (int)_kept.Length);

    public void Write(ReadOnlySpan<byte> bytes) => _kept.Write(bytes[..(int)Math.Min(bytes.Length, limit - _kept.Length)]);

    public void End() { }
}
