using System.Globalization;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Quartz;

namespace Migrator.Worker.Jobs;

/// <summary>Schedules of job files as triggers of Quartz, and what they come to. One job of Quartz stands for one job file, under its name.</summary>
public static class ScheduleTriggers
{
    /// <summary>Of jobs and their triggers in Quartz.</summary>
    internal const string Group = "jobs";

    /// <summary>In a trigger's data: the moment that the schedule gave, where the trigger itself comes later.</summary>
    internal const string ScheduledFor = "scheduledFor";

    // Moments of "every" are counted from here, so that they are the same on every worker, and after a restart, and without a store.
    private static readonly DateTimeOffset s_origin = DateTimeOffset.UnixEpoch;

    // A one-off of a file that nobody knew before is made up for so long: files that came with a restored directory must not start all at once.
    private static readonly TimeSpan s_latest = TimeSpan.FromDays(1);

    internal static JobKey KeyOf(string job) => new(job, Group);

    /// <returns>Mistakes in the schedule that reading the file does not find; without lines.</returns>
    public static IReadOnlyList<JobFileError> Check(JobDefinition job) => [.. Check(job.Schedule, "$.schedule"), .. Check(job.Upkeep?.Schedule, "$.upkeep.schedule")];

    private static IEnumerable<JobFileError> Check(Schedule? schedule, string path)
    {
        if (schedule?.Cron is { } cron)
        {
            foreach (var mistake in Cron.Mistakes(cron))
                yield return new JobFileError($"{path}.cron", mistake);
        }
        // Quartz keeps a zone by its name.
        if (schedule is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(schedule.Zone.Id, out _))
            yield return new JobFileError(path, "needs a timeZone such as \"Europe/Berlin\" or \"UTC\": the one of this machine has no name.");
    }

    /// <summary>The next starts of a job whose schedule has no mistakes, without jitter.</summary>
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

    /// <summary>Tells whether a stored trigger is still the one that the file asks for. Jitter and window are not part of it: they are looked
    /// up when the job starts.</summary>
    public static string FingerprintOf(Schedule? schedule) => schedule is null ? "" : string.Join('|',
        schedule.Cron, schedule.Every?.Ticks.ToString(CultureInfo.InvariantCulture), schedule.At?.ToString("s", CultureInfo.InvariantCulture), schedule.Zone.Id, schedule.Misfire);

    /// <returns>Null where there is no start to come.</returns>
    public static ITrigger? Of(JobDefinition job, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return job.Schedule switch
        {
            { Cron: { } cron } schedule when Next(job, now, 1).Count > 0 => Named().StartAt(now)
                .WithSchedule(CronScheduleBuilder.Create(Cron.Read(cron, schedule.Zone)).WithMisfireInstruction(schedule.Misfire == MisfirePolicy.Skip
                    ? CronTriggerMisfireInstruction.DoNothing : CronTriggerMisfireInstruction.FireAndProceed)).Build(),
            // Not a simple trigger: that one counts anew from the moment at which it made up for a missed start.
            { Every: { } every } schedule => Named().StartAt(Next(job, now, 1)[0])
                .WithSchedule(CalendarIntervalScheduleBuilder.Create().WithInterval((int)every.TotalSeconds, IntervalUnit.Second).InTimeZone(TimeZoneInfo.Utc).WithMisfireInstruction(schedule.Misfire == MisfirePolicy.Skip
                    ? CalendarIntervalTriggerMisfireInstruction.DoNothing : CalendarIntervalTriggerMisfireInstruction.FireAndProceed)).Build(),
            { At: { } at } schedule when WallClock.ToMoment(at, schedule.Zone) is var moment && (moment > now || (schedule.Misfire == MisfirePolicy.RunOnce && moment > now - s_latest)) =>
                Once(job, moment, moment, time).WithIdentity(KeyOfTrigger(job.Name)).Build(),
            _ => null,
        };

        TriggerBuilder<IJob> Named() => TriggerBuilder.Create<IJob>(time).ForJob(KeyOf(job.Name)).WithIdentity(KeyOfTrigger(job.Name));
    }

    /// <summary>A start of its own.</summary>
    /// <param name="moment">When it is made.</param>
    /// <param name="scheduledFor">The moment that the schedule gave.</param>
    internal static TriggerBuilder<IJob> Once(JobDefinition job, DateTimeOffset moment, DateTimeOffset scheduledFor, TimeProvider time) =>
        TriggerBuilder.Create<IJob>(time).ForJob(KeyOf(job.Name)).StartAt(moment).UsingJobData(ScheduledFor, scheduledFor.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture))
            .WithSchedule(SimpleScheduleBuilder.Create().WithMisfireInstruction(job.Schedule?.Misfire == MisfirePolicy.Skip
                ? SimpleTriggerMisfireInstruction.NextWithRemainingCount : SimpleTriggerMisfireInstruction.FireNow));

    private static TriggerKey KeyOfTrigger(string job) => new(job, Group);

    private static Func<DateTimeOffset, DateTimeOffset?> After(Schedule? schedule)
    {
        switch (schedule)
        {
            case { Cron: { } cron }:
                return Cron.Read(cron, schedule.Zone).GetNextValidTimeAfter;
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
