namespace Migrator.Core.Pacing;

/// <summary>Bytes that were transferred within some minutes.</summary>
/// <param name="Number">Of the slot: consecutive since 1970.</param>
public readonly record struct TrafficSlot(long Number, long Bytes)
{
    /// <summary>Of one slot.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(10);

    /// <summary>Slots of a day.</summary>
    public const int PerDay = 144;

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    /// <summary>The number of the oldest slot that counts at a moment.</summary>
    public static long Oldest(DateTimeOffset now) => At(now - s_day);

    public static long At(DateTimeOffset moment) => (long)Math.Floor((double)moment.ToUnixTimeMilliseconds() / Length.TotalMilliseconds);

    /// <summary>From when on its bytes do not count: a day after the last moment of it, as nobody knows when in it they came.</summary>
    public DateTimeOffset Expires => DateTimeOffset.FromUnixTimeMilliseconds((Number + 1) * (long)Length.TotalMilliseconds) + s_day;
}
