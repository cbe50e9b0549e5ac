namespace Migrator.Core.Jobs;

/// <summary>When a job runs: at most one of <paramref name="Cron"/>, <paramref name="Every"/> and <paramref name="At"/>.</summary>
/// <param name="Cron">A cron expression: five fields as in crontab, or six or seven as Quartz has them (seconds first).</param>
/// <param name="Every">From one start to the next, a minute or more.</param>
/// <param name="At">Once, at this moment of the time zone's clocks.</param>
/// <param name="Zone">Whose clocks are meant.</param>
/// <param name="Jitter">Each start is put off by a random time up to this, so that not all begin at once.</param>
/// <param name="Misfire">What becomes of a start that was missed.</param>
/// <param name="Window">The hours of the day in which mailboxes are worked on; null for all. A run pauses outside it.</param>
public sealed record Schedule(
    string? Cron,
    TimeSpan? Every,
    DateTime? At,
    TimeZoneInfo Zone,
    TimeSpan Jitter,
    MisfirePolicy Misfire,
    Window? Window
);
