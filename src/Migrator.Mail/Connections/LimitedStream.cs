namespace Migrator.Mail.Connections;

/// <summary>A connection on which the server's answers are measured before anybody reads them.</summary>
/// <param name="inner">Inside TLS, if there is any.</param>
internal sealed class LimitedStream(Stream inner, IAnswerLimits limits) : ConnectionStream(inner)
{
    public override int Read(Span<byte> buffer)
    {
        var count = Inner.Read(buffer);
        limits.Received(buffer[..count]);
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await Inner.ReadAsync(buffer, cancellationToken);
        limits.Received(buffer.Span[..count]);
        return count;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        limits.Sent();
        Inner.Write(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        limits.Sent();
        return Inner.WriteAsync(buffer, cancellationToken);
    }
}
