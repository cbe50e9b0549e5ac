using Migrator.Core.Pacing;

namespace Migrator.Mail.Pacing;

/// <summary>The limits of one account, or of one host, for all connections of this process.</summary>
internal sealed class PacedScope : IDisposable
{
    private readonly Func<int> _workers;
    private readonly RateLimit? _messages;
    private readonly RateLimit? _bytes;
    private readonly Dictionary<TransferDirection, DailyLimit> _days = [];

    /// <param name="workers">Who share the limits a second, 1 or more.</param>
    public PacedScope(string name, PaceLimits limits, Func<int> workers, Func<ITrafficStore> store, TimeProvider time)
    {
        _workers = workers;
        _messages = limits.MessagesPerSecond is { } messages ? new RateLimit(messages) : null;
        _bytes = limits.BytesPerSecond is { } bytes ? new RateLimit(bytes) : null;
        foreach (var direction in Enum.GetValues<TransferDirection>())
        {
            if (limits.PerDay(direction) is { } limit)
                _days[direction] = new DailyLimit(name, direction, limit, store, time);
        }
    }

    public DailyLimit? Day(TransferDirection direction) => _days.GetValueOrDefault(direction);

    /// <summary>Bytes on the wire: counts them, and waits until they may be.</summary>
    public ValueTask TransferAsync(TransferDirection direction, int bytes, CancellationToken cancellationToken)
    {
        Day(direction)?.Count(bytes);
        return _bytes?.TakeAsync(bytes, _workers(), cancellationToken) ?? default;
    }

    public async ValueTask AdmitAsync(TransferDirection direction, int messages, long bytes, CancellationToken cancellationToken)
    {
        if (Day(direction) is { } day)
            await day.AdmitAsync(bytes, begins: messages > 0, cancellationToken);
        if (_messages is not null)
            await _messages.TakeAsync(messages, _workers(), cancellationToken);
    }

    public async Task StoreAsync(CancellationToken cancellationToken)
    {
        foreach (var day in _days.Values)
            await day.StoreAsync(cancellationToken);
    }

    public void Dispose()
    {
        _messages?.Dispose();
        _bytes?.Dispose();
        foreach (var day in _days.Values)
            day.Dispose();
    }
}
