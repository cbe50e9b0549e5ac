using System.Runtime.CompilerServices;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Brings flags that changed at the source since they were recorded to the target. Only the change is carried
/// over: what the user of the target did to the same message stays.</summary>
internal static class FlagSync
{
    private const int Chunk = 5000;
    private const int Page = 200;

    /// <param name="folder">A folder that both sessions have opened.</param>
    /// <param name="known">UIDs at the source that were recorded before this run.</param>
    /// <returns>How many messages of the target were changed.</returns>
    public static async Task<int> RunAsync(
        FolderCopyState folder,
        IMailSource source,
        IMailTarget target,
        FolderState state,
        UidSet known,
        CancellationToken cancellationToken
    )
    {
        var stored = 0;
        await foreach (var changed in ChangesAsync(folder, source, state, known, cancellationToken))
            stored += await ApplyAsync(folder, target, changed, cancellationToken);
        return stored;
    }

    /// <summary>Changes nothing.</summary>
    /// <param name="known">As of <see cref="RunAsync"/>.</param>
    /// <returns>Messages, by their UID at the source, whose copies a run would change.</returns>
    public static async Task<UidSet> FindAsync(
        FolderCopyState folder,
        IMailSource source,
        FolderState state,
        UidSet known,
        CancellationToken cancellationToken
    )
    {
        var found = UidSet.Empty;
        await foreach (var changed in ChangesAsync(folder, source, state, known, cancellationToken))
            found = found.Union(UidSet.Of(AtTarget(changed).Where(change => !IsDoubtful(change.Old)).Select(change => change.Old.Uid)));
        return found;
    }

    /// <returns>What has other flags at the source than are recorded, some thousands of messages at a time.</returns>
    private static async IAsyncEnumerable<List<(MessageRecord Old, FlagSet Flags)>> ChangesAsync(
        FolderCopyState folder,
        IMailSource source,
        FolderState state,
        UidSet known,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // A mod-sequence below the recorded one is that of an index that was rebuilt: it says nothing of what changed.
        var since = folder.Folder.FlagsModSeq <= state.HighestModSeq ? folder.Folder.FlagsModSeq : 0;
        if (known.Count == 0 || (since > 0 && since == state.HighestModSeq))
            yield break;
        // In a large folder little changes: the server is asked first for which messages, and not for parts of all of them.
        if (since > 0 && known.Count > Chunk && await source.ChangedSinceAsync(since, cancellationToken) is { } recent)
            known = known.Intersect(recent);
        foreach (var chunk in known.Chunk(Chunk))
        {
            var present = new Dictionary<Uid, FlagSet>();
            var unreadable = await folder.SourceFlags.AskAsync(
                chunk,
                async some =>
                {
                    foreach (var (uid, flags) in await source.FetchFlagsAsync(some, since, cancellationToken))
                        present[uid] = flags;
                }
            );
            await UnreadableAsync(folder, unreadable, cancellationToken);
            yield return await ChangedAsync(
                folder,
                [.. present.OrderBy(message => message.Key).Select(message => (message.Key, message.Value))],
                cancellationToken
            );
        }
    }

    private static List<(MessageRecord Old, FlagSet Flags)> AtTarget(List<(MessageRecord Old, FlagSet Flags)> changed) =>
        changed.FindAll(change => change.Old.State.IsAtTarget() && change.Old.TargetUid.IsKnown);

    /// <summary>Whether they changed, nobody can tell: said of each message that is at the target.</summary>
    private static async Task UnreadableAsync(FolderCopyState folder, IReadOnlyList<Uid> uids, CancellationToken cancellationToken)
    {
        foreach (var uid in uids)
        {
            if (
                await folder.Run.Checkpoint.ReadAsync(folder.Folder.Id, MessageStates.AtTarget, uid, 1, cancellationToken) is [{ } record]
                && record.Uid == uid
            )
                folder.Run.Findings.Add(
                    folder.Differs(
                        record,
                        DifferenceKind.Flags,
                        "not compared: the source does not return the flags of this message "
                            + $"({folder.SourceFlags.Guilty.GetValueOrDefault(uid, "it refuses")})"
                    )
                );
        }
    }

