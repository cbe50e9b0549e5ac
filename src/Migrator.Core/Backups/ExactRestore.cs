using Microsoft.Extensions.Logging;
using Migrator.Core.Archives;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Backups;

/// <summary>After everything of a snapshot is at the target: gives each message its flags of then, and moves aside what was not there then.
/// Nothing is deleted.</summary>
internal sealed class ExactRestore(
    Snapshot snapshot,
    IMailboxCheckpoint checkpoint,
    MailboxEndpoints endpoints,
    RunProgress progress,
    TimeProvider time,
    ILogger log
)
{
    private const int Chunk = 500;

    private readonly FolderPath _aside = new([$"Before restore {time.GetLocalNow():yyyy-MM-dd HHmmss}"]);

    // Differences in flags that the run reported.
    private readonly HashSet<(FolderPath Folder, Uid Uid)> _mended = [];

    /// <param name="report">Of the run that brought everything to the target.</param>
    /// <returns>The same, as things are now.</returns>
    /// <exception cref="Failures.MailException">The target was lost; what is left may be done by another run.</exception>
    public async Task<RunReport> RunAsync(RunReport report, CancellationToken stop)
    {
        await using var sessions = new SessionPair(endpoints, new CheckpointUidMap(checkpoint), checkpoint.Lease);
        var unfinished = report
            .Folders.Where(part => part.Counts is not { Failed: 0, Remaining: 0 })
            .Select(part => part.Target)
            .ToHashSet();
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
            // A message that failed may be among those that no record owns: then it is not known what is too much.
            if (unfinished.Contains(folder.Target))
                continue;
            var (changed, moved) = (0, 0);
            await new Retries(time, progress, log).RunAsync(
                sessions,
                "Moving aside what was not there then",
                async () =>
                {
                    if ((await sessions.Target.OpenAsync(folder.Target, stop)).UidValidity != folder.TargetUidValidity)
                        return false;
                    await foreach (var records in folder.ReadPagesAsync(checkpoint, MessageStates.AtTarget, Chunk, stop))
                        changed += await SetFlagsAsync(sessions.Target, folder.Source, records, stop);
                    moved += await MoveAsideAsync(sessions.Target, folder, stop);
                    return true;
                },
                stop
            );
            if (moved > 0)
                progress.Notice(
                    $"{folder.Target}: {moved:N0} message{(moved == 1 ? "" : "s")} that the snapshot does not contain "
                        + $"moved to {Aside(folder)}."
                );
            if (changed > 0)
                progress.Notice($"{folder.Target}: flags of {changed:N0} message{(changed == 1 ? "" : "s")} set to what they were.");
        }
        return report with
        {
            Differences =
            [
                .. report.Differences.Where(difference =>
                    difference is not { Kind: DifferenceKind.Flags, Uid: { } uid } || !_mended.Contains((difference.Folder, uid))
                ),
            ],
            DifferenceCounts = report
                .DifferenceCounts.Select(count =>
                    count.Key == DifferenceKind.Flags ? KeyValuePair.Create(count.Key, count.Value - _mended.Count) : count
                )
                .Where(count => count.Value > 0)
                .ToDictionary(),
        };
    }

    private FolderPath Aside(FolderCheckpoint folder) => _aside.Concat(folder.Target.Names);

    private async Task<int> MoveAsideAsync(IMailTarget target, FolderCheckpoint folder, CancellationToken stop)
    {
        var owned = await checkpoint.OwnedAsync(folder.Target, folder.TargetUidValidity, stop);
        var extra = (await target.ListUidsAsync(1, stop)).Except(owned);
        if (extra.Count == 0)
            return 0;
        await target.CreateFolderAsync(Aside(folder), SpecialUse.None, stop);
        await target.MoveAsync(TargetUid.Of(extra), Aside(folder), stop);
        return extra.Count;
    }

    /// <returns>How many were changed.</returns>
    private async Task<int> SetFlagsAsync(
        IMailTarget target,
        FolderPath source,
        IReadOnlyList<MessageRecord> records,
        CancellationToken stop
    )
    {
        var byUid = records
            .Where(record => record.TargetUid.IsKnown)
            .DistinctBy(record => record.TargetUid)
            .ToDictionary(record => record.TargetUid.Uid);
        if (byUid.Count == 0)
            return 0;
        var changes = new Dictionary<(FlagSet Add, FlagSet Remove), List<Uid>>();
        foreach (var (uid, now) in await FetchAsync([.. byUid.Keys.Order()]))
        {
            if (!byUid.TryGetValue(uid, out var record) || target.FilterPermanentFlags(record.Flags) is var then && now == then)
                continue;
            var change = (then.Except(now), now.Except(then));
            if (!changes.TryGetValue(change, out var uids))
                changes[change] = uids = [];
            uids.Add(uid);
        }
        if (changes.Count == 0)
            return 0;
        foreach (var ((add, remove), uids) in changes)
            await target.StoreFlagsAsync(TargetUid.Of(uids.Order()), add, remove, stop);
        return (await FetchAsync([.. changes.Values.SelectMany(uids => uids).Order()])).Count;

        async Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchAsync(IReadOnlyList<Uid> uids)
        {
            var flags = await target.FetchFlagsAsync(uids, 0, stop);
            foreach (var (uid, now) in flags)
            {
                if (
                    byUid.TryGetValue(uid, out var record)
                    && now == record.Flags
                    && RecordedDifferences.Of(record).Any(known => known.Kind == DifferenceKind.Flags)
                )
                    _mended.Add((source, record.Uid));
            }
            return flags;
        }
    }
}
