namespace Migrator.Core.Archives;

/// <param name="Done">What was done, as text.</param>
/// <param name="Lost">Messages that snapshots name and that cannot be restored.</param>
public sealed record RepairReport(string Archive, IReadOnlyList<string> Done, IReadOnlyList<AffectedMessage> Lost);
