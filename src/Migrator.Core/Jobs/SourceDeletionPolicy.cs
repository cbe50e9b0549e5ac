namespace Migrator.Core.Jobs;

/// <summary>Whether messages are deleted at the source (POP3) once their stored copies were read back.</summary>
/// <param name="AfterDays">Days since the server listed a message first, 0 or more; null to leave everything there.</param>
public sealed record SourceDeletionPolicy(int? AfterDays)
{
    public static readonly SourceDeletionPolicy Never = new((int?)null);
}
