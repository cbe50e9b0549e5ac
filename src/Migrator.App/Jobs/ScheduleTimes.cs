using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.App.Jobs;

/// <summary>When the schedules of job files start their jobs, without jitter.</summary>
public static class ScheduleTimes
{
    // Moments of "every" are counted from here, so that they are the same on every worker, and after a restart, and without a store.
    private static readonly DateTimeOffset s_origin = DateTimeOffset.UnixEpoch;

    /// <returns>Mistakes in the schedule that reading the file does not find; without lines.</returns>
    public static IReadOnlyList<ConfigurationError> Check(JobDefinition job) =>
        [.. Check(job.Schedule, "$.schedule"), .. Check(job.Upkeep?.Schedule, "$.upkeep.schedule")];

    private static IEnumerable<ConfigurationError> Check(Schedule? schedule, string path)
    {
        if (schedule?.Cron is { } cron)
        {
            foreach (var mistake in Cron.Mistakes(cron))
                yield return new ConfigurationError($"{path}.cron", mistake);
        }
        // The scheduler keeps a zone by its name.
        if (schedule is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(schedule.Zone.Id, out _))
            yield return new ConfigurationError(
                path,
                "needs a timeZone such as \"Europe/Berlin\" or \"UTC\": the time zone of this machine has no name."
            );
    }

    /// <summary>The next starts of a job whose schedule has no mistakes.</summary>
    /// <param name="from">Starts after this moment.</param>
    /// <param name="count">At most so many.</param>
    /// <returns>In UTC; none where only a person starts the job, or its time is past.</returns>
    public static IReadOnlyList<DateTimeOffset> Next(JobDefinition job, DateTimeOffset from, int count)
    {
        var next = After(job.Schedule);
        var starts = new List<DateTimeOffset>();
        for (var start = next(from); start is not null && starts.Count < count; start = next(start.Value))
            starts.Add(start.Value.ToUniversalTime());
        return starts;
    }

    private static Func<DateTimeOffset, DateTimeOffset?> After(Schedule? schedule)
    {
        switch (schedule)
        {
            case { Cron: { } cron }:
                var due = CronSchedule.Parse(cron);
                return from => due.Next(from, schedule.Zone);
            case { Every: { } every }:
                return from => s_origin.AddTicks(((from - s_origin).Ticks / every.Ticks + 1) * every.Ticks);
            case { At: { } at }:
                var once = WallClock.ToMoment(at, schedule.Zone);
                return from => once > from ? once : null;
            default:
                return _ => null;
        }
    }
}
