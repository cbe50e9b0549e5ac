namespace Migrator.Core.Archives;

/// <summary>Somebody has said that a loss is meant. Snapshots before this one are no longer compared with; what is lost after it,
/// is.</summary>
/// <param name="Snapshot">Its name.</param>
public sealed record AcceptedLoss(string Snapshot, long Sequence, DateTimeOffset At);
