using Migrator.Core.Reports;

namespace Migrator.App.Progress;

/// <summary>What a view shows of a job of many mailboxes, at one moment.</summary>
/// <param name="Mailboxes">In all.</param>
/// <param name="Ok">That ended well.</param>
/// <param name="Wrong">That ended otherwise, in the order in which they ended; only ever grows at its end.</param>
/// <param name="Running">In the order in which they began.</param>
/// <param name="Done">Messages dealt with, by all mailboxes so far.</param>
/// <param name="Expected">Messages of the mailboxes that began.</param>
/// <param name="Eta">Null where it is unknown.</param>
/// <param name="Final">All is over, and this is its last state.</param>
public sealed record JobState(
    DateTimeOffset Time,
    string Job,
    JobTask Task,
    TimeSpan Elapsed,
    int Mailboxes,
    int Ok,
    IReadOnlyList<MailboxResult> Wrong,
    IReadOnlyList<MailboxState> Running,
    long Done,
    long Expected,
    double MessagesPerSecond,
    double BytesPerSecond,
    TimeSpan? Eta,
    bool Final
)
{
    public int Ended => Ok + Wrong.Count;

    public int Waiting => Math.Max(0, Mailboxes - Ended - Running.Count);
}
