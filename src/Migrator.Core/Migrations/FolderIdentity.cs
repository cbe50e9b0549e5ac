using Migrator.Core.Checkpoints;
using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Finds or begins a folder's record, and decides whether the recorded UIDs still name the same messages at both ends. Where they
/// do not, a new generation begins and messages are recognised by content.</summary>
internal sealed class FolderIdentity(FolderCopyState folder, IMailSource source, IMailTarget target)
{
    private const int Chunk = 1000;

    private static readonly IReadOnlyList<MessageState> s_unproved =
    [
        MessageState.Sending,
        MessageState.Unchecked,
        MessageState.Superseded,
    ];

    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;
    private UidSet? _targetUids;

    /// <param name="uids">What the source lists.</param>
    /// <returns>What the target lists; null where there was no need to look.</returns>
    public async Task<UidSet?> EstablishAsync(FolderState state, FolderState targetState, UidSet uids, CancellationToken stop)
    {
        var mapping = folder.Mapping;
        var all = await FoldersAsync(stop);
        if (uids.Count > 0 && LimitedView.OfTarget(target.Provider, mapping.Target, targetState) is { } limited && !all.Any(IsRecorded))
            throw limited;
        // The target first: copies of every numbering of the source, and of every folder that goes there, are known by its UIDs.
        var kept = await TargetAsync(all, targetState, stop);
        var generations = (await FoldersAsync(stop)).Where(known => known.Source == mapping.Source.Path).ToList();
        var sentFrom = kept ? await OpenIntentsAsync(generations, targetState, state, stop) : default;
        var known = await SourceAsync(generations, state, uids, stop);
        var sameTarget = kept && known?.Target == mapping.Target && known.TargetUidValidity == targetState.UidValidity;
        folder.Folder = await _checkpoint.SaveFolderAsync(
            (
                known
                ?? new FolderCheckpoint(
                    0,
                    mapping.Source.Path,
                    state.UidValidity,
                    1,
                    mapping.Target,
                    targetState.UidValidity,
                    null,
                    null,
                    0
                )
            ) with
            {
                Target = mapping.Target,
                TargetUidValidity = targetState.UidValidity,
                Completed = null,
                CompletedTarget = sameTarget ? known!.CompletedTarget : null,
                FlagsModSeq = known is null || known.SourceMark.HasStuckModSeq(state) ? 0 : known.FlagsModSeq,
                SourceMark = (known?.SourceMark ?? default).Raise(state),
                TargetMark = sameTarget ? known!.TargetMark.Raise(targetState) : HighWaterMark.Of(targetState),
                SentFrom = sentFrom,
                IsTargetOurs = sameTarget ? known!.IsTargetOurs : folder.CreatesTarget,
            },
            stop
        );
        return _targetUids;

        // What the target folder held before, this record has seen.
        bool IsRecorded(FolderCheckpoint known) =>
            known.Source == mapping.Source.Path && known.Target == mapping.Target && known.TargetUidValidity == targetState.UidValidity;
    }

    private Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(CancellationToken stop) =>
        _checkpoint.FoldersAsync(folder.Mapping.Source.Path, folder.Mapping.Target, stop);

