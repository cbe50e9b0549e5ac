using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Brings flags that changed at the source since they were recorded to the target. Only the change is carried
/// over: what the user of the target did to the same message stays.</summary>
internal static class FlagSync
{
    private const int Chunk = 5000;
    private const int Page = 200;

    /// <param name="folder">A folder that both sessions have opened.</param>
    /// <param name="known">UIDs at the source that were on record before this run.</param>
    /// <returns>How many messages of the target were changed.</returns>
    public static async Task<int> RunAsync(FolderRun folder, IMailSource source, IMailTarget target, FolderState state, IReadOnlyList<uint> known, CancellationToken cancellationToken)
    {
        // A mod-sequence below the recorded one is that of an index that was built anew: it says nothing of what changed.
        var since = folder.Folder.FlagsModSeq <= state.HighestModSeq ? folder.Folder.FlagsModSeq : 0;
        if (known.Count == 0 || (since > 0 && since == state.HighestModSeq))
            return 0;
        var stored = 0;
        foreach (var chunk in known.Chunk(Chunk))
        {
            var present = await source.FlagsAsync(chunk, since, cancellationToken).ConfigureAwait(false);
            stored += await ApplyAsync(folder, target, [.. present.OrderBy(message => message.Uid)], cancellationToken).ConfigureAwait(false);
        }
        return stored;
    }

    private static async Task<int> ApplyAsync(FolderRun folder, IMailTarget target, List<(uint Uid, FlagSet Flags)> present, CancellationToken cancellationToken)
    {
        var changed = new List<(MessageRecord Old, FlagSet Flags)>();
        for (var next = 0; next < present.Count;)
        {
            var records = await folder.Run.Checkpoint.ReadAsync(folder.Folder.Id, Enumeration.OnRecord, present[next].Uid, Page, cancellationToken).ConfigureAwait(false);
            if (records.Count == 0)
                break;
            var byUid = records.ToDictionary(record => record.Uid);
            for (; next < present.Count && present[next].Uid <= records[^1].Uid; next++)
            {
                if (byUid.TryGetValue(present[next].Uid, out var record) && record.Flags != present[next].Flags)
                    changed.Add((record, present[next].Flags));
            }
        }

        var delivered = changed.Where(change => change.Old.State == MessageState.Delivered).ToList();
        foreach (var alike in delivered.GroupBy(change => (Add: change.Flags.Except(change.Old.Flags), Remove: change.Old.Flags.Except(change.Flags))))
            await StoreAsync(folder, target, [.. alike], target.Keepable(alike.Key.Add), target.Keepable(alike.Key.Remove), cancellationToken).ConfigureAwait(false);
        await folder.Run.Checkpoint.WriteAsync(folder.Folder.Id, [.. changed.Select(change => change.Old with { Flags = change.Flags })], cancellationToken).ConfigureAwait(false);
        return delivered.Count;
    }

    /// <summary>What the target refuses is reported and does not stand in the way of mail. Most often it is a keyword.</summary>
    private static async Task StoreAsync(FolderRun folder, IMailTarget target, List<(MessageRecord Old, FlagSet Flags)> changed, FlagSet add, FlagSet remove, CancellationToken cancellationToken)
    {
        var refused = await Piecemeal.AskAsync([.. changed.Select(change => change.Old.TargetUid).Order()], some => target.StoreFlagsAsync(some, add, remove, cancellationToken)).ConfigureAwait(false);
        await Piecemeal.AskAsync(refused, some => target.StoreFlagsAsync(some, add.System, remove.System, cancellationToken)).ConfigureAwait(false);
        foreach (var (old, flags) in changed.Where(change => refused.Contains(change.Old.TargetUid)))
            folder.Run.Findings.Add(folder.Differs(old with { Flags = flags }, DifferenceKind.Flags, "the target refused the change"));
    }
}
