using Migrator.Core.Archives;

namespace Migrator.Core.Jobs;

/// <summary>What is done for the archives of a backup job besides backing up.</summary>
/// <param name="Schedule">When; null where only a person starts it.</param>
/// <param name="OverdueAfter">An archive with no complete upkeep for so long is overdue; null to go by the schedule.</param>
/// <param name="RestoreTest">Null for none.</param>
/// <param name="Check">Null for none.</param>
/// <param name="Prune">Null for none.</param>
public sealed record UpkeepRules(
    Schedule? Schedule,
    TimeSpan? OverdueAfter,
    RestoreTestRule? RestoreTest,
    CheckRule? Check,
    PruneRule? Prune,
    ShrunkRule Shrunk
);
