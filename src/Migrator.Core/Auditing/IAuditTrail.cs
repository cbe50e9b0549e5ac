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
