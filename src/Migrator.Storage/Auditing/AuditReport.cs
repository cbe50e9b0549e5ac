namespace Migrator.Storage.Auditing;

/// <summary>What reading a trail from end to end has shown.</summary>
/// <param name="First">The first sequence; 0 where there is no line.</param>
/// <param name="Last">The last one.</param>
/// <param name="Head">The hash of the last line: kept elsewhere, it proves later that nothing before it was changed.</param>
/// <param name="Faults">The first of them.</param>
/// <param name="Notes">What is not a fault, and worth knowing.</param>
public sealed record AuditReport(
    string Directory,
    int Files,
    long Lines,
    long First,
    long Last,
    string Head,
    long FaultCount,
    IReadOnlyList<AuditFault> Faults,
    IReadOnlyList<AuditFault> Notes
);
