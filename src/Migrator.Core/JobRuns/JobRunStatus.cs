using Migrator.Core.Reports;

namespace Migrator.Core.JobRuns;

/// <param name="Finished">When the last of its runs was over; null before.</param>
/// <param name="Notified">Whether those who want to know were notified.</param>
public sealed record JobRunStatus(
    long JobRun,
    string Job,
    JobRunTrigger Cause,
    DateTimeOffset? ScheduledFor,
    DateTimeOffset Started,
    DateTimeOffset? Finished,
    bool Notified,
    RunCounts Runs,
    MessageCounts Messages
);
