namespace Migrator.Core.Reports;

/// <summary>What became of one mailbox of a job: its line in a <see cref="JobReport"/>.</summary>
/// <param name="Mailbox">Its name within the job.</param>
/// <param name="ExitCode">That a command for this mailbox alone ends with.</param>
public sealed record MailboxResult(string Mailbox, MailboxOutcome Outcome, int ExitCode)
{
    /// <summary>Null where it was never reached.</summary>
    public string? Source { get; init; }

    public string? Target { get; init; }

    /// <summary>Of a run; of a check, what a run would find. Null where nothing was counted.</summary>
    public MessageCounts? Counts { get; init; }

    /// <summary>Of a verify; null where nothing was compared.</summary>
    public ComparedCounts? Compared { get; init; }

    /// <summary>Why it is not OK; empty where it is.</summary>
    public IReadOnlyList<MailboxReason> Reasons { get; init; } = [];

    /// <summary>Its own report, relative to the overview, with "/"; null where there is none.</summary>
    public string? JsonFile { get; init; }

    /// <inheritdoc cref="JsonFile"/>
    public string? HtmlFile { get; init; }
}
