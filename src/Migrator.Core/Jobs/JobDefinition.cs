namespace Migrator.Core.Jobs;

/// <summary>A job file: what is to be done, for which mailboxes, and when.</summary>
/// <param name="Name">Names the job in output, reports and commands.</param>
/// <param name="File">Full path.</param>
/// <param name="Mailboxes">In the order of the file; one, where it names none of its own.</param>
/// <param name="InvalidMailboxes">Mailboxes with errors, which stop none of the others.</param>
/// <param name="Inputs">Further files that the job was read from, full paths: those that list mailboxes.</param>
/// <param name="Schedule">When it runs; null where only a person starts it.</param>
public sealed record JobDefinition(
    string Name,
    string File,
    IReadOnlyList<JobMailbox> Mailboxes,
    IReadOnlyList<InvalidMailbox> InvalidMailboxes,
    IReadOnlyList<string> Inputs,
    Schedule? Schedule,
    RetryPolicy Policy,
    NotifyRule Notify
)
{
    /// <summary>Whether it names one mailbox, and that without a list.</summary>
    public bool IsOneMailbox => Mailboxes.Count == 1 && InvalidMailboxes.Count == 0 && Inputs.Count == 0;

    /// <summary>What is done for its archives; null where nothing is.</summary>
    public UpkeepRules? Upkeep { get; init; }

    /// <summary>Whether it is the upkeep of another job's archives, which stand in the place of mailboxes.</summary>
    public bool IsUpkeep => Mailboxes is [{ Job: UpkeepJob }, ..];

    /// <summary>The names of all its mailboxes, also of those with errors.</summary>
    public IReadOnlySet<string> Names =>
        Mailboxes.Select(mailbox => mailbox.Name).Concat(InvalidMailboxes.Select(row => row.Name)).ToHashSet(StringComparer.Ordinal);
}
