namespace Migrator.Core.JobRuns;

/// <param name="Job">Null for all jobs.</param>
/// <param name="Mailbox">Null for all mailboxes; else together with a job.</param>
/// <param name="Limit">At most so many.</param>
public sealed record HistoryQuery(string? Job, string? Mailbox, int Limit);
