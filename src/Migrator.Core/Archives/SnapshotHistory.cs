namespace Migrator.Core.Archives;

/// <summary>The snapshots of one mailbox in the order in which they were written, with times that can be relied on: one night with a clock
/// that is a year ahead must neither hide later snapshots from who asks for a day, nor have a year removed.</summary>
public sealed class SnapshotHistory
{
    // Clocks of machines that write to one archive need not agree to the minute.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromHours(1);

    private readonly DateTimeOffset[] _times;

    /// <param name="names">Of one mailbox, in order.</param>
    /// <param name="now">A time later than this is none, unless most are: then this clock is the wrong one.</param>
    public SnapshotHistory(IReadOnlyList<SnapshotName> names, DateTimeOffset now)
    {
        var latest = names.Count(name => name.Time > now + s_tolerance) * 2 > names.Count ? DateTimeOffset.MaxValue : now + s_tolerance;
        (Names, _times) = (names, Plausible(names, latest));
    }

    public IReadOnlyList<SnapshotName> Names { get; }

    /// <summary>When a snapshot was written; for one whose clock was wrong, the time of the one before it.</summary>
    public DateTimeOffset TimeOf(int index) => _times[index];

    /// <summary>The last that was written up to this moment; null where the first is later.</summary>
    public SnapshotName? At(DateTimeOffset until) =>
        Enumerable.Range(0, Names.Count).Reverse().Where(index => _times[index] <= until).Select(index => Names[index]).FirstOrDefault();

    /// <summary>As text, that the newest snapshot is later than now; null where it is not. Which of the two clocks is wrong, nobody
    /// knows.</summary>
    public string? Ahead(DateTimeOffset now) =>
        Names.Count > 0 && Names[^1].Time > now + s_tolerance
            ? $"The newest snapshot is of {Names[^1].Time:u}, which is later than now ({now:u}): the clock of this machine is "
                + "wrong, or that of the machine that wrote it."
            : null;

    /// <summary>Times that do not go back, for as many snapshots as possible: those of the longest series, and between them the time of the
    /// one before.</summary>
    private static DateTimeOffset[] Plausible(IReadOnlyList<SnapshotName> names, DateTimeOffset latest)
    {
        var times = names.Select(name => name.Time).ToArray();
        // Patience sorting: ends[n] is the snapshot with the smallest time that ends a series of n + 1.
        var (ends, before) = (new List<int>(), new int[times.Length]);
        for (var index = 0; index < times.Length; index++)
        {
            if (times[index] > latest)
                continue;
            var (low, high) = (0, ends.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (times[ends[middle]] <= times[index])
                    low = middle + 1;
                else
                    high = middle;
            }
            before[index] = low > 0 ? ends[low - 1] : -1;
            if (low == ends.Count)
                ends.Add(index);
            else
                ends[low] = index;
        }
        var series = new HashSet<int>();
        for (var index = ends.Count > 0 ? ends[^1] : -1; index >= 0; index = before[index])
            series.Add(index);
        var last = series.Count > 0 ? times[series.Min()] : default;
        for (var index = 0; index < times.Length; index++)
            last = times[index] = series.Contains(index) ? times[index] : last;
        return times;
    }
}
