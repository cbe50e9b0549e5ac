using Microsoft.Extensions.Logging;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Core.Selection;
using Migrator.Core.Spool;
using Migrator.Core.Telemetry;

namespace Migrator.Core.Migrations;

/// <summary>Brings everything that a job names from its source to its target, and continues where an earlier run
/// ended.</summary>
/// <param name="spoolPath">A directory of this mailbox alone; emptied.</param>
public sealed class Migration(
    Transfer transfer,
    MailboxEndpoints endpoints,
    ICheckpointStore store,
    string spoolPath,
    TimeProvider time,
    ILogger log
)
{
    /// <summary>What metrics and traces call it.</summary>
    internal string Kind { get; init; } = "migrate";

    private static readonly IReadOnlyList<UidRange> s_anywhere = [new(Uid.Min, Uid.Max)];

    private readonly LabelledMail _labelled = new();

    /// <summary>Copies that are at the target already get the flags that they lack.</summary>
    internal bool AddsFlags { get; init; } = true;

    /// <param name="progress">Kept up to date while the run is in progress.</param>
    /// <param name="stop">Ends the run at the next safe point, within seconds.</param>
    /// <returns>How the run ended, whichever way: failures of servers and of mail are in the report.</returns>
    /// <exception cref="MailboxBusyException">Another run is at this mailbox.</exception>
    /// <exception cref="CheckpointException">The checkpoint store cannot be opened; nothing was started.</exception>
    /// <exception cref="FolderPlanException">The job's folder rules do not fit the two mailboxes; nothing was copied.</exception>
    public Task<RunReport> RunAsync(RunProgress progress, CancellationToken stop) =>
        RunInstrumentation.DuringAsync(
            progress,
            transfer,
            Kind,
            time,
            async () => (await CopyAsync(progress, stop)).For(transfer.Purpose),
            report => (report.Outcome, report.Stopped?.Code)
        );

    /// <summary>All folders are examined before the first message is delivered, and not all that is pending may be due.</summary>
    private bool IsOrdered => transfer.Messages.IsOrdered || transfer.Plan is not null;

    private async Task<RunReport> CopyAsync(RunProgress progress, CancellationToken stop)
    {
        var started = time.GetUtcNow();
        var findings = new RunIssues();
        var folders = new List<FolderCopyState>();
        var excluded = new List<FolderProgress>();
        var (outcome, stopped, pause, left) = (RunOutcome.Complete, (Failure?)null, (TimeSpan?)null, 0L);
        Follower? follower = null;
        var drift = new List<Failure>();

        await using var checkpoint = await store.OpenAsync(new MailboxPair(transfer.Source, transfer.Target), stop);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, checkpoint.Lease.Lost);
        try
        {
            await BeginAgainAsync(checkpoint, progress, either.Token);
            var isSwitched = await IsSwitchedAsync(checkpoint, progress, either.Token);
            var follow = isSwitched ? null : transfer.Follow;
            await using var spool = new SpoolDirectory(spoolPath, transfer.Options.SpoolLimit);
            var ends = _labelled.Of(endpoints);
            await using var first = new SessionPair(ends, new CheckpointUidMap(checkpoint), checkpoint.Lease);
            using var earlier = new EarlierCopies();
            var run = new RunContext(checkpoint, spool, progress, findings, new Quota(), transfer.Options, time, log)
            {
                Earlier = earlier,
                AddsFlags = AddsFlags,
                Follows = follow is not null,
                IsSwitched = isSwitched,
                Plan = transfer.Plan,
                Selection = MessageSelection.Of(transfer.Messages, started),
            };
            follower = follow is { } rules ? new Follower(run, transfer, rules, folders) : null;
            var places = await PlanAsync(run, first, follower, folders, excluded, either.Token);
            drift.AddRange(PlannedAndGone(folders));
            var provider = first.Source.Provider;
            var limited = LimitedView.Of(provider, folders.Select(folder => folder.Mapping.Source)) ?? _labelled.Shortfall;
            if (limited is not null)
                progress.Notice($"{limited.Message} {limited.Reason.Hint}");

            progress.Phase = "Copying";
            var pool = new SessionPairPool(
                () => new SessionPair(ends, new CheckpointUidMap(checkpoint), checkpoint.Lease),
                time,
                progress,
                log
            );
            if (IsOrdered || isSwitched || follower is not null)
                await ForEachTargetAsync(
                    folders,
                    pool,
                    first,
                    (target, sessions, token) => target.ExamineAsync(sessions, token),
                    either.Token
                );
            if (follower is not null)
                await follower.MoveAsync(first, either.Token);
            if (isSwitched)
                await new MoveStage(run, folders).InSessionAsync(first, "Recognizing moved messages", either.Token);
            if (IsOrdered)
                left = await CopyInOrderAsync(folders, pool, first, progress, either.Token);
            else
                await CopyAllAsync(folders, pool, first, either.Token);
            // Mail that arrived after the folders were listed may have hidden older mail.
            if (limited is null && LimitedView.Of(provider, folders.Select(folder => folder.Seen)) is { } since)
                progress.Notice($"{(limited = since).Message} {since.Reason.Hint}");
            await new MovedMail(run, folders, places).FindAsync(first, either.Token);
            if (!isSwitched)
                await new AccessCopy(run, folders, transfer.Folders.Access).RunAsync(first, either.Token);
            var shortfall = await first.ShortfallAsync(either.Token);
            if (shortfall?.Reason == Reason.MoreMailFollows)
                await FinishPartAsync(run, first, shortfall, either.Token);
            if (limited is not null || shortfall is not null)
                outcome = RunOutcome.Partial;
            if (follower is not null)
                await follower.DeleteAsync(first, places, isWhole: limited is null && shortfall is null, either.Token);
        }
        catch (Exception exception)
            when (exception is LeaseLostException
                || (exception is OperationCanceledException && checkpoint.Lease.Lost.IsCancellationRequested)
            )
        {
            (outcome, stopped) = (
                RunOutcome.Aborted,
                Failure.Of(
                    Reason.LeaseLost,
                    exception is LeaseLostException ? exception.Message : $"{transfer.Target}: another worker has taken this mailbox over."
                )
            );
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            outcome = RunOutcome.Interrupted;
        }
        catch (CheckpointException exception)
        {
            (outcome, stopped) = (RunOutcome.Aborted, Failure.Of(Reason.CheckpointFailed, exception.Message));
        }
        catch (MailException exception)
        {
            (outcome, stopped, pause) = (RunOutcome.Aborted, Failure.Of(exception), exception.RetryAfter);
        }

        foreach (var folder in folders)
            folder.Failures.Report();
        progress.NoticeArrivals();
        if (findings.MergedCount > 0)
            progress.Notice($"{findings.MergedCount:N0} identical messages were merged with others by the target, which the job accepts.");
        foreach (var omitted in findings.Omitted)
            progress.Notice(omitted);
        if (
            outcome == RunOutcome.Complete
            && (
                drift.Count > 0
                || follower is { Problems.Count: > 0 }
                || left > 0
                || excluded.Exists(folder => folder.Counts.Remaining != 0)
                || folders.Exists(folder => folder.Failures.Any || folder.Progress.Counts.Remaining != 0)
                || findings.DifferenceCounts.Keys.Any(RecordedDifferences.IsLasting)
            )
        )
            outcome = RunOutcome.Partial;
        return new RunReport(
            transfer.Name,
            transfer.Source,
            transfer.Target,
            started,
            time.GetUtcNow(),
            outcome,
            [
                .. folders.Select(folder => new FolderReport(
                    folder.Mapping.Source.Path,
                    folder.Mapping.Target,
                    folder.Progress.Counts,
                    folder.Failures.Folder
                )),
                .. excluded.Select(folder => new FolderReport(folder.Source, null, folder.Counts, null)),
            ],
            findings.Failures,
            findings.Differences,
            [.. progress.Notices],
            stopped
        )
        {
            DifferenceCounts = findings.DifferenceCounts,
            Pause = pause,
            LeftForLater = left + excluded.Sum(folder => folder.Counts.Remaining),
            Followed = follower?.Result,
            Problems = [.. drift, .. follower?.Problems ?? []],
        };
    }

    internal static MailException TakenBack(Transfer transfer, DateTimeOffset? since) =>
        new(Reason.Undone, $"{transfer.Target}: this migration was taken back on {since:yyyy-MM-dd HH:mm} UTC.");

    /// <summary>Once a mailbox was switched, its user works at the target, and the source says nothing of that any more.</summary>
    /// <exception cref="MailException">The days for which mail that still arrives is brought are over.</exception>
    private async Task<bool> IsSwitchedAsync(IMailboxCheckpoint checkpoint, RunProgress progress, CancellationToken stop)
    {
        var phase = await checkpoint.PhaseAsync(stop);
        if (phase.Phase != MailboxPhase.Switched)
            return false;
        if (transfer.Options.Again)
        {
            await checkpoint.SavePhaseAsync(new PhaseMark(MailboxPhase.Open, time.GetUtcNow()), stop);
            return false;
        }
        if (phase.Until < time.GetUtcNow())
            throw new MailException(
                Reason.SweepOver,
                $"{transfer.Target}: this mailbox was switched on {phase.Since:yyyy-MM-dd HH:mm} UTC, and mail that still arrived at the "
                    + $"source was brought until {phase.Until:yyyy-MM-dd HH:mm} UTC."
            );
        progress.Notice(
            $"This mailbox was switched on {phase.Since:yyyy-MM-dd HH:mm} UTC. Until {phase.Until:yyyy-MM-dd HH:mm} UTC, mail that still "
                + "arrives at the source is brought; flags, moves and deletions are not followed any more."
        );
        return true;
    }

    /// <summary>Folders of the plan that are no longer among those of the job.</summary>
    private IEnumerable<Failure> PlannedAndGone(List<FolderCopyState> folders) =>
        (transfer.Plan?.Plan.Folders ?? [])
            .Where(planned => planned.Deliver.Count + planned.Flags.Count > 0)
            .ExceptBy(folders.Select(folder => folder.Mapping.Source.Path), planned => planned.Source)
            .Select(planned =>
                Failure.Of(
                    Reason.PlanDrifted,
                    $"{planned.Source}: is in the plan, and the source no longer has it, or the job leaves it out."
                )
            );

    /// <summary>A mailbox whose migration was taken back is left alone, also by a schedule, unless a person asks for it. Its records are
    /// removed then: what is at the target is recognized by content.</summary>
    /// <exception cref="MailException">It was taken back.</exception>
    private async Task BeginAgainAsync(IMailboxCheckpoint checkpoint, RunProgress progress, CancellationToken stop)
    {
        var (phase, since) = await checkpoint.PhaseAsync(stop);
        if (phase != MailboxPhase.Undone)
            return;
        if (!transfer.Options.Again)
            throw TakenBack(transfer, since);
        var places = new HashSet<string>();
        foreach (var folder in await checkpoint.FoldersAsync(stop))
        {
            if (folder.UndonePlace is { } place && await checkpoint.CountAsync(folder.Id, [MessageState.Undone], s_anywhere, stop) > 0)
                places.Add(place.Names[0]);
            await checkpoint.DeleteFolderAsync(folder.Id, stop);
        }
        // Last: a run that is killed before this begins again once more.
        await checkpoint.SavePhaseAsync(new PhaseMark(MailboxPhase.Open, time.GetUtcNow()), stop);
        foreach (var place in places)
            progress.Notice(
                $"Messages that were taken back are still in the folder {place} of the target. They are delivered again to their folders; "
                    + "remove them there with a mail program."
            );
    }

    /// <summary>Copies what is due, portion by portion, once all folders were examined.</summary>
    /// <returns>Messages for later runs.</returns>
    private async Task<long> CopyInOrderAsync(
        List<FolderCopyState> folders,
        SessionPairPool pool,
        SessionPair first,
        RunProgress progress,
        CancellationToken stop
    )
    {
        var (rules, order) = (transfer.Messages, await DeliveryOrder.MakeAsync(folders, transfer.Messages, stop));
        foreach (var portion in order.Portions.DefaultIfEmpty(new Dictionary<FolderPath, UidSet>()))
        {
            foreach (var folder in folders)
                (folder.Due, folder.LeavesShared) = (portion.GetValueOrDefault(folder.Mapping.Source.Path, UidSet.Empty), true);
            await CopyAllAsync(folders, pool, first, stop);
        }
        foreach (var folder in folders.Where(folder => folder.HasWaiting))
            folder.Progress.Phase = folder.Failures.Any ? FolderPhase.Failed : FolderPhase.Done;
        if (order.Left > 0)
            progress.Notice(
                $"{order.Left:N0} message{(order.Left == 1 ? " is" : "s are")} left for later runs: the job limits what one run delivers "
                    + "(\"messages.atMost\")."
            );
        if (order.Unplanned > 0)
            progress.Notice(
                $"{order.Unplanned:N0} message{(order.Unplanned == 1 ? " is" : "s are")} not in the plan, and left for later runs."
            );
        if (rules.NewestFirst && (order.Portions.Count > 1 || order.Left > 0))
            progress.Notice(
                "The newest messages are delivered first, so that UIDs at the target do not follow the order of arrival. Mail programs "
                    + "that sort by date show the same order as before."
            );
        return order.Left + order.Unplanned;
    }

    private async Task CopyAllAsync(List<FolderCopyState> folders, SessionPairPool pool, SessionPair first, CancellationToken stop)
    {
        await CopyAsync();
        if (!folders.Exists(folder => folder.HasLeft))
            return;
        foreach (var folder in folders)
            folder.LeavesShared = false;
        await CopyAsync();

        Task CopyAsync() => ForEachTargetAsync(folders, pool, first, (target, sessions, token) => target.CopyAsync(sessions, token), stop);
    }

    private Task ForEachTargetAsync(
        List<FolderCopyState> folders,
        SessionPairPool pool,
        SessionPair first,
        Func<TargetFolder, SessionPair, CancellationToken, Task> step,
        CancellationToken stop
    ) =>
        pool.RunAsync(
            first,
            first.Connections(transfer.Options.Connections),
            folders
                .GroupBy(folder => folder.Mapping.Target)
                .Select(group => new TargetFolder([.. group], folders))
                .Where(target => !target.IsDone && target.HasDue)
                .ToList(),
            step,
            stop,
            keepFirst: true
        );

    /// <exception cref="MailException">The next part follows, after a pause.</exception>
    private static async Task FinishPartAsync(RunContext run, SessionPair sessions, MailException more, CancellationToken stop)
    {
        var stored = new HashSet<Uid>();
        foreach (var folder in await run.Checkpoint.FoldersAsync(stop))
            stored.UnionWith(await run.Checkpoint.UidsAsync(folder.Id, MessageStates.AtTarget, stop));
        if (await sessions.AcknowledgeAsync(stored.Contains, stop))
            throw more;
        run.Progress.Notice($"{more.Message} It lists the next one once all of this part is stored.");
    }

    /// <returns>The folders of the target.</returns>
    private async Task<IReadOnlyList<MailFolder>> PlanAsync(
        RunContext run,
        SessionPair sessions,
        Follower? follower,
        List<FolderCopyState> folders,
        List<FolderProgress> excluded,
        CancellationToken stop
    )
    {
        var known = await run.Checkpoint.FoldersAsync(stop);
        var doubtful = new HashSet<FolderPath>();
        var plan = await MakeAsync();
        plan.Plan.ThrowIfImpossible();
        if (follower is not null && await follower.RenameAsync(sessions, plan.Plan, stop))
        {
            known = await run.Checkpoint.FoldersAsync(stop);
            plan = await MakeAsync();
            plan.Plan.ThrowIfImpossible();
        }
        foreach (var notice in plan.Plan.Notices)
            run.Progress.Notice(notice);

        var shared = await new Retries(time, run.Progress, log).RunAsync(
            sessions,
            "Comparing folders",
            async () => await SharedMail.ReadAsync(sessions, plan.Plan, await _labelled.ReadAsync(sessions.Source, plan.Plan, stop), stop),
            stop
        );
        await RetireGoneAsync(
            run.Checkpoint,
            [.. known.Where(folder => follower?.UnplannedRenames.Contains(folder.Id) != true)],
            plan.Plan,
            stop
        );
        run.Earlier?.Begin(plan.Target);
        var there = plan.Target.Select(folder => folder.Path).ToHashSet();
        var unchanged = new UnchangedFolders(known, plan.Target, run.Selection);
        foreach (var mapping in plan.Plan.Mappings)
        {
            var planned = run.Plan?.Find(mapping.Source.Path);
            if (run.Plan is not null && planned is null)
            {
                Exclude(mapping.Source).Found(mapping.Source.State?.Count ?? 1);
                run.Progress.Notice($"{mapping.Source.Path}: not in the plan, and left for later runs.");
                continue;
            }
            var folder = new FolderCopyState(
                run,
                mapping,
                run.Progress.Add(mapping.Source.Path, mapping.Target, mapping.Source.State?.Count ?? 0)
            )
            {
                Shared = shared,
                CreatesTarget = !there.Contains(mapping.Target),
                LeavesShared = true,
                Planned = planned,
            };
            folders.Add(folder);
            if (planned is not null && planned.Target != mapping.Target)
            {
                folder.Fail(
                    new MailException(
                        Reason.PlanDrifted,
                        $"{mapping.Source.Path}: goes to {mapping.Target} now, and to {planned.Target} in the plan."
                    )
                );
                continue;
            }
            if (unchanged.Find(mapping) is not { } record)
                continue;
            folder.Progress.Found(mapping.Source.State!.Value.Count);
            var skipped = run.Selection is null ? 0 : await run.Checkpoint.CountAsync(record.Id, [MessageState.Skipped], null, stop);
            folder.Progress.Skipped(skipped);
            folder.Progress.AlreadyThere(mapping.Source.State!.Value.Count - skipped);
            await ReportKnownAsync(folder, record, stop);
            folder.Progress.Phase = FolderPhase.Done;
        }
        foreach (
            var parent in plan.Plan.MissingParents().Where(parent => run.Plan is null || run.Plan.Find(parent.Source.Path) is not null)
        )
            await TryCreateAsync(sessions.Target, parent, stop);
        foreach (var folder in plan.Plan.Excluded)
        {
            var progress = Exclude(folder);
            progress.Found(folder.State?.Count ?? 0);
            progress.Skipped(folder.State?.Count ?? 0);
        }
        return plan.Target;

        FolderProgress Exclude(MailFolder folder)
        {
            var progress = run.Progress.Add(folder.Path, null, 0);
            progress.Phase = FolderPhase.Done;
            excluded.Add(progress);
            return progress;
        }

        Task<(FolderPlan Plan, IReadOnlyList<MailFolder> Target)> MakeAsync() =>
            new Retries(time, run.Progress, log).RunAsync(
                sessions,
                "Listing folders",
                () => FolderPlan.MakeAsync(sessions.Source, sessions.Target, transfer.Folders, known, doubtful, stop),
                stop
            );
    }

    /// <summary>What was delivered of folders that the source no longer has belongs to no message from now on.</summary>
    internal static async Task RetireGoneAsync(
        IMailboxCheckpoint checkpoint,
        IReadOnlyList<FolderCheckpoint> known,
        FolderPlan plan,
        CancellationToken stop
    )
    {
        var listed = plan.Mappings.Select(mapping => mapping.Source).Concat(plan.Excluded).Select(folder => folder.Path).ToHashSet();
        foreach (var gone in known.Where(folder => !listed.Contains(folder.Source)))
            await checkpoint.RetireAsync(gone.Id, uidsGivenAgain: !gone.UidValidity.IsKnown, stop);
    }

    private static async Task TryCreateAsync(IMailTarget target, FolderMapping mapping, CancellationToken stop)
    {
        try
        {
            await target.CreateFolderAsync(mapping.Target, mapping.Use, stop);
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            // The session pair that copies this folder meets the same refusal, and reports it.
        }
    }

    /// <summary>What earlier runs saw to differ and does still, because nothing changed.</summary>
    private static async Task ReportKnownAsync(FolderCopyState folder, FolderCheckpoint known, CancellationToken stop)
    {
        await foreach (var record in known.ReadAllAsync(folder.Run.Checkpoint, [MessageState.Differs], stop))
        {
            foreach (var (kind, actual) in RecordedDifferences.Of(record))
                folder.Run.Findings.Add(folder.Differs(record, kind, actual));
        }
    }
}
