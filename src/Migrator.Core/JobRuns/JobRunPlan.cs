using Migrator.Core.Failures;

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

/// <summary>Numbers are stored: never renumbered.</summary>
public enum JobRunTrigger
{
    Schedule = 0,

    /// <summary>A person asked for the whole job.</summary>
    Manual = 1,

    /// <summary>A person asked for mailboxes of it, most often those that had failed.</summary>
    Retry = 2,
}

/// <param name="Mailbox">Its name within the job.</param>
/// <param name="Source">The account that mail comes from, such as <c>imap://ann@old.example:993</c>: only one run is at it at a
/// time.</param>
/// <param name="Target">Likewise where mail goes; for an archive, the archive and the account, as archives take many mailboxes at
/// once.</param>
/// <param name="Hosts">The hosts that it keeps busy, lower case, each once.</param>
/// <param name="Wrong">Why it cannot be run at all (an error in its row); null where it can.</param>
public sealed record PlannedMailboxRun(string Mailbox, string Source, string Target, IReadOnlyList<string> Hosts, Failure? Wrong);

/// <param name="JobRun">Null where nothing was recorded, because everything still waits or runs, or the job run is there
/// already.</param>
/// <param name="Runs">Recorded.</param>
/// <param name="LeftOut">Mailboxes whose earlier run is not over.</param>
public sealed record JobRunStarted(long? JobRun, int Runs, IReadOnlyList<string> LeftOut);
