using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Following;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Plans;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Finds out what a run would follow. What is recorded is a trial, and of the target, nothing changes.</summary>
internal sealed class FollowForecaster(RunContext run, Transfer transfer, FollowRules rules)
{
    private FollowForecast _forecast = new(rules.Deletions, [], 0, [], 0);

    /// <summary>Before anything else.</summary>
    /// <returns>Whether the plan is to be made again.</returns>
    public async Task<bool> RenameAsync(SessionPair sessions, FolderPlan plan, CancellationToken stop)
    {
        if (sessions.Target.HasLabels)
            return false;
        var stage = new RenameStage(run, sessions, plan) { IsTrial = true };
        var isChanged = await stage.RunAsync(stop);
        _forecast = _forecast with { Renames = [.. stage.Renames] };
        return isChanged;
    }

    /// <returns>What the target calls a folder now; null where it does not have it.</returns>
    public FolderPath? PlaceOf(FolderMapping mapping) =>
        mapping.Exists
            ? mapping.Target
            : _forecast.Renames.Select(rename => rename.Before(mapping.Target)).FirstOrDefault(path => path is not null);

    /// <param name="folders">All of them, after their forecasts.</param>
    /// <param name="targetFolders">As the target listed them.</param>
    public async Task<FollowForecast> FindAsync(
        SessionPair sessions,
        IReadOnlyList<FolderForecaster> folders,
        IReadOnlyList<MailFolder> targetFolders,
        CancellationToken stop
    )
    {
        if (sessions.Target.HasLabels)
            return _forecast with { Problem = Follower.Unsupported(transfer.Target) };
        if ((await run.Checkpoint.FoldersOfFormerAsync(stop)).Count == 0)
            return _forecast;
        var listed = (await sessions.Source.ListFoldersAsync(stop)).Select(folder => folder.Path).ToHashSet();
        var moves = await MovesAsync(folders, listed, stop);
        if (rules.Deletions == DeletionMode.Keep || folders.Any(folder => folder.Forecast.Failure is not null))
            return _forecast with { Moves = moves };
        var stage = new DeletionStage(run, rules, transfer.Folders.Into, [.. folders.Select(folder => folder.Folder)], targetFolders);
        var deletions = await stage.FindAsync(sessions, listed, stop);
        return _forecast with { Moves = moves, Deletions = deletions, Kept = run.Findings.Count(DifferenceKind.Kept) };
    }

    /// <summary>A run compares content. Sizes and dates tell as much beforehand, without reading any.</summary>
    private async Task<long> MovesAsync(IReadOnlyList<FolderForecaster> folders, IReadOnlySet<FolderPath> listed, CancellationToken stop)
    {
        var former = await FormerCopies.ReadAsync(run.Checkpoint, MoveStage.IsMovable(listed), stop);
        var (moves, taken) = (0L, new Dictionary<long, (FolderCheckpoint Folder, HashSet<Uid> Uids)>());
        foreach (var folder in folders)
        {
            foreach (var message in folder.Fresh)
            {
                if (former.TakeLike(message.Size, message.InternalDate) is not { } copy)
                    continue;
                moves += copy.Folder.Target == folder.Folder.Mapping.Target ? 0 : 1;
                if (!taken.TryGetValue(copy.Folder.Id, out var some))
                    taken[copy.Folder.Id] = some = (copy.Folder, []);
                some.Uids.Add(copy.Uid);
            }
        }
        // They are not among those that are deleted. Written once for each folder: a trial goes through all that was written.
        foreach (var (folder, uids) in taken.Values)
        {
            var settled = new List<MessageRecord>();
            await foreach (var page in FormerCopies.PagesAsync(run.Checkpoint, folder, stop))
                settled.AddRange(page.Where(record => uids.Contains(record.Uid)).Select(FormerCopies.Settled));
            await run.Checkpoint.WriteAsync(folder.Id, settled, stop);
        }
        return moves;
    }
}
