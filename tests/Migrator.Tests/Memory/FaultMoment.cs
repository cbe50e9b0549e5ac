namespace Migrator.Tests.Memory;

/// <summary>When an operation fails: before it did anything, or when it has done everything and only the answer is lost. Of bytes that are
/// written, half may have arrived.</summary>
public enum FaultMoment
{
    Before,
    Half,
    After,
}