    private static async Task<List<(MessageRecord Old, FlagSet Flags)>> ChangedAsync(
        FolderCopyState folder,
        List<(Uid Uid, FlagSet Flags)> present,
        CancellationToken cancellationToken
    )
    {
        var changed = new List<(MessageRecord Old, FlagSet Flags)>();
        for (var next = 0; next < present.Count; )
        {
            var records = await folder.Run.Checkpoint.ReadAsync(
                folder.Folder.Id,
                MessageStates.AtSource,
                present[next].Uid,
                Page,
                cancellationToken
            );
            if (records.Count == 0)
                break;
            var byUid = records.ToDictionary(record => record.Uid);
            for (; next < present.Count && present[next].Uid <= records[^1].Uid; next++)
            {
                // Of a message whose append is open, the flags that it was sent with are needed, to carry over just the change if it is
                // found.
                if (byUid.TryGetValue(present[next].Uid, out var record) && record.Flags != present[next].Flags && record.Intent is null)
                    changed.Add((record, present[next].Flags));
            }
        }
        return changed;
    }

    private static async Task<int> ApplyAsync(
        FolderCopyState folder,
        IMailTarget target,
        List<(MessageRecord Old, FlagSet Flags)> changed,
        CancellationToken cancellationToken
    )
    {
        var atTarget = AtTarget(changed);
        var doubtful = atTarget.Where(change => IsDoubtful(change.Old)).Select(change => change.Old.Uid).ToHashSet();
        var delivered = atTarget.FindAll(change => !doubtful.Contains(change.Old.Uid));
        var (refused, unkept) = (new HashSet<Uid>(doubtful), new HashSet<Uid>());
        foreach (
            var alike in delivered.GroupBy(change =>
                (Add: change.Flags.Except(change.Old.Flags), Remove: change.Old.Flags.Except(change.Flags))
            )
        )
        {
            var add = target.FilterPermanentFlags(alike.Key.Add);
            if (add != alike.Key.Add)
                unkept.UnionWith(alike.Select(change => change.Old.Uid));
            refused.UnionWith(
                await StoreAsync(folder, target, [.. alike], add, target.FilterPermanentFlags(alike.Key.Remove), cancellationToken)
            );
        }
        refused.UnionWith(unkept);
        await folder.Run.Checkpoint.WriteAsync(
            folder.Folder.Id,
            [
                .. changed
                    .Select(change =>
                        change.Old with
                        {
                            Flags = change.Flags,
                            // Rules may ask for flags.
                            State = change.Old.State == MessageState.Skipped ? MessageState.Found : change.Old.State,
                        }
                    )
                    .Select(record =>
                        refused.Contains(record.Uid) && record.State != MessageState.Unchecked
                            ? RecordedDifferences.With(record, DifferenceKind.Flags, Words(record))
                            : record
                    ),
            ],
            cancellationToken
        );
        // Of one that is not inspected yet, inspection says it.
        foreach (
            var (old, flags) in atTarget.Where(change =>
                refused.Contains(change.Old.Uid)
                && change.Old.State != MessageState.Unchecked
                && (
                    doubtful.Contains(change.Old.Uid) || RecordedDifferences.Of(change.Old).All(known => known.Kind != DifferenceKind.Flags)
                )
            )
        )
            folder.Run.Findings.Add(folder.Differs(old with { Flags = flags }, DifferenceKind.Flags, Words(old)));
        return delivered.Count;

        string Words(MessageRecord record) =>
            doubtful.Contains(record.Uid) ? "the change was not applied: only the header shows that this copy was made by Migrator"
            : unkept.Contains(record.Uid) ? "the target does not keep all of these flags"
            : "the target refused the change";
    }

    /// <summary>Neither the content nor the date is what was sent: it may be what the user of the target got of the same message by another
    /// way.</summary>
    private static bool IsDoubtful(MessageRecord record) =>
        RecordedDifferences
            .Of(record)
            .Select(difference => difference.Kind)
            .Intersect([DifferenceKind.Content, DifferenceKind.InternalDate])
            .Count() == 2;

    /// <summary>What the target refuses does not stand in the way of mail. Most often it is a keyword.</summary>
    /// <returns>The messages, by their UID at the source, that did not get all of it.</returns>
    private static async Task<IEnumerable<Uid>> StoreAsync(
        FolderCopyState folder,
        IMailTarget target,
        List<(MessageRecord Old, FlagSet Flags)> changed,
        FlagSet add,
        FlagSet remove,
        CancellationToken cancellationToken
    )
    {
        var refused = await folder.TargetFlags.AskAsync(
            [.. changed.Select(change => change.Old.TargetUid.Uid).Distinct().Order()],
            some => target.StoreFlagsAsync(TargetUid.Of(some), add, remove, cancellationToken),
            mayGiveUp: false
        );
        await folder.TargetFlags.AskAsync(
            refused,
            some => target.StoreFlagsAsync(TargetUid.Of(some), add.System, remove.System, cancellationToken),
            mayGiveUp: false
        );
        return changed.Where(change => refused.Contains(change.Old.TargetUid.Uid)).Select(change => change.Old.Uid);
    }
}
