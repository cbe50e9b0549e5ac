namespace Migrator.Core.Reports;

/// <summary>What became of all mailboxes of a job in one run, verify, check or undo of it: the overview, which refers to a report for each
/// mailbox.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="IsInterrupted">Stopped by the user before the end.</param>
public sealed record JobReport(
    string Job,
    JobTask Task,
    Operation Operation,
    string Version,
    DateTimeOffset Started,
    DateTimeOffset Finished,
    bool IsInterrupted
)
{
    /// <summary>Those that need attention first, then by name.</summary>
    public IReadOnlyList<MailboxResult> Mailboxes
    {
        get;
        init => field = [.. value.OrderBy(mailbox => mailbox.Outcome).ThenBy(mailbox => mailbox.Mailbox, StringComparer.Ordinal)];
    } = [];

    public bool IsOk => !IsInterrupted && Mailboxes.All(mailbox => mailbox.Outcome == MailboxOutcome.Ok);

    public MessageCounts Total => Mailboxes.Aggregate(default(MessageCounts), (sum, mailbox) => sum + (mailbox.Counts ?? default));

    public ComparedCounts Compared => Mailboxes.Aggregate(default(ComparedCounts), (sum, mailbox) => sum + (mailbox.Compared ?? default));
}
