using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Following;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Makes the target follow what was renamed, moved and deleted at the source, as the job says.</summary>
/// <param name="folders">Of the run; one that is examined again is replaced in it.</param>
internal sealed class Follower(RunContext run, Transfer transfer, FollowRules rules, IReadOnlyList<FolderCopyState> folders)
{
    private readonly List<Failure> _problems = [];

    private FollowResult _result;

    public FollowResult Result => _result with { Kept = run.Findings.Count(DifferenceKind.Kept) };

    /// <summary>What was not followed, and why; with one of them, the run is not complete.</summary>
    public IReadOnlyList<Failure> Problems => _problems;

    /// <inheritdoc cref="RenameStage.Unplanned"/>
    public IReadOnlySet<long> UnplannedRenames { get; private set; } = new HashSet<long>();

    /// <summary>Before anything else.</summary>
    /// <returns>Whether the plan is to be made again.</returns>
    public async Task<bool> RenameAsync(SessionPair sessions, FolderPlan plan, CancellationToken stop)
    {
        if (sessions.Target.HasLabels)
            return false;
        var (stage, isChanged) = (new RenameStage(run, sessions, plan, run.Plan?.Plan.Renames), false);
        await InSessionAsync(sessions, "Renaming folders at the target", async () => isChanged = await stage.RunAsync(stop), stop);
        _result += new FollowResult { Renamed = stage.Renames.Count };
        UnplannedRenames = stage.Unplanned;
        return isChanged;
    }

    /// <summary>Before anything is delivered, once all folders were examined.</summary>
    public async Task MoveAsync(SessionPair sessions, CancellationToken stop)
    {
        if (sessions.Target.HasLabels)
        {
            _problems.Add(Unsupported(transfer.Target));
            return;
        }
        if ((await run.Checkpoint.FoldersOfFormerAsync(stop)).Count == 0)
            return;
        var stage = new MoveStage(run, folders);
        await stage.InSessionAsync(sessions, "Moving messages at the target", stop);
        _result += new FollowResult { Moved = stage.Moved };
    }

    /// <summary>Of a target whose folders are labels.</summary>
    public static Failure Unsupported(string target) =>
        Failure.Of(
            Reason.FollowUnsupported,
            $"{target}: folders of the target are labels of its messages, where nothing that is moved or deleted at the source is followed."
        );

    /// <summary>Last of all.</summary>
    /// <param name="targetFolders">As the target listed them.</param>
    /// <param name="isWhole">All that the source lists was seen: what was not is deleted, or was moved out of the folders of the
    /// job.</param>
    public async Task DeleteAsync(SessionPair sessions, IReadOnlyList<MailFolder> targetFolders, bool isWhole, CancellationToken stop)
    {
        if (_problems.Count > 0 || rules.Deletions == DeletionMode.Keep || (await run.Checkpoint.FoldersOfFormerAsync(stop)).Count == 0)
            return;
        if (!isWhole || folders.Any(folder => folder.Failures.Folder is not null))
        {
            run.Progress.Notice(
                "Nothing was deleted at the target: not all folders of the source could be read, and messages that seem to be deleted "
                    + "may be in one that could not."
            );
            return;
        }
        var stage = new DeletionStage(run, rules, transfer.Folders.Into, folders, targetFolders);
        await InSessionAsync(
            sessions,
            "Deleting at the target what was deleted at the source",
            async () =>
            {
                var now = await sessions.Source.ListFoldersAsync(stop);
                if (Arrival(now) is { } folder)
                    run.Progress.NoticeOnce(
                        "follow arrival",
                        $"Nothing was deleted at the target: mail arrived in {folder} at the source during this run, and may be what seems "
                            + "to be deleted in another folder. The next run follows."
                    );
                else
                    await stage.RunAsync(sessions, Paths(now), stop);
            },
            stop
        );
        _result += stage.Result;
        _problems.AddRange(stage.Problems);
        if (stage.Unplanned > 0)
            run.Progress.Notice(
                $"{stage.Unplanned:N0} cop{(stage.Unplanned == 1 ? "y" : "ies")} of messages that have left their folders at the source "
                    + $"{(stage.Unplanned == 1 ? "stays" : "stay")} until a later run: not in the plan."
            );
    }

    /// <summary>All that the source lists: a folder that the rules of the job leave out, for whatever reason, is not gone.</summary>
    private static HashSet<FolderPath> Paths(IReadOnlyList<MailFolder> folders) => [.. folders.Select(folder => folder.Path)];

    /// <summary>A message that was moved while the folders were read may have left the one before it was read, and come to the other
    /// after.</summary>
    /// <returns>A folder in which mail has arrived since; null for none, as far as the source tells.</returns>
    private FolderPath? Arrival(IReadOnlyList<MailFolder> now)
    {
        var read = folders.ToDictionary(folder => folder.Mapping.Source.Path, folder => folder.Seen.State);
        return now.FirstOrDefault(folder =>
            read.GetValueOrDefault(folder.Path) is { UidNext.IsKnown: true } before
            && folder.State is { UidNext.IsKnown: true } state
            && state.UidNext > before.UidNext
        )?.Path;
    }

    private Task InSessionAsync(SessionPair sessions, string phase, Func<Task> step, CancellationToken stop) =>
        new Retries(run.Time, run.Progress, run.Log).RunAsync(
            sessions,
            phase,
            async () =>
            {
                await step();
                return true;
            },
            stop
        );
}
