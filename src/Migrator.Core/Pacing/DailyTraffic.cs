namespace Migrator.Core.Pacing;

/// <summary>What was transferred in the last 24 hours, and what may be under a limit.</summary>
/// <param name="slots">In any order.</param>
public sealed class DailyTraffic(IEnumerable<TrafficSlot> slots)
{
    // A run that resumed for each slot that expires would log in every few minutes for a message or two.
    private const int LeastPart = 10;

    private const int MostDays = 1000;

    private readonly SortedDictionary<long, long> _slots = new(
        slots.GroupBy(slot => slot.Number).ToDictionary(group => group.Key, group => group.Sum(slot => slot.Bytes))
    );

    public void Add(TrafficSlot traffic) => _slots[traffic.Number] = _slots.GetValueOrDefault(traffic.Number) + traffic.Bytes;

    public long Used(DateTimeOffset now)
    {
        var oldest = TrafficSlot.Oldest(now);
        foreach (var expired in _slots.Keys.TakeWhile(number => number < oldest).ToList())
            _slots.Remove(expired);
        return _slots.Values.Sum();
    }

    /// <summary>Whether so many bytes may be transferred now. What is larger than the limit goes alone, or it would never go.</summary>
    /// <param name="uncounted">Bytes that were transferred besides.</param>
    public bool Admits(long bytes, long limit, DateTimeOffset now, long uncounted = 0) =>
        Used(now) + uncounted is var used && (used == 0 || (used < limit && used + bytes <= limit));

    /// <summary>When a run should resume: a tenth of the limit is free then, and enough for what is to be transferred.</summary>
    public DateTimeOffset NextStart(long bytes, long limit, DateTimeOffset now)
    {
        var wanted = Math.Min(limit, Math.Max(bytes, limit / LeastPart));
        var used = Used(now);
        foreach (var (number, expiring) in _slots)
        {
            if (used <= limit - wanted)
                break;
            used -= expiring;
            now = new TrafficSlot(number, expiring).Expires;
        }
        return now;
    }

    /// <summary>When so many bytes will have been transferred, if the limit is all that holds them up.</summary>
    public DateTimeOffset Forecast(long bytes, long limit, DateTimeOffset now)
    {
        var traffic = new DailyTraffic(_slots.Select(slot => new TrafficSlot(slot.Key, slot.Value)));
        // What is years away need not be gone through slot by slot: each day lets the limit through.
        var days = Math.Max(0, (bytes / limit) - MostDays);
        bytes -= days * limit;
        while (true)
        {
            var free = Math.Min(bytes, Math.Max(0, limit - traffic.Used(now)));
            traffic.Add(new TrafficSlot(TrafficSlot.At(now), free));
            bytes -= free;
            if (bytes == 0)
                return now.AddDays(days);
            now = traffic.NextStart(1, limit, now);
        }
    }
}
