namespace Migrator.Mail.Connections;

/// <summary>A connection that sends what is written in large blocks: MailKit writes 4 KiB at a time, and each write is a TLS record, which
/// the server reads one by one too.</summary>
internal sealed class WriteBufferStream(Stream inner) : ConnectionStream(inner)
{
    private readonly byte[] _held = new byte[1 << 16];
    private int _count;

    // A server that lacks a part of a command answers nothing: none is held while an answer is awaited.
    public override int Read(Span<byte> buffer)
    {
        Send();
        return Inner.Read(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await SendAsync(cancellationToken);
        return await Inner.ReadAsync(buffer, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        for (var left = buffer; left.Length > 0; )
        {
            left = left[Hold(left)..];
            if (_count == _held.Length)
                Send();
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var left = buffer; left.Length > 0; )
        {
            left = left[Hold(left.Span)..];
            if (_count == _held.Length)
                await SendAsync(cancellationToken);
        }
    }

    public override void Flush()
    {
        Send();
        Inner.Flush();
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await SendAsync(cancellationToken);
        await Inner.FlushAsync(cancellationToken);
    }

    /// <returns>How many bytes there was room for.</returns>
    private int Hold(ReadOnlySpan<byte> bytes)
    {
        var count = Math.Min(bytes.Length, _held.Length - _count);
        bytes[..count].CopyTo(_held.AsSpan(_count));
        _count += count;
        return count;
    }

    private void Send()
    {
        if (_count == 0)
            return;
        var count = _count;
        _count = 0;
        Inner.Write(_held.AsSpan(0, count));
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        if (_count == 0)
            return;
        var count = _count;
        _count = 0;
        await Inner.WriteAsync(_held.AsMemory(0, count), cancellationToken);
    }
}
