using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>What a run would delete at a POP3 server once it has read back the stored copies.</summary>
/// <param name="AfterDays">The job's rule.</param>
/// <param name="Due">Messages that a run which ends now would delete, at most: each only where its stored copy proves to be whole.</param>
/// <param name="TooYoung">Messages that have not been listed for long enough.</param>
/// <param name="NextDue">When the first of those will be due; null where there is none.</param>
/// <param name="NotStored">Messages that stay because they would not be at the target.</param>
public sealed record RemovalForecast(int AfterDays, long Due, long TooYoung, DateTimeOffset? NextDue, long NotStored)
{
    /// <param name="uidMap">As the source has filled it.</param>
    /// <param name="stored">UIDs that the server lists and that are stored after a run.</param>
    /// <param name="listed">How many it lists.</param>
    internal static RemovalForecast Of(
        IReadOnlyList<UidMapEntry> uidMap,
        IReadOnlyList<Uid> stored,
        long listed,
        int days,
        DateTimeOffset now
    )
    {
        var due = SourceDeletion.Due(uidMap, stored, days, now);
        var young = stored.Except(due).ToHashSet();
        var seen = uidMap
            .Where(entry => !UidMapMark.Is(entry.Key) && young.Contains(entry.Uid))
            .Min(entry => (DateTimeOffset?)entry.FirstSeen);
        return new RemovalForecast(days, due.Count, young.Count, seen + TimeSpan.FromDays(days), listed - due.Count - young.Count);
    }
}
