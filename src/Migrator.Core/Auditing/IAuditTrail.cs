using Migrator.Core.Failures;

namespace Migrator.Core.Auditing;

/// <summary>The record of who did what: lines are added and never changed, each with the hash of the one before. Any number of processes
/// write to one.</summary>
public interface IAuditTrail
{
    /// <returns>Where it is, once it is durable.</returns>
    /// <exception cref="StorageException"><see cref="Reason.AuditUnwritable"/>: nothing was written.</exception>
    Task<AuditReceipt> AppendAsync(AuditEntry entry, CancellationToken cancellationToken);
}

/// <param name="Hash">Of its line, and with it of all lines before.</param>
public sealed record AuditReceipt(long Sequence, string Hash);
