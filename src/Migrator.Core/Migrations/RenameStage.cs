using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Plans;

namespace Migrator.Core.Migrations;

/// <summary>A folder that the source has renamed is renamed at the target too, with all that is below it: its messages keep their UIDs
/// there, and none is read again. Only a folder that Migrator created. Of others, messages are moved one by one (<see cref="MoveStage"/>),
/// and the folder stays.</summary>
/// <remarks>A renamed folder keeps its UIDVALIDITY (RFC 9051, section 6.3.6, and every server that was tried), which others may share: its
/// newest messages have to be those that are recorded.</remarks>
/// <param name="only">What a person has agreed to; null for all.</param>
internal sealed class RenameStage(RunContext run, SessionPair sessions, FolderPlan plan, IReadOnlyList<PlannedRename>? only = null)
{
    private const int Newest = 3;

    private HashSet<FolderPath> _there = [];

    private readonly List<PlannedRename> _renames = [];
    private readonly HashSet<long> _unplanned = [];

    private bool _changed;

    /// <summary>Only what is recorded changes, and not the target.</summary>
    public bool IsTrial { get; init; }

    /// <summary>Recorded folders that were renamed at the source after the plan was made: a later run renames them.</summary>
    public IReadOnlySet<long> Unplanned => _unplanned;

    /// <summary>What was renamed, or in a trial would be.</summary>
    public IReadOnlyList<PlannedRename> Renames => _renames;

    /// <summary>May be repeated after a lost connection.</summary>
    /// <returns>Whether the plan is to be made again.</returns>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        var known = await run.Checkpoint.FoldersAsync(stop);
        var listed = plan.Mappings.Select(mapping => mapping.Source).Concat(plan.Excluded).Select(folder => folder.Path).ToHashSet();
        var gone = known
            .Where(folder => !listed.Contains(folder.Source))
            .GroupBy(folder => folder.Source)
            .Select(generations => generations.Last())
            .Where(folder => folder is { IsTargetOurs: true, UidValidity.IsKnown: true, Target.IsInbox: false })
            .OrderBy(folder => folder.Target.Names.Count)
            .ToList();
        var recorded = known.Select(folder => folder.Source).ToHashSet();
        var fresh = plan.Mappings.Where(mapping => !recorded.Contains(mapping.Source.Path)).ToList();
        if (gone.Count == 0 || fresh.Count == 0)
            return false;
        // A folder that the rules of the job leave out, for whatever reason, is not gone.
        var still = (await sessions.Source.ListFoldersAsync(stop)).Select(folder => folder.Path).ToHashSet();
        // Again in each attempt: the answer to a RENAME may have been lost.
        _there = [.. (await sessions.Target.ListFoldersAsync(stop)).Select(folder => folder.Path)];
        foreach (var folder in gone.Where(folder => !still.Contains(folder.Source)))
        {
            if (await FindAsync(folder, fresh, stop) is { } mapping && await RenameAsync(folder, mapping, known, stop))
            {
                await run.Checkpoint.RenameFolderAsync(folder.Id, mapping.Source.Path, mapping.Target, stop);
                fresh.Remove(mapping);
                _changed = true;
            }
        }
        return _changed;
    }

    /// <returns>The folder that this one has become; null where none or several may be.</returns>
    private async Task<FolderMapping?> FindAsync(FolderCheckpoint folder, List<FolderMapping> fresh, CancellationToken stop)
    {
        FolderMapping? found = null;
        foreach (
            var mapping in fresh.Where(mapping =>
                mapping.Source.State is { } state
                && state.UidValidity == folder.UidValidity
                && !(state.UidNext.IsKnown && state.UidNext < folder.NextUid)
            )
        )
        {
            if (!await IsSameAsync(folder, mapping.Source.Path, stop))
                continue;
            if (found is not null)
                return null;
            found = mapping;
        }
        return found;
    }

    private async Task<bool> IsSameAsync(FolderCheckpoint folder, FolderPath path, CancellationToken stop)
    {
        try
        {
            if ((await sessions.Source.OpenAsync(path, stop)).UidValidity != folder.UidValidity)
                return false;
            var uids = (await sessions.Source.ListUidsAsync(1, stop)).Intersect(
                await run.Checkpoint.UidsAsync(folder.Id, MessageStates.AtTarget, stop)
            );
            var highest = new List<(Uid, ContentId)>();
            foreach (var uid in uids.Descending().Take(Newest))
            {
                if (await run.Checkpoint.ReadAsync(folder.Id, MessageStates.AtTarget, uid, 1, stop) is [{ Content: { } content }])
                    highest.Add((uid, content));
            }
            return await Sentinel.IsSameAsync(sessions.Source, new Isolation(), highest, stop) ?? false;
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            return false;
        }
    }

    /// <returns>Whether the target has the folder by its new name now.</returns>
    private async Task<bool> RenameAsync(
        FolderCheckpoint folder,
        FolderMapping mapping,
        IReadOnlyList<FolderCheckpoint> known,
        CancellationToken stop
    )
    {
        // With the one above it, or by a run that was killed.
        if (!_there.Contains(folder.Target))
            return _there.Contains(mapping.Target) && (IsTrial || await IsTargetAsync(folder, mapping.Target, stop));
        var rename = new PlannedRename(folder.Target, mapping.Target);
        if (_there.Contains(mapping.Target) || mapping.Target.IsInbox || !IsOurs(folder.Target, known))
            return false;
        if (only is not null && !only.Contains(rename))
        {
            _unplanned.Add(folder.Id);
            return false;
        }
        try
        {
            if (!IsTrial)
                await sessions.Target.RenameFolderAsync(folder.Target, mapping.Target, stop);
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            run.Log.NotRenamed(folder.Target.ToString(), exception.Message);
            return false;
        }
        foreach (var path in _there.Where(path => path.IsAtOrBelow(folder.Target)).ToList())
        {
            _there.Remove(path);
            _there.Add(mapping.Target.Concat(path.Names.Skip(folder.Target.Names.Count)));
        }
        _renames.Add(rename);
        if (!IsTrial)
            run.Progress.Notice($"{folder.Target}: renamed to {mapping.Target} at the target, as at the source.");
        return true;
    }

    /// <summary>Whether all folders at and below this one were created by Migrator, and none is still wanted where it is.</summary>
    private bool IsOurs(FolderPath target, IReadOnlyList<FolderCheckpoint> known)
    {
        var ours = known.Where(folder => folder.IsTargetOurs).Select(folder => folder.Target).ToHashSet();
        return _there.Where(path => path.IsAtOrBelow(target)).All(ours.Contains)
            && plan.Mappings.All(mapping => !mapping.Target.IsAtOrBelow(target));
    }

    private async Task<bool> IsTargetAsync(FolderCheckpoint folder, FolderPath path, CancellationToken stop)
    {
        try
        {
            return (await sessions.Target.OpenAsync(path, stop)).UidValidity == folder.TargetUidValidity;
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            return false;
        }
    }
}
