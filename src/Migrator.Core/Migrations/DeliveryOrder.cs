using Migrator.Core.Checkpoints;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Selection;

namespace Migrator.Core.Migrations;

/// <summary>Which messages of a mailbox are delivered first, and which are not in this run, where the job has rules for that.</summary>
/// <param name="Portions">What is due at the same time, by folder of the source; one portion after another.</param>
/// <param name="Left">Messages for later runs.</param>
internal sealed record DeliveryOrder(IReadOnlyList<IReadOnlyDictionary<FolderPath, UidSet>> Portions, long Left)
{
    /// <summary>Messages that are not in the plan which the run carries out.</summary>
    public long Unplanned { get; init; }

    // Each portion opens its folders again. Twice as many each time: a million messages need ten portions, and what a user looks for first
    // comes first all the same.
    private const int FirstPortion = 1000;

    private readonly record struct Waiting(int Folder, Uid Uid, long Date, long Size, bool Failed);

    /// <param name="folders">All of them, examined.</param>
    public static async Task<DeliveryOrder> MakeAsync(IReadOnlyList<FolderCopyState> folders, MessageRules rules, CancellationToken stop)
    {
        var (waiting, unplanned) = (new List<Waiting>(), 0L);
        foreach (
            var (index, folder) in folders.Index().Where(item => item.Item.Enumerated is not null && item.Item.Failures.Folder is null)
        )
        {
            await foreach (var record in folder.Folder.ReadAllAsync(folder.Run.Checkpoint, MessageStates.Pending, stop))
            {
                if (!folder.IsPlanned(record.Uid))
                {
                    unplanned++;
                    continue;
                }
                waiting.Add(
                    new Waiting(
                        index,
                        record.Uid,
                        record.InternalDate.ToUnixTimeSeconds(),
                        record.Size,
                        record.State == MessageState.Failed
                    )
                );
            }
        }
        waiting.Sort(rules.NewestFirst ? NewestFirst : InOrder);
        var most = Math.Min(rules.MostMessages ?? int.MaxValue, Fitting(waiting, rules.MostBytes));
        var (portions, size) = (
            new List<IReadOnlyDictionary<FolderPath, UidSet>>(),
            rules is { NewestFirst: true, KeepsOrder: false } ? FirstPortion : most
        );
        var due = waiting[..Math.Min(most, waiting.Count)];
        for (var from = 0; from < due.Count; from += size, size *= 2)
        {
            size = Math.Min(size, due.Count - from);
            portions.Add(
                due.Slice(from, size)
                    .GroupBy(message => message.Folder)
                    .ToDictionary(
                        group => folders[group.Key].Mapping.Source.Path,
                        group => UidSet.Of(group.Select(message => message.Uid).Order())
                    )
            );
        }
        return new DeliveryOrder(portions, waiting.Count - due.Count) { Unplanned = unplanned };
    }

    // What failed before comes last: or a limit might be used up by the same messages in every run.
    private static int InOrder(Waiting a, Waiting b) => (a.Failed, a.Folder, a.Uid).CompareTo((b.Failed, b.Folder, b.Uid));

    private static int NewestFirst(Waiting a, Waiting b) =>
        (a.Failed, -a.Date, a.Folder, -(long)a.Uid.Value).CompareTo((b.Failed, -b.Date, b.Folder, -(long)b.Uid.Value));

    private static int Fitting(List<Waiting> waiting, long? most)
    {
        if (most is not { } bytes)
            return int.MaxValue;
        // At least one: a message that is larger than the limit would never come.
        var count = 1;
        for (var sum = waiting.Count == 0 ? 0 : waiting[0].Size; count < waiting.Count && (sum += waiting[count].Size) <= bytes; )
            count++;
        return count;
    }
}
