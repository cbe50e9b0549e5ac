using System.Globalization;
using Migrator.Core.Migrations;

namespace Migrator.Core.Archives;

/// <summary>Which snapshots of a mailbox are kept: the newest of each of so many days, weeks, months and years that have one, besides the
/// last ones. The newest snapshot of all is always kept, and the newest complete one.</summary>
/// <param name="Last">The newest, whenever they were written.</param>
/// <param name="Weekly">Weeks begin on Monday (ISO 8601).</param>
public sealed record RetentionPolicy(int Last, int Daily, int Weekly, int Monthly, int Yearly)
{
    public bool KeepsNothing => Last + Daily + Weekly + Monthly + Yearly == 0;

    /// <returns>The snapshots to keep.</returns>
    public IReadOnlySet<SnapshotName> Keep(SnapshotHistory history)
    {
        var keep = new HashSet<SnapshotName>();
        if (history.Names.Count == 0)
            return keep;
        var snapshots = history.Names.Select((name, index) => (Name: name, name.State, Time: history.TimeOf(index))).ToList();
        keep.Add(snapshots[^1].Name);
        // Of a partial one nobody knows what it lacks: it may be a folder that was there, whole, the day before.
        keep.UnionWith(snapshots.Where(snapshot => snapshot.State == SnapshotState.Complete).TakeLast(1).Select(snapshot => snapshot.Name));
        // What was written on the way has done its service as soon as something later is there.
        var ended = snapshots.Where(snapshot => snapshot.State != SnapshotState.InProgress).Reverse().ToList();
        keep.UnionWith(ended.Take(Last).Select(snapshot => snapshot.Name));
        Newest(Daily, time => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Newest(Weekly, time => $"{ISOWeek.GetYear(time.UtcDateTime)}-{ISOWeek.GetWeekOfYear(time.UtcDateTime)}");
        Newest(Monthly, time => time.ToString("yyyy-MM", CultureInfo.InvariantCulture));
        Newest(Yearly, time => time.ToString("yyyy", CultureInfo.InvariantCulture));
        return keep;

        // Of each period the newest complete one; where there is none, the newest partial one.
        void Newest(int count, Func<DateTimeOffset, string> period) =>
            keep.UnionWith(
                ended
                    .GroupBy(snapshot => period(snapshot.Time))
                    .Take(count)
                    .Select(group => group.FirstOrDefault(snapshot => snapshot.State == SnapshotState.Complete, group.First()).Name)
            );
    }
}
