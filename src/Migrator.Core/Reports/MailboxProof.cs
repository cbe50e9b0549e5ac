namespace Migrator.Core.Reports;

/// <param name="Mailbox">What it is called in the archive.</param>
/// <param name="Proved">When a sample of it was last restored and found whole; null for never.</param>
/// <param name="Failed">When the last test failed; null where it did not.</param>
/// <param name="Frozen">Prune keeps all its snapshots, because it has lost far more messages than usual.</param>
public sealed record MailboxProof(string Mailbox, DateTimeOffset? Proved, DateTimeOffset? Failed, bool Frozen);
