namespace Migrator.Core.Reports;

/// <summary>How one mailbox of a job came out; in the order in which a reader should see them.</summary>
public enum MailboxOutcome
{
    /// <summary>It could not be done.</summary>
    Failed,

    /// <summary>Some messages or folders are missing or differ; the rest is as it should be.</summary>
    Incomplete,

    /// <summary>Stopped before its end, or not started.</summary>
    Unfinished,

    Ok,
}
