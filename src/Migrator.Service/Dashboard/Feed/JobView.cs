using Migrator.App.Health;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;

namespace Migrator.Service.Dashboard.Feed;

/// <param name="Definition">Null where its file is gone.</param>
/// <param name="JobRun">The latest; null before the first.</param>
/// <param name="NextRun">Null where none is planned.</param>
public sealed record JobView(
    string Name,
    JobDefinition? Definition,
    bool Paused,
    IReadOnlyList<MailboxView> Mailboxes,
    JobRunStatus? JobRun,
    DateTimeOffset? NextRun
)
{
    /// <summary>When the mailboxes in its archives were last proved restorable, the oldest first; null where there is no restore
    /// test.</summary>
    public IReadOnlyList<ArchivedProof>? Proofs { get; init; }

    public int Running { get; } = Mailboxes.Count(mailbox => mailbox.State == MailboxRunState.Running);

    public int Waiting { get; } = Mailboxes.Count(mailbox => mailbox.State == MailboxRunState.Waiting);

    public int Attention { get; } = Mailboxes.Count(mailbox => mailbox.NeedsAttention);

    /// <summary>Rows that cannot be run before somebody corrects them.</summary>
    public int Mistakes { get; } = Mailboxes.Count(mailbox => mailbox.Wrong is not null);

    public int Failed { get; } = Mailboxes.Count(mailbox => mailbox is { Gone: false, Wrong: null } && mailbox.State?.NeedsRerun() == true);

    public int Gone { get; } = Mailboxes.Count(mailbox => mailbox.Gone);

    public int Overdue { get; } = Mailboxes.Count(mailbox => mailbox.Overdue);

    public int Under(MailboxRunState? state) => Mailboxes.Count(mailbox => mailbox.State == state);

    public JobState State =>
        Paused ? JobState.Paused
        : Running > 0 ? JobState.Running
        : Waiting > 0 ? JobState.Waiting
        : Attention + Mistakes > 0 ? JobState.Attention
        : Mailboxes.Any(mailbox => mailbox.State == MailboxRunState.Complete) ? JobState.Complete
        : JobState.NotYetRun;

    public double MessagesPerSecond { get; } = Mailboxes.Sum(mailbox => Speed(mailbox)?.MessagesPerSecond ?? 0);

    public double BytesPerSecond { get; } = Mailboxes.Sum(mailbox => Speed(mailbox)?.BytesPerSecond ?? 0);

    /// <summary>How far the job runs in progress are, 0 to 1; null where nothing is in progress or waits.</summary>
    public double? Done => UnderWay.Count == 0 ? null : UnderWay.Average(mailbox => mailbox.Status!.State.IsOver() ? 1 : mailbox.Done ?? 0);

    /// <summary>How long they will continue at the pace that they had so far; null where that is unknown.</summary>
    public TimeSpan? Eta(DateTimeOffset now) =>
        Done is > 0.01 and < 1 and var done && Running > 0 && UnderWay.Min(mailbox => mailbox.Status!.Queued) is var began && now > began
            ? (now - began) * ((1 - done) / done)
            : null;

    private List<MailboxView> UnderWay { get; } = OfActiveJobRuns(Mailboxes);

    private static RunProgressSnapshot? Speed(MailboxView mailbox) =>
        mailbox is { State: MailboxRunState.Running, Status.Progress: { } progress } ? progress : null;

    // A mailbox that is retried is a separate job run: the latest job run is not all that is in progress.
    private static List<MailboxView> OfActiveJobRuns(IReadOnlyList<MailboxView> mailboxes)
    {
        var jobRuns = mailboxes.Where(mailbox => mailbox.CanCancel).Select(mailbox => mailbox.Status!.JobRun).ToHashSet();
        return [.. mailboxes.Where(mailbox => mailbox.Status is { } status && jobRuns.Contains(status.JobRun))];
    }
}
