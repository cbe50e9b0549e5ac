using Migrator.Core.Archives;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Backups;

/// <summary>After everything of a snapshot is at the target: gives each message its flags of then, and moves aside what was not there then.
/// Nothing is deleted.</summary>
internal sealed class ExactRestore(Snapshot snapshot, IMailboxCheckpoint checkpoint, MailboxEndpoints endpoints, TimeProvider time)
{
    private const int Chunk = 500;

    public async Task RunAsync(RunReport report, RunProgress progress, CancellationToken stop)
    {
        progress.Phase = "Moving aside what was not there then";
        await using var target = await endpoints.OpenTarget(checkpoint.Lease, stop);
        var aside = new FolderPath([$"Before restore {time.GetLocalNow():yyyy-MM-dd HHmmss}"]);
        foreach (var folder in await checkpoint.FoldersAsync(stop))
        {
            // What the folder holds besides may be just what the snapshot lacks.
            if (MissingItems.Has(snapshot, folder.Source))
            {
                progress.Notice(
                    $"{folder.Target}: nothing was moved aside and no flags were set: the snapshot does not contain all of {folder.Source}."
                );
                continue;
            }
            var state = await target.OpenAsync(folder.Target, stop);
            // A message that failed may be among those that no record owns: then it is not known what is too much.
            if (
                state.UidValidity != folder.TargetUidValidity
                || report.Folders.Any(part => part.Target == folder.Target && part.Counts is not { Failed: 0, Remaining: 0 })
            )
                continue;
            var records = await folder.ReadAllAsync(checkpoint, MessageStates.AtTarget, stop).ToListAsync(stop);
            var changed = await SetFlagsAsync(target, records, stop);
            var owned = records.Select(record => record.TargetUid.Uid).ToHashSet();
            var extra = (await target.ListUidsAsync(1, stop)).Where(uid => !owned.Contains(uid)).Select(uid => new TargetUid(uid)).ToList();
            if (extra.Count > 0)
            {
                var place = aside.Concat(folder.Target.Names);
                await target.CreateFolderAsync(place, SpecialUse.None, stop);
                await target.MoveAsync(extra, place, stop);
                progress.Notice(
                    $"{folder.Target}: {extra.Count:N0} message{(extra.Count == 1 ? "" : "s")} that the snapshot does not contain "
                        + $"moved to {place}."
                );
            }
            if (changed > 0)
                progress.Notice($"{folder.Target}: flags of {changed:N0} message{(changed == 1 ? "" : "s")} set to what they were.");
        }
    }

    private static async Task<int> SetFlagsAsync(IMailTarget target, List<MessageRecord> records, CancellationToken stop)
    {
        var changes = new Dictionary<(FlagSet Add, FlagSet Remove), List<TargetUid>>();
        foreach (var chunk in records.Chunk(Chunk))
        {
            var wanted = chunk
                .Where(record => record.TargetUid.IsKnown)
                .DistinctBy(record => record.TargetUid)
                .ToDictionary(record => record.TargetUid.Uid, record => target.FilterPermanentFlags(record.Flags));
            foreach (var (uid, now) in await target.FetchFlagsAsync([.. wanted.Keys.Order()], 0, stop))
            {
                if (!wanted.TryGetValue(uid, out var then) || now == then)
                    continue;
                var change = (then.Except(now), now.Except(then));
                if (!changes.TryGetValue(change, out var uids))
                    changes[change] = uids = [];
                uids.Add(new TargetUid(uid));
            }
        }
        foreach (var ((add, remove), uids) in changes)
            await target.StoreFlagsAsync(uids, add, remove, stop);
        return changes.Values.Sum(uids => uids.Count);
    }
}
