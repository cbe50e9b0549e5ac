using Migrator.Core.Failures;

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

/// <param name="Name">Of the mailbox, once in its job.</param>
/// <param name="Job">What is done for it.</param>
public sealed record JobMailbox(string Name, Job Job)
{
    /// <summary>File and line, for people.</summary>
    public string Place { get; init; } = "";
}

/// <param name="Name">Of the mailbox, as far as it is known.</param>
/// <param name="Place">File and line, for people.</param>
public sealed record InvalidMailbox(string Name, string Place, IReadOnlyList<ConfigurationError> Errors)
{
    /// <summary>Name and place, the place once.</summary>
    public string Where => Name.Contains(Place, StringComparison.Ordinal) ? Name : $"{Name} ({Place})";
}

/// <summary>How a job's runs are gone about.</summary>
/// <param name="MaxConcurrency">Mailboxes of it in progress at once, over all workers, 1 to 1000; null for as many as the workers
/// take.</param>
/// <param name="MaxAttempts">How often a mailbox is tried in a job run, 1 to 20, where what stopped it may pass.</param>
/// <param name="InitialRetryDelay">After the first attempt; doubled after each further one, to an hour at most.</param>
/// <param name="OverdueAfter">A mailbox with no complete run for so long is overdue, which is reported like a failure; null to go by the
/// schedule.</param>
public sealed record RetryPolicy(int? MaxConcurrency, int MaxAttempts, TimeSpan InitialRetryDelay, TimeSpan? OverdueAfter)
{
    public static readonly RetryPolicy Default = new(null, 5, TimeSpan.FromMinutes(1), null);
}
