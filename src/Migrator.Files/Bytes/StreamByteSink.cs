namespace Migrator.Files.Bytes;

internal sealed class StreamByteSink(Stream stream) : IByteSink
{
    public void Write(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    public void End() { }
}
