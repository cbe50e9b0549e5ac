namespace Migrator.Core.Auditing;

/// <param name="Hash">Of its line, and with it of all lines before.</param>
public sealed record AuditReceipt(long Sequence, string Hash);
