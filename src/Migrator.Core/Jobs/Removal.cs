namespace Migrator.Core.Jobs;

/// <summary>Whether messages are deleted at the source (POP3) once their stored copies were read back.</summary>
/// <param name="AfterDays">Days since the server listed a message first, 0 or more; null to leave everything there.</param>
public sealed record Removal(int? AfterDays)
{
    public static readonly Removal Never = new((int?)null);
}
