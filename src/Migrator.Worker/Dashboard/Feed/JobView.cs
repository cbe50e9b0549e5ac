using Migrator.Core.Jobs;
using Migrator.Core.Rounds;

namespace Migrator.Worker.Dashboard.Feed;

/// <summary>A job as a whole.</summary>
public enum JobState
{
    NotYetRun,
    Paused,
    Running,
    Waiting,
    Attention,
    Complete,
}

/// <param name="Definition">Null where its file is gone.</param>
/// <param name="Round">The latest; null before the first.</param>
/// <param name="NextRun">Null where none is planned.</param>
public sealed record JobView(string Name, JobDefinition? Definition, bool Paused, IReadOnlyList<MailboxView> Mailboxes, RoundStatus? Round, DateTimeOffset? NextRun)
{
    public int Running { get; } = Mailboxes.Count(mailbox => mailbox.State == MailboxRunState.Running);

    public int Waiting { get; } = Mailboxes.Count(mailbox => mailbox.State == MailboxRunState.Waiting);

    public int Attention { get; } = Mailboxes.Count(mailbox => mailbox.NeedsAttention);

    public int Failed { get; } = Mailboxes.Count(mailbox => mailbox is { Gone: false, State: MailboxRunState.Failed or MailboxRunState.Partial or MailboxRunState.Cancelled });

    public int Gone { get; } = Mailboxes.Count(mailbox => mailbox.Gone);

    public int Late { get; } = Mailboxes.Count(mailbox => mailbox.Late);

    public int Under(MailboxRunState? state) => Mailboxes.Count(mailbox => mailbox.State == state);

    public JobState State => Paused ? JobState.Paused
        : Running > 0 ? JobState.Running
        : Waiting > 0 ? JobState.Waiting
        : Attention > 0 ? JobState.Attention
        : Mailboxes.Any(mailbox => mailbox.State == MailboxRunState.Complete) ? JobState.Complete
        : JobState.NotYetRun;

    public double MessagesPerSecond { get; } = Mailboxes.Sum(mailbox => Speed(mailbox)?.MessagesPerSecond ?? 0);

    public double OctetsPerSecond { get; } = Mailboxes.Sum(mailbox => Speed(mailbox)?.OctetsPerSecond ?? 0);

    /// <summary>How far the round is, 0 to 1; null where nothing of it is under way or waits.</summary>
    public double? Done { get; } = DoneOf(Mailboxes, Round);

    /// <summary>How long the round will go on at the pace that it had so far; null where that cannot be told.</summary>
    public TimeSpan? Eta(DateTimeOffset now) => Done is > 0.01 and < 1 and var done && Running > 0 && Round is { Finished: null } round && now > round.Started
        ? (now - round.Started) * ((1 - done) / done) : null;

    private static RunHeadway? Speed(MailboxView mailbox) => mailbox is { State: MailboxRunState.Running, Status.Headway: { } headway } ? headway : null;

    private static double? DoneOf(IReadOnlyList<MailboxView> mailboxes, RoundStatus? round)
    {
        if (!mailboxes.Any(mailbox => mailbox.CanCancel))
            return null;
        var (all, done) = (0, 0.0);
        foreach (var mailbox in mailboxes.Where(mailbox => mailbox.Status is { } status && (mailbox.CanCancel || status.Round == round?.Round)))
            (all, done) = (all + 1, done + (mailbox.Status!.State.IsOver() ? 1 : mailbox.Done ?? 0));
        return all == 0 ? null : done / all;
    }
}
