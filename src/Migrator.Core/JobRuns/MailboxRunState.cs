namespace Migrator.Core.JobRuns;

/// <summary>Where the run of a mailbox stands. Numbers are stored: never renumbered.</summary>
public enum MailboxRunState
{
    /// <summary>For a worker with room, for its window, or for the next attempt.</summary>
    Waiting = 0,

    /// <summary>A worker is at it.</summary>
    Running = 1,

    /// <summary>Every message is where it belongs.</summary>
    Complete = 2,

    /// <summary>Some messages or folders failed; the rest is there.</summary>
    Partial = 3,

    /// <summary>Given up, after all its attempts.</summary>
    Failed = 4,

    /// <summary>Ended by a person.</summary>
    Cancelled = 5,
}

public static class MailboxRunStates
{
    /// <summary>Neither waiting nor running.</summary>
    public static bool IsOver(this MailboxRunState state) => state >= MailboxRunState.Complete;

    /// <summary>Over, and not complete: what <c>--failed</c> runs again.</summary>
    public static bool NeedsRerun(this MailboxRunState state) =>
        state is MailboxRunState.Partial or MailboxRunState.Failed or MailboxRunState.Cancelled;
}
