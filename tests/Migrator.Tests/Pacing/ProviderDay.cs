using Migrator.Tests.Servers;

namespace Migrator.Tests.Pacing;

/// <summary>A provider that counts what one of its accounts sends within any 24 hours of a clock, as Gmail does, and locks out who exceeds
/// it.</summary>
internal sealed class ProviderDay(TimeProvider time, long budget)
{
    private readonly Lock _lock = new();
    private readonly Queue<(DateTimeOffset At, long Bytes)> _sent = [];
    private long _used;

    public bool LockedOut { get; private set; }

    /// <summary>Most bytes in any 24 hours.</summary>
    public long Highest { get; private set; }

    /// <summary>Bytes since it began.</summary>
    public long Total { get; private set; }

    /// <summary>A proxy in front of the account's server.</summary>
    public LoopbackProxy Before(int port) => new(port) { Sees = (fromServer, text) => Count(fromServer ? 0 : text.Length) };

    /// <summary>So many bytes are sent now.</summary>
    public void Count(long bytes)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            _sent.Enqueue((now, bytes));
            _used += bytes;
            Total += bytes;
            while (_sent.Peek() is var oldest && oldest.At <= now.AddDays(-1))
                _used -= _sent.Dequeue().Bytes;
            Highest = Math.Max(Highest, _used);
            LockedOut |= _used > budget;
        }
    }
}
