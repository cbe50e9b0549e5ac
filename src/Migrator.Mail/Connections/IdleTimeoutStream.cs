using System.Net.Sockets;

namespace Migrator.Mail.Connections;

/// <summary>A connection that is given up once the other side has been silent for too long, or says so little for so long that it only
/// holds the connection. A NetworkStream minds its timeouts only where nothing is asynchronous: a firewall that forgets a connection would
/// hold a run up for ever. The socket is closed then, because what was in progress on it cannot be taken back.</summary>
internal sealed class IdleTimeoutStream(Socket socket, TimeProvider time) : NetworkStream(socket, ownsSocket: true)
{
    /// <summary>Of an answer, at least so many bytes come in <see cref="s_progressInterval"/>.</summary>
    private const int LeastBytes = 64 << 10;

    // Until somebody is logged in, and some more.
    private const int RoundTripsMeasured = 16;

    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_progressInterval = TimeSpan.FromMinutes(10);

    // Of the answer that is being read: how long it was waited for, and what came. Time in which nobody wanted to read does not count.
    private TimeSpan _waited;
    private long _bytes;

    // When the first of what was sent since the last answer went out; 0 for nothing.
    private long _sent;

    private readonly List<TimeSpan> _roundTrips = new(RoundTripsMeasured);

    /// <summary>What it usually took until something came after something was sent: little more than a round trip. Zero where nothing
    /// has.</summary>
    /// <remarks>Not the shortest time, for the end of an earlier answer may come just then; nor the mean, for a login may take
    /// seconds.</remarks>
    public TimeSpan RoundTrip => _roundTrips.Count == 0 ? TimeSpan.Zero : _roundTrips.Order().ElementAt((_roundTrips.Count - 1) / 2);

    /// <summary>Until now, a proxy has answered.</summary>
    public void ForgetRoundTrips()
    {
        _sent = 0;
        _roundTrips.Clear();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var began = time.GetTimestamp();
        var reading = base.ReadAsync(buffer, cancellationToken);
        var count = reading.IsCompleted ? await reading : await ReadAsync(reading.AsTask());
        Came(count, time.GetElapsedTime(began));
        MeasureRoundTrip();
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A caller that sends has the answer to what was sent before.
        (_waited, _bytes) = (TimeSpan.Zero, 0);
        _sent = _sent == 0 ? time.GetTimestamp() : _sent;
        var writing = base.WriteAsync(buffer, cancellationToken);
        return writing.IsCompleted ? writing : new ValueTask(LimitAsync(writing.AsTask()));
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private async Task<int> ReadAsync(Task<int> reading)
    {
        await LimitAsync(reading);
        return await reading;
    }

    private void Came(int count, TimeSpan waited)
    {
        (_bytes, _waited) = (_bytes + count, _waited + waited);
        if (_waited < s_progressInterval)
            return;
        if (_bytes < LeastBytes)
            throw new IOException(
                $"The server sent {_bytes:N0} bytes in {s_progressInterval.TotalMinutes:0} minutes and did not end its answer."
            );
        (_waited, _bytes) = (TimeSpan.Zero, 0);
    }

    private void MeasureRoundTrip()
    {
        if (_sent != 0 && _roundTrips.Count < RoundTripsMeasured)
            _roundTrips.Add(time.GetElapsedTime(_sent));
        _sent = 0;
    }

    private async Task LimitAsync(Task transfer)
    {
        try
        {
            await transfer.WaitAsync(s_silence, time);
        }
        catch (TimeoutException)
        {
            await DisposeAsync();
            // Until it has ended, the buffer is in use.
            await transfer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new IOException($"The server was silent for {s_silence.TotalSeconds:0} s.");
        }
    }
}