    /// <returns>False where the recorded UIDs of the target mean nothing any more: then everything that was delivered there is wanted
    /// again.</returns>
    private async Task<bool> TargetAsync(IReadOnlyList<FolderCheckpoint> all, FolderState targetState, CancellationToken stop)
    {
        var mapping = folder.Mapping;
        foreach (
            var other in all.Where(known =>
                known.Source == mapping.Source.Path
                && known.UidValidity.IsKnown
                && (known.Target != mapping.Target || known.TargetUidValidity != targetState.UidValidity)
            )
        )
        {
            folder.Run.Progress.NoticeOnce(
                $"renumbered {mapping.Target} {other.Target}",
                other.Target != mapping.Target
                    ? $"{mapping.Source.Path}: delivered to {other.Target} before, to {mapping.Target} now; what {other.Target} "
                        + "contains is left there."
                    : $"{mapping.Target}: the target folder was recreated; what it still contains is recognised by content, the rest "
                        + "is delivered again."
            );
            await _checkpoint.ResetAsync(other.Id, other.Target == mapping.Target ? targetState.UidValidity : null, stop);
            await _checkpoint.SaveFolderAsync(
                other with
                {
                    Target = mapping.Target,
                    TargetUidValidity = targetState.UidValidity,
                    Completed = null,
                    CompletedTarget = null,
                    TargetMark = HighWaterMark.Of(targetState),
                    SentFrom = default,
                },
                stop
            );
        }
        var here = all.Where(known => known.Target == mapping.Target && known.TargetUidValidity == targetState.UidValidity).ToList();
        if (
            targetState.UidValidity.IsKnown
            && !here.Exists(known => known.UidValidity.IsKnown && known.TargetMark.IsAheadOf(targetState))
            && await IsSameTargetAsync(here, targetState, stop)
        )
            return true;
        if (here.Count > 0)
            folder.Run.Progress.NoticeOnce(
                $"rolled back {mapping.Target}",
                $"{mapping.Target}: the target was rolled back to an earlier state and has reused UIDs; what it still contains "
                    + "is recognised by content, the rest is delivered again."
            );
        foreach (var other in here)
        {
            await _checkpoint.ResetAsync(other.Id, targetState.UidValidity, stop);
            if (other.UidValidity.IsKnown)
                await _checkpoint.SaveFolderAsync(
                    other with
                    {
                        Completed = null,
                        CompletedTarget = null,
                        TargetMark = HighWaterMark.Of(targetState),
                        SentFrom = default,
                    },
                    stop
                );
        }
        return false;
    }

    private async Task<bool> IsSameTargetAsync(List<FolderCheckpoint> here, FolderState targetState, CancellationToken stop)
    {
        if (here.Count == 0 || (targetState.HighestModSeq > 0 && here.Exists(known => known.CompletedTarget == targetState)))
            return true;
        var next = here.Max(known => known.TargetMark.UidNext);
        const uint near = 1000;
        foreach (var from in new TargetUid[] { next > near ? next.Value - near : 1, 1 }.Distinct())
        {
            var copies = await _checkpoint.DeliveredToAsync(folder.Mapping.Target, targetState.UidValidity, from, stop);
            // A run that was cut short left no mark of what it delivered.
            if (targetState.UidNext.IsKnown && copies.Any(copy => copy.TargetUid.Uid >= targetState.UidNext))
                return false;
            if (copies.Count == 0)
                continue;
            // Only those that are still there: the target user may have removed the newest copies.
            _targetUids ??= await target.ListUidsAsync(1, stop);
            var highest = copies
                .Where(copy => copy.Stored is not null && _targetUids.Contains(copy.TargetUid.Uid))
                .OrderByDescending(copy => copy.TargetUid)
                .Select(copy => (copy.TargetUid.Uid, copy.Stored!.Value));
            if (await Sentinel.IsSameAsync(target, folder.TargetFetches, highest, stop) is { } same)
                return same;
        }
        return true;
    }

    /// <summary>From which target UID on something may be, or may still arrive, that a session sent which did not end in peace; 0 for
    /// nothing.</summary>
    private async Task<TargetUid> OpenIntentsAsync(
        List<FolderCheckpoint> generations,
        FolderState targetState,
        FolderState state,
        CancellationToken stop
    )
    {
        var lowest = generations
            .Where(known => known.SentFrom.IsKnown && known.TargetUidValidity == targetState.UidValidity)
            .Select(known => known.SentFrom)
            .DefaultIfEmpty()
            .Min();
        foreach (
            var generation in generations.Where(generation =>
                generation.TargetUidValidity == targetState.UidValidity || !generation.UidValidity.IsKnown
            )
        )
        {
            // Of the present numbering, what was not examined is examined first of all.
            var isEarlier = !generation.UidValidity.IsKnown || generation.UidValidity != state.UidValidity;
            await foreach (var record in generation.ReadAllAsync(_checkpoint, isEarlier ? s_unproved : [MessageState.Sending], stop))
            {
                if (record.Intent is { } intent ? intent.UidValidity != targetState.UidValidity : !IsUnchecked(record))
                    continue;
                var from = TargetUid.Higher(TargetUid.Min, record.Intent?.UidNext ?? record.TargetUid);
                lowest = lowest.IsKnown ? TargetUid.Lower(lowest, from) : from;
                folder.SentEarlier |= isEarlier;
            }
        }
        return lowest;
    }

