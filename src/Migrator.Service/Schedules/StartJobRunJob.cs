using System.Globalization;
using Migrator.App.Jobs;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Quartz;

namespace Migrator.Service.Schedules;

/// <summary>Starts a job run when a schedule says so; workers take it up from the queue. A start that is made twice, as after a crash, is
/// one job run: the store knows the moment that it was scheduled for.</summary>
[DisallowConcurrentExecution]
internal sealed partial class StartJobRunJob(JobCatalogue catalogue, IRunQueue queue, TimeProvider time, ILogger<StartJobRunJob> logger)
    : IJob
{
    private const string Attempt = "attempt";
    private const string PutOff = "putOff";
    private const int LastAttempt = 10;
    private static readonly TimeSpan s_storeWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_schedulesWait = TimeSpan.FromSeconds(10);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var name = context.JobDetail.Key.Name;
        if (catalogue.Find(name) is not { Schedule: { } schedule } job)
        {
            UnknownJob(name);
            return;
        }
        var scheduledFor = ScheduledForOf(context);
        try
        {
            await StartOrPutOffAsync(context, job, schedule, scheduledFor, cancellationToken);
        }
        // Where schedules lie in the database, too, they cannot hold another attempt while it is away. Nothing else could start meanwhile:
        // this thread is in nobody's way.
        catch (SchedulerException exception) when (context.RefireCount < s_storeWait * LastAttempt / s_schedulesWait)
        {
            NotStarted(name, scheduledFor, (int)s_schedulesWait.TotalSeconds, exception.GetBaseException().Message);
            await Task.Delay(s_schedulesWait, time, cancellationToken);
            throw new JobExecutionException(exception) { RefireImmediately = true };
        }
        catch (SchedulerException exception)
        {
            GivenUp(name, scheduledFor, exception.GetBaseException().Message);
        }
    }

    private async Task StartOrPutOffAsync(
        IJobExecutionContext context,
        JobDefinition job,
        Schedule schedule,
        DateTimeOffset scheduledFor,
        CancellationToken cancellationToken
    )
    {
        var name = job.Name;
        try
        {
            if ((await queue.PausedAsync(cancellationToken)).Contains(name))
                Paused(name, scheduledFor);
            else if (schedule.Jitter > TimeSpan.Zero && !context.MergedJobDataMap.ContainsKey(PutOff))
                await PutOffAsync(context, job, scheduledFor, schedule.Jitter * Random.Shared.NextDouble(), cancellationToken);
            else
                await StartAsync(job, scheduledFor, cancellationToken);
        }
        catch (JobRunStoreException exception)
        {
            await TryAgainAsync(context, job, scheduledFor, exception.Message, cancellationToken);
        }
    }

    private async Task StartAsync(JobDefinition job, DateTimeOffset scheduledFor, CancellationToken cancellationToken)
    {
        var started = await queue.StartInstrumentedAsync(
            JobRunPlanner.Of(job, JobRunTrigger.Schedule, scheduledFor, null, null),
            cancellationToken
        );
        if (started.JobRun is { } jobRun)
            Started(job.Name, jobRun, started.Runs, scheduledFor);
        else if (started.LeftOut.Count == 0)
            AlreadyStarted(job.Name, scheduledFor);
        if (started.LeftOut.Count > 0)
            LeftOut(
                job.Name,
                scheduledFor,
                started.LeftOut.Count,
                string.Join(", ", started.LeftOut.Take(10)) + (started.LeftOut.Count > 10 ? ", ..." : "")
            );
    }

    // A trigger of its own, not a wait: a thread of Quartz that waited would keep other jobs from starting, and a restart would forget it.
    private async Task PutOffAsync(
        IJobExecutionContext context,
        JobDefinition job,
        DateTimeOffset scheduledFor,
        TimeSpan jitter,
        CancellationToken cancellationToken
    )
    {
        var moment = scheduledFor + jitter;
        var trigger = ScheduleTriggers
            .Once(job, moment, scheduledFor, time)
            .WithIdentity($"{job.Name} {scheduledFor:O}", ScheduleTriggers.Group)
            .UsingJobData(PutOff, "true")
            .Build();
        await context.Scheduler.ScheduleTrigger(trigger, TriggerConflict.Keep, cancellationToken);
        StartPutOff(job.Name, scheduledFor, moment);
    }

    private async Task TryAgainAsync(
        IJobExecutionContext context,
        JobDefinition job,
        DateTimeOffset scheduledFor,
        string why,
        CancellationToken cancellationToken
    )
    {
        var attempt = context.MergedJobDataMap.TryGetValue(Attempt, out var earlier)
            ? int.Parse((string)earlier!, CultureInfo.InvariantCulture) + 1
            : 1;
        if (attempt == LastAttempt)
        {
            GivenUp(job.Name, scheduledFor, why);
            return;
        }
        var again = ScheduleTriggers
            .Once(job, time.GetUtcNow() + s_storeWait, scheduledFor, time)
            .WithIdentity($"{job.Name} {scheduledFor:O} {attempt}", ScheduleTriggers.Group)
            .UsingJobData(PutOff, "true")
            .UsingJobData(Attempt, attempt.ToString(CultureInfo.InvariantCulture))
            .Build();
        await context.Scheduler.ScheduleJob(again, ScheduleJobOptions.Replacing, cancellationToken);
        NotStarted(job.Name, scheduledFor, (int)s_storeWait.TotalSeconds, why);
    }

    // After a crash the trigger is one that Quartz made, with the old one's moment in its data.
    private static DateTimeOffset ScheduledForOf(IJobExecutionContext context) =>
        new[] { ScheduleTriggers.ScheduledFor, SchedulerConstants.FailedJobOriginalTriggerScheduledFireTime }
            .Select(key =>
                DateTimeOffset.TryParse(
                    context.MergedJobDataMap.TryGetValue(key, out var text) ? text as string : null,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out var moment
                )
                    ? moment.ToUniversalTime()
                    : (DateTimeOffset?)null
            )
            .FirstOrDefault(moment => moment is not null)
        ?? context.ScheduledFireTimeUtc
        ?? context.FireTimeUtc;

    [LoggerMessage(2100, LogLevel.Information, "Job {Job}, scheduled for {ScheduledFor:u}: job run {JobRun} started; mailboxes: {Runs}")]
    private partial void Started(string job, long jobRun, int runs, DateTimeOffset scheduledFor);

    [LoggerMessage(
        2101,
        LogLevel.Warning,
        "Job {Job}, scheduled for {ScheduledFor:u}: left out of this job run, because their earlier run has "
            + "not ended: {Mailboxes} (in all: {Count}). If this happens often, the schedule is too tight or a "
            + "server too slow"
    )]
    private partial void LeftOut(string job, DateTimeOffset scheduledFor, int count, string mailboxes);

    [LoggerMessage(2102, LogLevel.Information, "Job {Job} is paused: nothing is started for {ScheduledFor:u}")]
    private partial void Paused(string job, DateTimeOffset scheduledFor);

    [LoggerMessage(
        2103,
        LogLevel.Warning,
        "Job {Job} is due, but this worker has no job file with a schedule for it: nothing is started. All workers must see "
            + "the same job files"
    )]
    private partial void UnknownJob(string job);

    [LoggerMessage(2104, LogLevel.Information, "Job {Job}, scheduled for {ScheduledFor:u}, is put off until {Moment:u} (jitter)")]
    private partial void StartPutOff(string job, DateTimeOffset scheduledFor, DateTimeOffset moment);

    [LoggerMessage(
        2105,
        LogLevel.Warning,
        "Job {Job}, scheduled for {ScheduledFor:u}, could not be started; trying again in {Seconds} s: {Why}"
    )]
    private partial void NotStarted(string job, DateTimeOffset scheduledFor, int seconds, string why);

    [LoggerMessage(2106, LogLevel.Error, "Job {Job}, scheduled for {ScheduledFor:u}, was not started: {Why}")]
    private partial void GivenUp(string job, DateTimeOffset scheduledFor, string why);

    [LoggerMessage(2107, LogLevel.Information, "Job {Job}: the job run scheduled for {ScheduledFor:u} was started already")]
    private partial void AlreadyStarted(string job, DateTimeOffset scheduledFor);
}
