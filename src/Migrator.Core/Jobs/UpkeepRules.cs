using Migrator.Core.Archives;
using Migrator.Core.Backups;

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

/// <param name="Mailboxes">Of the archive, each time: 1 to 10,000.</param>
/// <param name="Messages">Of each of them: 1 to 1,000,000.</param>
public sealed record RestoreTestRule(int Mailboxes, int Messages)
{
    public static readonly RestoreTestRule Default = new(5, 100);
}

/// <param name="AllWithin">Every pack is read at least once in this time.</param>
public sealed record CheckRule(TimeSpan AllWithin)
{
    public static readonly CheckRule Default = new(TimeSpan.FromDays(30));
}

/// <param name="Grace">Packs that no snapshot needs stay for so long after they were written.</param>
public sealed record PruneRule(RetentionPolicy Keep, TimeSpan Grace)
{
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromHours(24);
}