    private static bool IsUnchecked(MessageRecord record) =>
        record.State == MessageState.Unchecked
        || (record.State == MessageState.Superseded && record.Reason == RecordedDifferences.Unchecked);

    /// <returns>The generation whose UIDs are the source's; null where a new one begins.</returns>
    private async Task<FolderCheckpoint?> SourceAsync(
        List<FolderCheckpoint> generations,
        FolderState state,
        UidSet uids,
        CancellationToken stop
    )
    {
        var path = folder.Mapping.Source.Path;
        // Without UIDVALIDITY, UIDs last for one session (RFC 9051, section 2.3.1.1).
        var known = !state.UidValidity.IsKnown ? null : generations.Find(generation => generation.UidValidity == state.UidValidity);
        foreach (var other in generations.Where(generation => generation != known))
            await _checkpoint.RetireAsync(other.Id, uidsGivenAgain: !other.UidValidity.IsKnown, stop);
        if (known is null)
        {
            if (generations.Count > 0)
                folder.Run.Progress.NoticeOnce(
                    $"renumbered {path}",
                    $"{path}: the source has renumbered its messages (UIDVALIDITY); those already delivered are recognised by content."
                );
            return null;
        }
        await ReviveAsync(known, stop);
        if (!known.SourceMark.IsAheadOf(state) && await IsSameSourceAsync(known, state, uids, stop))
            return known;
        folder.Run.Progress.NoticeOnce(
            $"rolled back {path}",
            folder.KeepsFlagsInHeaders
                ? $"{path}: the file was changed since it was imported last; its messages are recognised by content."
                : $"{path}: the source was rolled back to an earlier state and has reused UIDs; its messages are recognised by content."
        );
        await _checkpoint.RetireAsync(known.Id, uidsGivenAgain: true, stop);
        return null;
    }

    /// <summary>The folder was not listed for a while, or numbered otherwise: what was delivered of it is known, and so is what the
    /// target's user removed of that. Not where the copy belongs to another message by now.</summary>
    private async Task ReviveAsync(FolderCheckpoint known, CancellationToken stop)
    {
        var superseded = await known.ReadAllAsync(_checkpoint, [MessageState.Superseded], stop).ToListAsync(stop);
        if (superseded.Count == 0)
            return;
        var owned = await _checkpoint.OwnedAsync(known.Target, known.TargetUidValidity, stop);
        foreach (var records in superseded.Where(record => !owned.Contains(record.TargetUid.Uid)).Chunk(Chunk))
            await _checkpoint.WriteAsync(known.Id, [.. records.Select(RecordedDifferences.Revived)], stop);
    }

    private async Task<bool> IsSameSourceAsync(FolderCheckpoint known, FolderState state, UidSet uids, CancellationToken stop)
    {
        // A mod-sequence that has not moved is proof enough. POP3 has UIDs of our own giving, and a UID map that tells who is who.
        if (source is IDeletableSource || (state.HighestModSeq > 0 && known.Completed == state))
            return true;
        // Of what is still to be delivered too: its content may be known from an interrupted run.
        const int near = 1000;
        var from = known.NextUid.Value > near ? known.NextUid.Value - near : 1;
        var newest = await _checkpoint.ReadAsync(known.Id, MessageStates.AtSource, from, near, stop);
        List<(Uid, ContentId)> highest =
        [
            .. newest
                .Reverse()
                .Where(record => record.Content is not null && uids.Contains(record.Uid))
                .Take(3)
                .Select(record => (record.Uid, record.Content!.Value)),
        ];
        // All of them may have been removed since.
        if (highest.Count == 0)
        {
            var recorded = await _checkpoint.UidsAsync(known.Id, MessageStates.AtSource, stop);
            foreach (var uid in recorded.Intersect(uids).Descending().Take(20))
            {
                if (
                    highest.Count < 3
                    && await _checkpoint.ReadAsync(known.Id, MessageStates.AtSource, uid, 1, stop) is [{ Content: { } content }]
                )
                    highest.Add((uid, content));
            }
        }
        return await Sentinel.IsSameAsync(source, folder.SourceFetches.Isolation, highest, stop) ?? true;
    }
}
