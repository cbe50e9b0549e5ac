using System.Globalization;
using Migrator.App.Jobs;
using Migrator.Core.Jobs;
using Quartz;

namespace Migrator.Service.Schedules;

/// <summary>Schedules of job files as triggers of Quartz. One job of Quartz stands for one job file, under its name.</summary>
public static class ScheduleTriggers
{
    /// <summary>Of jobs and their triggers in Quartz.</summary>
    internal const string Group = "jobs";

    /// <summary>In a trigger's data: the moment that the schedule gave, where the trigger itself comes later.</summary>
    internal const string ScheduledFor = "scheduledFor";

    // A one-off of a file that nobody knew before is made up for so long: files that came with a restored directory must not start all at
    // once.
    private static readonly TimeSpan s_latest = TimeSpan.FromDays(1);

    internal static JobKey KeyOf(string job) => new(job, Group);

    /// <summary>Tells whether a stored trigger is still the one that the file asks for. Jitter and window are not part of it: they are
    /// looked up when the job starts.</summary>
    public static string FingerprintOf(Schedule? schedule) =>
        schedule is null
            ? ""
            : string.Join(
                '|',
                schedule.Cron,
                schedule.Every?.Ticks.ToString(CultureInfo.InvariantCulture),
                schedule.At?.ToString("s", CultureInfo.InvariantCulture),
                schedule.Zone.Id,
                schedule.Misfire
            );

    /// <returns>Null where there is no start to come.</returns>
    public static ITrigger? Of(JobDefinition job, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return job.Schedule switch
        {
            { Cron: { } cron } schedule when ScheduleTimes.Next(job, now, 1).Count > 0 => Named()
                .StartAt(now)
                .WithSchedule(
                    CronScheduleBuilder
                        .Create(
                            CronExpression.Parse(cron, Cron.IsUnix(cron) ? CronFormat.Unix : CronFormat.Quartz).WithTimeZone(schedule.Zone)
                        )
                        .WithMisfireInstruction(
                            schedule.Misfire == MisfirePolicy.Skip
                                ? CronTriggerMisfireInstruction.DoNothing
                                : CronTriggerMisfireInstruction.FireAndProceed
                        )
                )
                .Build(),
            // Not a simple trigger: that one counts again from the moment at which it made up for a missed start.
            { Every: { } every } schedule => Named()
                .StartAt(ScheduleTimes.Next(job, now, 1)[0])
                .WithSchedule(
                    CalendarIntervalScheduleBuilder
                        .Create()
                        .WithInterval((int)every.TotalSeconds, IntervalUnit.Second)
                        .InTimeZone(TimeZoneInfo.Utc)
                        .WithMisfireInstruction(
                            schedule.Misfire == MisfirePolicy.Skip
                                ? CalendarIntervalTriggerMisfireInstruction.DoNothing
                                : CalendarIntervalTriggerMisfireInstruction.FireAndProceed
                        )
                )
                .Build(),
            { At: { } at } schedule
                when WallClock.ToMoment(at, schedule.Zone) is var moment
                    && (moment > now || (schedule.Misfire == MisfirePolicy.RunOnce && moment > now - s_latest)) => Once(
                    job,
                    moment,
                    moment,
                    time
                )
                .WithIdentity(KeyOfTrigger(job.Name))
                .Build(),
            _ => null,
        };

        TriggerBuilder<IJob> Named() => TriggerBuilder.Create<IJob>(time).ForJob(KeyOf(job.Name)).WithIdentity(KeyOfTrigger(job.Name));
    }

    /// <summary>A start of its own.</summary>
    /// <param name="moment">When it is made.</param>
    /// <param name="scheduledFor">The moment that the schedule gave.</param>
    internal static TriggerBuilder<IJob> Once(JobDefinition job, DateTimeOffset moment, DateTimeOffset scheduledFor, TimeProvider time) =>
        TriggerBuilder
            .Create<IJob>(time)
            .ForJob(KeyOf(job.Name))
            .StartAt(moment)
            .UsingJobData(ScheduledFor, scheduledFor.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture))
            .WithSchedule(
                SimpleScheduleBuilder
                    .Create()
                    .WithMisfireInstruction(
                        job.Schedule?.Misfire == MisfirePolicy.Skip
                            ? SimpleTriggerMisfireInstruction.NextWithRemainingCount
                            : SimpleTriggerMisfireInstruction.FireNow
                    )
            );

    private static TriggerKey KeyOfTrigger(string job) => new(job, Group);
}
