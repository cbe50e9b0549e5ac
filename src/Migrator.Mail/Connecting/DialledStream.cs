using System.Net.Sockets;

namespace Migrator.Mail.Connecting;

/// <summary>A connection that is given up once the other side has been silent for too long. A NetworkStream minds its timeouts only where
/// nothing is asynchronous: a firewall that forgets a connection would hold a run up for ever. The socket is closed then, because what was
/// under way on it cannot be taken back.</summary>
internal sealed class DialledStream(Socket socket, TimeProvider time) : NetworkStream(socket, ownsSocket: true)
{
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(2);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = base.ReadAsync(buffer, cancellationToken);
        return reading.IsCompleted ? reading : new ValueTask<int>(ReadAsync(reading.AsTask()));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var writing = base.WriteAsync(buffer, cancellationToken);
        return writing.IsCompleted ? writing : new ValueTask(LimitAsync(writing.AsTask()));
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private async Task<int> ReadAsync(Task<int> reading)
    {
        await LimitAsync(reading).ConfigureAwait(false);
        return await reading.ConfigureAwait(false);
    }

    private async Task LimitAsync(Task transfer)
    {
        try
        {
            await transfer.WaitAsync(s_silence, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await DisposeAsync().ConfigureAwait(false);
            // Until it has ended, the buffer is in use.
            await transfer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new IOException($"The server was silent for {s_silence.TotalSeconds:0} s.");
        }
    }
}
