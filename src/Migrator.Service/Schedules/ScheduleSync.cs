using Migrator.App.Jobs;
using Migrator.Core.Jobs;
using Quartz;

namespace Migrator.Service.Schedules;

/// <summary>Brings Quartz's triggers in line with the job files. Whatever has not changed is left alone: a trigger that is put in its place
/// again would forget the starts that were missed while no worker was there. Several workers may do this at once.</summary>
public sealed partial class ScheduleSync(
    JobCatalogue catalogue,
    ISchedulerFactory schedulers,
    TimeProvider time,
    ILogger<ScheduleSync> logger
)
{
    private const string Fingerprint = "schedule";
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _kept = [];

    /// <exception cref="SchedulerException">Quartz's store does not answer.</exception>
    public async Task SyncAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        var (jobs, broken) = (catalogue.Jobs, catalogue.Broken);
        foreach (var job in jobs.Where(job => job.Schedule is not null))
            await GuardedAsync(scheduler, job, cancellationToken);
        var stored = (await scheduler.GetJobKeys(GroupMatcher<JobKey>.GroupEquals(ScheduleTriggers.Group), cancellationToken))
            .Select(key => key.Name)
            .ToList();
        var gone = stored
            .Except(jobs.Where(job => job.Schedule is not null).Select(job => job.Name))
            .Order(StringComparer.Ordinal)
            .ToList();
        _seen.UnionWith(jobs.Select(job => job.Name));
        // What a worker has never seen may be there all the same: a share that is not mounted is an empty directory, and of a file that is
        // broken nobody knows which job it was. What was missed of those must not be forgotten.
        var kept = jobs.Count == 0 || broken.Any(file => !file.Kept) ? gone.Where(job => !_seen.Contains(job)).ToList() : [];
        if (kept.Count > 0 && !kept.SequenceEqual(_kept))
            KeptUnknown(string.Join(", ", kept));
        _kept = kept;
        foreach (var job in gone.Except(kept))
            await RemoveAsync(scheduler, job, cancellationToken);
    }

    /// <summary>An edge: a schedule that Quartz makes nothing of, or fails on, costs that job; a store that does not answer costs
    /// all.</summary>
    private async Task GuardedAsync(IScheduler scheduler, JobDefinition job, CancellationToken cancellationToken)
    {
        try
        {
            await PutAsync(scheduler, job, cancellationToken);
        }
        catch (Exception exception) when (exception is not (SchedulerException or OperationCanceledException))
        {
            NotScheduled(exception, job.Name);
        }
    }

    private async Task PutAsync(IScheduler scheduler, JobDefinition job, CancellationToken cancellationToken)
    {
        var (key, fingerprint) = (ScheduleTriggers.KeyOf(job.Name), ScheduleTriggers.FingerprintOf(job.Schedule));
        var stored = await scheduler.GetJobDetail(key, cancellationToken);
        if (stored?.JobDataMap.TryGetValue(Fingerprint, out var known) == true && known as string == fingerprint)
            return;
        if (stored is not null)
            await scheduler.DeleteJob(key, cancellationToken);
        // Durable, so that it is known of a job that started once, and is over, that it did.
        var detail = JobBuilder
            .Create<StartJobRunJob>()
            .WithIdentity(key)
            .StoreDurably(true)
            .RequestRecovery(true)
            .UsingJobData(Fingerprint, fingerprint)
            .Build();
        if (ScheduleTriggers.Of(job, time) is not { } trigger)
        {
            await scheduler.AddJob(detail, AddJobOptions.Replacing, cancellationToken);
            if (job.Schedule is { Cron: not null } or { At: not null })
                NothingToCome(job.Name);
            return;
        }
        await scheduler.ScheduleJob(detail, [trigger], ScheduleJobOptions.Replacing, cancellationToken);
        Scheduled(job.Name, ScheduleTimes.Next(job, time.GetUtcNow(), 1) is [var next] ? next : time.GetUtcNow());
    }

    private async Task RemoveAsync(IScheduler scheduler, string job, CancellationToken cancellationToken)
    {
        if (await scheduler.DeleteJob(ScheduleTriggers.KeyOf(job), cancellationToken))
            Removed(job);
    }

    [LoggerMessage(2110, LogLevel.Information, "Job {Job}: the next start is at {Next:u}")]
    private partial void Scheduled(string job, DateTimeOffset next);

    [LoggerMessage(2111, LogLevel.Information, "Job {Job} is no longer scheduled")]
    private partial void Removed(string job);

    [LoggerMessage(
        2112,
        LogLevel.Warning,
        "Job {Job} will not start automatically: its time is past. Give it another in its file, or start it "
            + "manually (migrator jobs trigger)"
    )]
    private partial void NothingToCome(string job);

    [LoggerMessage(
        2116,
        LogLevel.Error,
        "Job {Job} cannot be scheduled, and will not start automatically. Other jobs are not affected. Please" + " report this"
    )]
    private partial void NotScheduled(Exception exception, string job);

    [LoggerMessage(
        2113,
        LogLevel.Warning,
        "The schedules of {Jobs} are kept, though no job file for them was found: job files are missing or broken. They start "
            + "nothing until their files are back"
    )]
    private partial void KeptUnknown(string jobs);
}
