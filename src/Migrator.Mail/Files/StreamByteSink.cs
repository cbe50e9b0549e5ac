namespace Migrator.Mail.Files;

internal sealed class StreamByteSink(Stream stream) : IByteSink
{
    public void Write(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    public void End() { }
}
