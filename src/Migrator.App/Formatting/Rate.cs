namespace Migrator.App.Formatting;

/// <summary>How fast a count grows, over a sliding window: a mean over the whole run would hide a stall for hours.</summary>
/// <param name="window">Growth older than this no longer counts.</param>
public sealed class Rate(TimeProvider time, TimeSpan window)
{
    private readonly Queue<(long Timestamp, long Total)> _samples = new();
    private (long Timestamp, long Total) _last;

    public void Observe(long total)
    {
        // Time before the first message (connecting, listing) says nothing about how fast messages go.
        if (total == 0)
            _samples.Clear();
        _last = (time.GetTimestamp(), total);
        _samples.Enqueue(_last);
        // The oldest sample kept is the youngest one that lies a whole window back: the window stays full.
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.ElementAt(1).Timestamp, _last.Timestamp) >= window)
            _samples.Dequeue();
    }

    /// <summary>0 before two observations at different times.</summary>
    public double PerSecond
    {
        get
        {
            if (!_samples.TryPeek(out var first))
                return 0;
            var seconds = time.GetElapsedTime(first.Timestamp, _last.Timestamp).TotalSeconds;
            return seconds <= 0 ? 0 : Math.Max(0, (_last.Total - first.Total) / seconds);
        }
    }

    /// <summary>Null while nothing moves: whatever it said would be made up.</summary>
    public TimeSpan? Eta(long remaining) =>
        remaining <= 0 ? TimeSpan.Zero
        : PerSecond <= 0 || remaining / PerSecond > TimeSpan.MaxValue.TotalSeconds / 2 ? null
        : TimeSpan.FromSeconds(Math.Ceiling(remaining / PerSecond));
}
