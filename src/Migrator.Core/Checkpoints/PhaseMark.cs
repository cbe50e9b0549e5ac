namespace Migrator.Core.Checkpoints;

/// <param name="Since">Seconds are kept; null for a mailbox that was never in another phase.</param>
public readonly record struct PhaseMark(MailboxPhase Phase, DateTimeOffset? Since);
