using Migrator.Core.Failures;
using Migrator.Core.Reports;

namespace Migrator.Core.JobRuns;

/// <summary>A run of a mailbox as it is, or was at its end.</summary>
/// <param name="Attempt">The present one, 1 or more; 0 before the first.</param>
/// <param name="Queued">When its job run began.</param>
/// <param name="NotBefore">While waiting: not taken up before.</param>
/// <param name="Started">Of the last attempt; null before the first.</param>
/// <param name="Finished">Null until it is over.</param>
/// <param name="Worker">Who is or was last at it; null before the first attempt.</param>
/// <param name="Machine">Where that worker runs.</param>
/// <param name="Progress">While running.</param>
/// <param name="Counts">Of the last attempt that ended.</param>
/// <param name="Failure">What the last attempt ended with; null where it ended well.</param>
/// <param name="LastSuccess">When a run of this mailbox in this job was last complete; null if never.</param>
/// <param name="HasReport">Whether <see cref="IRunHistory.ReportAsync"/> has something.</param>
public sealed record MailboxStatus(
    string Job,
    string Mailbox,
    string Source,
    string Target,
    long Run,
    long JobRun,
    MailboxRunState State,
    int Attempt,
    DateTimeOffset Queued,
    DateTimeOffset NotBefore,
    DateTimeOffset? Started,
    DateTimeOffset? Finished,
    string? Worker,
    string? Machine,
    RunProgressSnapshot? Progress,
    MessageCounts Counts,
    Failure? Failure,
    DateTimeOffset? LastSuccess,
    bool HasReport
);
