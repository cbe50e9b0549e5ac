using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Finds or begins a folder's record, and decides whether the UIDs on record still name the same messages at both ends. Where they do not, a new
/// generation begins and messages are recognised by content.</summary>
internal sealed class FolderIdentity(FolderRun folder, IMailSource source, IMailTarget target)
{
    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;

    /// <param name="uids">What the source lists.</param>
    public async Task EstablishAsync(FolderState state, FolderState targetState, IReadOnlyList<uint> uids, CancellationToken stop)
    {
        var mapping = folder.Mapping;
        var all = await _checkpoint.FoldersAsync(stop).ConfigureAwait(false);
        var generations = all.Where(known => known.Source == mapping.Source.Path).ToList();
        var known = await SourceAsync(generations, state, uids, stop).ConfigureAwait(false);
        if (known is not null)
            await TargetAsync(known, all, targetState, stop).ConfigureAwait(false);
        var kept = known is not null && known.TargetUidValidity == targetState.UidValidity && !known.TargetMark.IsAheadOf(targetState);
        folder.Folder = await _checkpoint.SaveFolderAsync((known ?? new FolderCheckpoint(0, mapping.Source.Path, state.UidValidity, 1, mapping.Target, targetState.UidValidity, null, null, 0)) with
        {
            Target = mapping.Target,
            TargetUidValidity = targetState.UidValidity,
            Completed = null,
            SourceMark = (known?.SourceMark ?? default).Raise(state),
            TargetMark = kept ? known!.TargetMark.Raise(targetState) : HighWaterMark.Of(targetState),
        }, stop).ConfigureAwait(false);
    }

    /// <returns>The generation whose UIDs are the source's; null where a new one begins.</returns>
    private async Task<FolderCheckpoint?> SourceAsync(List<FolderCheckpoint> generations, FolderState state, IReadOnlyList<uint> uids, CancellationToken stop)
    {
        var path = folder.Mapping.Source.Path;
        // Without UIDVALIDITY, UIDs last for one session (RFC 9051, section 2.3.1.1).
        var known = state.UidValidity == 0 ? null : generations.Find(generation => generation.UidValidity == state.UidValidity);
        foreach (var other in generations.Where(generation => generation != known))
            await _checkpoint.RetireAsync(other.Id, uidsGivenAgain: other.UidValidity == 0, stop).ConfigureAwait(false);
        if (known is null)
        {
            if (generations.Count > 0)
                folder.Run.Progress.Notice($"{path}: the source has renumbered its messages (UIDVALIDITY); those already delivered are recognised by content.");
            return null;
        }
        if (!known.SourceMark.IsAheadOf(state) && await IsSameSourceAsync(known, state, uids, stop).ConfigureAwait(false))
            return known;
        folder.Run.Progress.Notice($"{path}: the source was set back to an earlier state and has given UIDs again; its messages are recognised by content.");
        await _checkpoint.RetireAsync(known.Id, uidsGivenAgain: true, stop).ConfigureAwait(false);
        return null;
    }

    private async Task<bool> IsSameSourceAsync(FolderCheckpoint known, FolderState state, IReadOnlyList<uint> uids, CancellationToken stop)
    {
        // A mod-sequence that has not moved is proof enough. POP3 has UIDs of our own giving, and a book that tells who is who.
        if (source is IRemovableSource || (state.HighestModSeq > 0 && known.Completed == state))
            return true;
        var delivered = await _checkpoint.UidsAsync(known.Id, MessageStates.AtTarget, stop).ConfigureAwait(false);
        var listed = uids.ToHashSet();
        var highest = new List<(uint, ContentId)>();
        foreach (var uid in delivered.Reverse().Where(listed.Contains).Take(3))
        {
            if (await _checkpoint.ReadAsync(known.Id, MessageStates.AtTarget, uid, 1, stop).ConfigureAwait(false) is [{ Content: { } content }])
                highest.Add((uid, content));
        }
        return await Sentinel.IsSameAsync(source, highest, stop).ConfigureAwait(false) ?? true;
    }

    /// <summary>Makes everything wanting again where the target's UIDs on record mean nothing any more.</summary>
    private async Task TargetAsync(FolderCheckpoint known, IReadOnlyList<FolderCheckpoint> all, FolderState targetState, CancellationToken stop)
    {
        var mapping = folder.Mapping;
        if (known.Target != mapping.Target)
        {
            folder.Run.Progress.Notice($"{mapping.Source.Path}: delivered to {known.Target} before, to {mapping.Target} now; what {known.Target} holds is left there.");
            await _checkpoint.ResetAsync(known.Id, stop).ConfigureAwait(false);
            return;
        }
        if (targetState.UidValidity == 0 || known.TargetUidValidity != targetState.UidValidity)
        {
            folder.Run.Progress.Notice($"{mapping.Target}: the target folder was recreated; what it still holds is recognised by content, the rest is delivered again.");
            await _checkpoint.ResetAsync(known.Id, stop).ConfigureAwait(false);
            return;
        }
        if (!known.TargetMark.IsAheadOf(targetState) && await IsSameTargetAsync(known, targetState, stop).ConfigureAwait(false))
            return;
        folder.Run.Progress.Notice($"{mapping.Target}: the target was set back to an earlier state and has given UIDs again; what it still holds is recognised by content, the rest is delivered again.");
        // Every folder that was delivered there, of earlier numberings too: under those UIDs lies other mail now.
        foreach (var other in all.Where(other => other.Target == known.Target && other.TargetUidValidity == known.TargetUidValidity))
        {
            await _checkpoint.ResetAsync(other.Id, stop).ConfigureAwait(false);
            if (other.Id != known.Id && other.UidValidity > 0)
                await _checkpoint.SaveFolderAsync(other with { Completed = null, TargetMark = HighWaterMark.Of(targetState) }, stop).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsSameTargetAsync(FolderCheckpoint known, FolderState targetState, CancellationToken stop)
    {
        if (targetState.HighestModSeq > 0 && known.CompletedTarget == targetState)
            return true;
        const uint near = 1000;
        foreach (var from in new[] { known.TargetMark.UidNext > near ? known.TargetMark.UidNext - near : 1, 1u }.Distinct())
        {
            var copies = await _checkpoint.DeliveredToAsync(known.Target, known.TargetUidValidity, from, stop).ConfigureAwait(false);
            // A run that was cut short left no mark of what it delivered.
            if (targetState.UidNext > 0 && copies.Any(copy => copy.TargetUid >= targetState.UidNext))
                return false;
            var highest = copies.Where(copy => copy.Stored is not null).OrderByDescending(copy => copy.TargetUid).Select(copy => (copy.TargetUid, copy.Stored!.Value));
            if (await Sentinel.IsSameAsync(target, highest, stop).ConfigureAwait(false) is { } same)
                return same;
        }
        return true;
    }
}
