using Migrator.Core.Pacing;
using Migrator.Mail.Pacing;

namespace Migrator.Mail.Connections;

/// <summary>A connection whose bytes count towards limits. Slow reading slows the server down (TCP).</summary>
internal sealed class PacedStream(Stream inner, Pacer pacer) : ConnectionStream(inner)
{
    public override int Read(Span<byte> buffer)
    {
        var count = Inner.Read(buffer);
        pacer.TransferAsync(TransferDirection.Download, count, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await Inner.ReadAsync(buffer, cancellationToken);
        await pacer.TransferAsync(TransferDirection.Download, count, cancellationToken);
        return count;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        pacer.TransferAsync(TransferDirection.Upload, buffer.Length, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        Inner.Write(buffer);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await pacer.TransferAsync(TransferDirection.Upload, buffer.Length, cancellationToken);
        await Inner.WriteAsync(buffer, cancellationToken);
    }
}
