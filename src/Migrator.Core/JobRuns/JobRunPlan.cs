namespace Migrator.Core.JobRuns;

/// <summary>One execution of a job over its mailboxes, as it is to begin.</summary>
/// <param name="Cause">Who or what wanted it.</param>
/// <param name="ScheduledFor">The moment that the schedule gave; null where a person asked for it.</param>
/// <param name="OnlyWorker">The one worker that may take its runs; null for any. A person who waits at a terminal wants them there.</param>
public sealed record JobRunPlan(
    string Job,
    JobRunTrigger Cause,
    DateTimeOffset? ScheduledFor,
    string? OnlyWorker,
    IReadOnlyList<PlannedMailboxRun> Runs
);
