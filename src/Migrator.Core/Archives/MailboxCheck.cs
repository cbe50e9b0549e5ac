namespace Migrator.Core.Archives;

/// <summary>When a mailbox was looked at last, and which snapshot says what was found. It changes every night, so it lies beside the
/// archive.</summary>
public sealed record MailboxCheck(string Snapshot, DateTimeOffset At);
