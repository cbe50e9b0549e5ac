using Microsoft.Extensions.Logging;

namespace Migrator.Core.Auditing;

/// <summary>What is logged of the audit trail: with the hashes kept where logs are, the trail cannot be rewritten without being found
/// out.</summary>
internal static partial class AuditLog
{
    [LoggerMessage(6001, LogLevel.Information, "Audit {Sequence}: {Event} by {Kind} {Name}: {Outcome}; hash {Hash}")]
    public static partial void Audited(
        this ILogger log,
        long sequence,
        string @event,
        string kind,
        string name,
        string outcome,
        string hash
    );

    [LoggerMessage(6002, LogLevel.Error, "Not in the audit trail: {Event} by {Kind} {Name} ({From}): {Outcome}; {What}: {Why}")]
    public static partial void NotAudited(
        this ILogger log,
        string @event,
        string kind,
        string name,
        string from,
        string outcome,
        string what,
        string why
    );
}
