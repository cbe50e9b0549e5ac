using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;

namespace Migrator.Service.Dashboard.Feed;

/// <summary>A mailbox of a job, with what is recorded of it.</summary>
/// <param name="Status">Null where it never ran.</param>
/// <param name="Wrong">What is wrong with its row; null where it can be run.</param>
/// <param name="Gone">On record, but no longer in the job file.</param>
/// <param name="Overdue">No run of it was complete for longer than its job allows.</param>
public sealed record MailboxView(string Job, string Name, MailboxStatus? Status, InvalidMailbox? Wrong, bool Gone, bool Overdue)
{
    /// <summary>When it was last proved restorable; null where the job has no restore test.</summary>
    public MailboxProof? Proof { get; init; }

    public MailboxRunState? State => Status?.State;

    /// <summary>Its last run, or none for too long. An error in its row is counted apart: no run can fix it.</summary>
    public bool NeedsAttention => Wrong is null && (Overdue || State?.NeedsRerun() == true);

    public bool CanRetry => Wrong is null && !Gone && !CanCancel;

    public bool CanForget => Gone && State != MailboxRunState.Running;

    public bool CanCancel => State is MailboxRunState.Waiting or MailboxRunState.Running;

    /// <summary>0 to 1; null where there is nothing to show.</summary>
    public double? Done =>
        Status switch
        {
            { State: MailboxRunState.Running, Progress: { Expected: > 0 } progress } => Math.Clamp(
                (double)progress.Done / progress.Expected,
                0,
                1
            ),
            { State: MailboxRunState.Running } => 0,
            { State: MailboxRunState.Complete } => 1,
            _ => null,
        };
}
