using Microsoft.Extensions.Logging;
using Migrator.Core.Archives;
using Migrator.Core.Archives.Headers;
using Migrator.Core.Blobs;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Core.Spool;
using Migrator.Core.Telemetry;

namespace Migrator.Core.Backups;

/// <summary>Brings a mailbox into an archive: what is new is fetched, and the mailbox as it is now becomes a snapshot. The last snapshot is
/// the checkpoint; nothing else needs to be kept.</summary>
/// <param name="transfer">Its source is the account that snapshots are filed under.</param>
/// <param name="spoolPath">A directory of this mailbox alone; emptied.</param>
/// <param name="shrunk">From which loss on the mailbox is reported; null for the usual rule.</param>
public sealed class Backup(
    Transfer transfer,
    Func<IUidMap, CancellationToken, Task<IMailSource>> openSource,
    Archive archive,
    SourceDeletionPolicy removal,
    string spoolPath,
    TimeProvider time,
    ILogger log,
    ShrunkRule? shrunk = null
)
{
    // So much is fetched again, at most, after a crash.
    private const long MilestoneBytes = 1L << 30;
    private static readonly TimeSpan s_milestone = TimeSpan.FromMinutes(10);

    // What is known of messages that no snapshot names takes some 500 bytes each while one is written.
    private const long MilestoneMessages = 30_000;

    /// <param name="progress">Kept up to date while the run is in progress.</param>
    /// <param name="stop">Ends the run at the next safe point; what was stored so far becomes a partial snapshot.</param>
    /// <returns>How the run ended: failures of the source and of mail are in the report.</returns>
    /// <exception cref="StorageException">The archive failed, or somebody else is at it. What the last snapshot says still
    /// holds.</exception>
    /// <exception cref="FolderPlanException">The job's folder rules do not fit the mailbox; nothing was stored.</exception>
    public Task<RunReport> RunAsync(RunProgress progress, CancellationToken stop) =>
        RunInstrumentation.DuringAsync(
            progress,
            transfer,
            "backup",
            time,
            () => TryAsync(progress, stop),
            report => (report.Outcome, report.Stopped?.Code)
        );

    private async Task<RunReport> TryAsync(RunProgress progress, CancellationToken stop)
    {
        try
        {
            return (await StoreAsync(progress, stop)).For(transfer.Purpose);
        }
        catch (StorageException)
        {
            archive.Index.ReportFailedRun();
            throw;
        }
    }

    private async Task<RunReport> StoreAsync(RunProgress progress, CancellationToken stop)
    {
        var (started, requests) = (time.GetUtcNow(), RequestCount.OfThisRun());
        await using var lease = await ArchiveLease.AcquireAsync(
            archive,
            archive.Format.Encrypted ? "backup of one of its mailboxes" : $"backup of {transfer.Mailbox}",
            LeaseScope.Of(transfer.Mailbox),
            ArchiveLease.Patience,
            progress.Notice,
            stop
        );
        // After the lease: nothing that it says goes away from here on.
        var index = await archive.Index.WithOrphansAsync(lease, progress.Notice, stop);
        await using var messagePacks = new PackWriter(archive, BlobKind.Pack, index);
        await using var pagePacks = new PackWriter(archive, BlobKind.Pages, index);
        await using var headerPacks = new PackWriter(archive, BlobKind.Headers, index);
        using var headers = new HeaderWriter(archive, index, headerPacks);
        await using var spool = new SpoolDirectory(spoolPath, transfer.Options.SpoolLimit);
        var writer = new SnapshotWriter(
            archive,
            lease,
            index,
            messagePacks,
            headers,
            headerPacks,
            pagePacks,
            transfer.Mailbox,
            transfer.Source,
            started
        );
        await writer.LoadPreviousAsync(progress.Notice, stop);
        var run = new BackupState(
            writer,
            index,
            messagePacks,
            new MessagePacker(archive.Keys, index, messagePacks, headers, spool),
            spool,
            progress
        );

        var (outcome, stopped, pause) = (RunOutcome.Complete, (Failure?)null, (TimeSpan?)null);
        await using var first = Sessions(run);
        try
        {
            await ListAsync(run, first, stop);
            await GatherAsync(run, first, stop);
            if (await first.ShortfallAsync(stop) is { } shortfall)
                run.Shortfall ??= shortfall.Reason == Reason.MoreMailFollows ? throw shortfall : Failure.Of(shortfall);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            (outcome, stopped) = (RunOutcome.Interrupted, Failure.Of(Reason.Interrupted, "The run was stopped by its user."));
        }
        catch (MailException exception)
        {
            (outcome, stopped, pause) = (RunOutcome.Aborted, Failure.Of(exception), exception.RetryAfter);
        }
        if (outcome == RunOutcome.Complete && run.Failed)
            outcome = RunOutcome.Partial;
        // The session stays open until its mail is in a snapshot: its end acknowledges that.
        if (stopped?.Code != Reason.MoreMailFollows.Code)
            await first.CloseAsync();

        IReadOnlyList<Uid> due = [];
        if (outcome is RunOutcome.Complete or RunOutcome.Partial && removal.AfterDays is { } days)
        {
            // Not what failed: a mark that it is about to be deleted would have the next run take it for another message.
            due = SourceDeletion.Due(writer.UidMap.Entries, run.Work.SelectMany(folder => folder.ListedAndStored), days, time.GetUtcNow());
            // In the snapshot before anything is deleted: after a crash in between, what is listed under their ids may be other mail.
            writer.UidMap.Leave(due, time.GetUtcNow());
        }
        var isUpToDate = outcome is RunOutcome.Complete or RunOutcome.Partial || messagePacks.Stored > 0 || run.Store.Known > 0;
        if (isUpToDate)
            await EndAsync(run, outcome, stopped);
        if (stopped?.Code == Reason.MoreMailFollows.Code)
            pause = await FinishPartAsync(run, first, pause, stop);
        await new IndexRewrite(archive, lease).TidyAsync(lease.Acquired, CancellationToken.None);
        var removed =
            due.Count == 0 || writer.Before is not { } snapshot
                ? DeletionResult.Nothing
                : await new SourceDeletion(token => openSource(writer.UidMap, token), progress).RunAsync(
                    due,
                    (uids, token) => ArchiveReadBack.RunAsync(archive, snapshot, uids, progress, token),
                    _ => Task.CompletedTask,
                    stop
                );
        var problems = await BackupProblems.FindAsync(archive, writer, outcome, shrunk ?? ShrunkRule.Default, progress.Notice, stop);
        if (problems.Count > 0 && outcome == RunOutcome.Complete)
            outcome = RunOutcome.Partial;
        if (isUpToDate)
            await writer.RecordCheckAsync(requests, CancellationToken.None);
        // The snapshot names all of them.
        var findings = new RunIssues();
        foreach (var failure in run.Work.SelectMany(folder => folder.Failures))
            findings.Add(failure);
        foreach (var omitted in findings.Omitted)
            progress.Notice(omitted);
        return new RunReport(
            transfer.Name,
            transfer.Source,
            transfer.Target,
            started,
            time.GetUtcNow(),
            outcome,
            [
                .. run.Shown.Select(folder => new FolderReport(
                    folder.Progress.Source,
                    folder.Progress.Target,
                    folder.Progress.Counts,
                    folder.Now?.Failure
                )),
                .. run.Excluded.Select(folder => new FolderReport(folder.Source, null, folder.Counts, null)),
            ],
            findings.Failures,
            [],
            [.. progress.Notices],
            outcome == RunOutcome.Aborted ? stopped : null
        )
        {
            Operation = Operation.Backup,
            Problems = problems,
            Pause = pause,
        }.With(removed);
    }

    private SessionPair Sessions(BackupState run) => new(token => openSource(run.Writer.UidMap, token), null);

    /// <summary>What one run shares and gathers.</summary>
    private sealed record BackupState(
        SnapshotWriter Writer,
        ArchiveIndex Index,
        PackWriter Packs,
        MessagePacker Store,
        SpoolDirectory Spool,
        RunProgress Progress
    )
    {
        /// <summary>In the order of the listing: as they were in the last snapshot, or as they are found now.</summary>
        public List<(SnapshotFolder? Same, BackupFolder? Now)> Folders { get; } = [];

        public List<(FolderProgress Progress, BackupFolder? Now)> Shown { get; } = [];

        public List<FolderProgress> Excluded { get; } = [];

        /// <summary>Why the source itself may have given less than there is.</summary>
        public Failure? Shortfall { get; set; }

        public IEnumerable<BackupFolder> Work => Folders.Select(folder => folder.Now).OfType<BackupFolder>();

        public bool Failed => Shortfall is not null || Work.Any(folder => folder.Failure is not null || folder.Failures.Count > 0);
    }

    private async Task ListAsync(BackupState run, SessionPair sessions, CancellationToken stop)
    {
        var (progress, before) = (run.Progress, run.Writer.Before);
        var listed = await new Retries(time, progress, log).RunAsync(
            sessions,
            "Listing folders",
            () => sessions.Source.ListFoldersAsync(stop),
            stop
        );
        var rules = new FolderChoice(transfer.Folders);
        // Pages that were lost are written again only where their folder is looked into.
        using var pages = new ObjectReader(archive, run.Index);
        FolderPlanException.ThrowIfMissed(rules, listed);
        foreach (var notice in sessions.Source.ListingNotices.Concat(rules.NoticesOfUncovered(listed)))
            progress.Notice(notice);
        foreach (var (folder, state, same) in BackupPlan.Decide(listed, rules, before, transfer.Source, pages.Knows))
        {
            var count = folder.State?.Count ?? 0;
            if (state == PlannedState.LeftOut)
            {
                var left = progress.Add(folder.Path, null, 0);
                left.Found(count);
                left.Skipped(count);
                left.Phase = FolderPhase.Done;
                run.Excluded.Add(left);
                continue;
            }
            if (state == PlannedState.Container)
            {
                run.Folders.Add((new SnapshotFolder(folder.Path, folder.Use, false, folder.Subscribed, null, 0, 0, []), null));
                continue;
            }
            var shown = progress.Add(folder.Path, folder.Path, count);
            if (state == PlannedState.Changed)
            {
                var now = new BackupFolder(folder, same, shown);
                run.Folders.Add((null, now));
                run.Shown.Add((shown, now));
                continue;
            }
            run.Folders.Add((same, null));
            run.Shown.Add((shown, null));
            shown.Found(count);
            shown.AlreadyThere(count);
            shown.Phase = FolderPhase.Done;
        }
        var taken = listed.Where(folder => rules.Covers(folder) && rules.Includes(folder.Path));
        if (LimitedView.Of(sessions.Source.Provider, taken) is { } limited)
        {
            run.Shortfall = Failure.Of(limited);
            progress.Notice($"{limited.Message} {limited.Reason.Hint}");
        }
    }

    private async Task GatherAsync(BackupState run, SessionPair first, CancellationToken stop)
    {
        run.Progress.Phase = "Looking for what is new";
        var pairs = new SessionPairPool(() => Sessions(run), time, run.Progress, log);
        // POP3 locks the mailbox for one session.
        var connections = first.Source is IDeletableSource ? 1 : first.Connections(transfer.Options.Connections);
        await pairs.RunAsync(
            first,
            connections,
            [.. run.Work],
            (folder, sessions, token) =>
                GuardAsync(
                    "list",
                    folder,
                    async () =>
                    {
                        if (folder.Failure is not null)
                            return;
                        using var pages = new ObjectReader(archive, run.Index);
                        await folder.EnumerateAsync(sessions, pages, () => run.Writer.UidMap.Entries, token);
                    }
                ),
            stop,
            keepFirst: true
        );

        run.Progress.Phase = "Storing";
        using var milestones = new PeriodicSnapshots(run, time);
        if (run.Work.FirstOrDefault(folder => LabelledMail.IsAll(folder.Folder)) is { Failure: null } all)
        {
            await FetchAsync([all]);
            using var copies = new LabelledCopies(all, () => new ObjectReader(archive, run.Index));
            await pairs.RunAsync(
                first,
                connections,
                [.. run.Work.Where(folder => folder != all && folder.Failure is null)],
                (folder, sessions, token) => GuardAsync("recognize", folder, () => copies.TakeAsync(folder, sessions, token)),
                stop,
                keepFirst: true
            );
        }
        await FetchAsync(run.Work);
        await pairs.RunAsync(
            first,
            1,
            [.. run.Work.Where(folder => folder.Unsteady)],
            (folder, sessions, token) => GuardAsync("fetch", folder, () => ReadAtOnceAsync(run, folder, sessions, milestones, token)),
            stop,
            keepFirst: true
        );
        foreach (var folder in run.Work.Where(folder => folder.Failure is null))
            folder.Progress.Phase = FolderPhase.Done;

        Task FetchAsync(IEnumerable<BackupFolder> folders) =>
            pairs.RunAsync(
                first,
                connections,
                folders
                    .Where(folder => folder.Failure is null)
                    .SelectMany(folder => BackupFetch.Divide(folder, run.Store, run.Progress))
                    .ToList(),
                (part, sessions, token) =>
                    GuardAsync(
                        "fetch",
                        part.Folder,
                        async () =>
                        {
                            if (part.Folder.Failure is not null || part.Folder.Unsteady)
                                return;
                            var state = await sessions.OpenSourceFolderAsync(part.Folder.Folder.Path, token);
                            // Without UIDVALIDITY, or with another for each connection, UIDs last for one session; in a folder that was
                            // restored meanwhile they name other mail.
                            part.Folder.Unsteady =
                                !state.UidValidity.IsKnown
                                || state.UidValidity != part.Folder.State!.Value.UidValidity
                                || (sessions.Source is not IDeletableSource && HighWaterMark.Of(part.Folder.State.Value).IsAheadOf(state));
                            if (part.Folder.Unsteady)
                                return;
                            using (var writer = run.Spool.OpenWriter())
                                await part.RunAsync(sessions.Source, writer, token);
                            await milestones.PassAsync();
                        }
                    ),
                stop,
                keepFirst: true
            );
    }

    /// <summary>Lists and fetches a folder without opening another in between. A server may renumber a folder for each connection as long
    /// as no client has opened it for writing (Courier), or as it holds nothing that keeps the number (mbox); or somebody has just
    /// recreated the folder.</summary>
    private async Task ReadAtOnceAsync(
        BackupState run,
        BackupFolder folder,
        SessionPair sessions,
        PeriodicSnapshots milestones,
        CancellationToken stop
    )
    {
        if (folder.Failure is not null)
            return;
        folder.BeginAnew();
        using (var pages = new ObjectReader(archive, run.Index))
            await folder.EnumerateAsync(sessions, pages, () => run.Writer.UidMap.Entries, stop);
        foreach (var part in BackupFetch.Divide(folder, run.Store, run.Progress).ToList())
        {
            using var writer = run.Spool.OpenWriter();
            await part.RunAsync(sessions.Source, writer, stop);
            await milestones.PassAsync();
        }
    }

    private static async Task GuardAsync(string step, BackupFolder folder, Func<Task> work)
    {
        try
        {
            await RunActivities.OfFolderAsync(step, folder.Folder.Path, folder.Progress, work);
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            folder.Fail(exception);
        }
        catch (StorageException exception) when (exception.Reason == Reason.ArchiveDamaged || exception.Reason == Reason.BlobMissing)
        {
            // What the archive knows of this folder cannot be read: to take everything for new would hide that.
            folder.Fail(new MailException(Reason.FolderUnreadable, $"{folder.Folder.Path}: {exception.Message}", exception));
        }
    }

    /// <summary>Says to the source that this part of its mail is in a snapshot.</summary>
    /// <returns>When the next part can be had; null where it does not follow.</returns>
    private static async Task<TimeSpan?> FinishPartAsync(BackupState run, SessionPair sessions, TimeSpan? pause, CancellationToken stop)
    {
        var contents = run.Work.Select(folder => folder.Contents()).OfType<FolderContents>().ToList();
        var stored = UidSet.Of(contents.SelectMany(folder => folder.Known.Kept.Concat(folder.Stored.Select(message => message.Uid))));
        try
        {
            if (!await sessions.AcknowledgeAsync(stored.Contains, stop))
                pause = null;
        }
        catch (Exception exception) when (exception is MailException or OperationCanceledException)
        {
            // It lists the same part again.
        }
        await sessions.CloseAsync();
        return pause;
    }

    private static async Task EndAsync(BackupState run, RunOutcome outcome, Failure? stopped)
    {
        run.Progress.Phase = "Writing the snapshot";
        var gaps = new List<MissingItem>();
        if (stopped is not null)
            gaps.Add(new MissingItem(null, null, stopped));
        if (run.Shortfall is { } shortfall)
            gaps.Add(new MissingItem(null, null, shortfall));
        gaps.AddRange(
            run.Work.Where(folder => folder.Failure is not null)
                .Select(folder => new MissingItem(folder.Folder.Path, null, folder.Failure!))
        );
        gaps.AddRange(
            run.Work.SelectMany(folder => folder.Failures).Select(failure => new MissingItem(failure.Folder, failure.Uid, failure.Failure))
        );
        var writer = run.Writer;
        var written = await writer.WriteAsync(
            outcome == RunOutcome.Complete ? SnapshotState.Complete : SnapshotState.Partial,
            gaps,
            run.Folders,
            CancellationToken.None
        );
        run.Progress.NoticeArrivals();
        foreach (var folder in run.Work.Where(folder => folder.Lost > 0))
            run.Progress.Notice(
                $"{folder.Folder.Path}: {folder.Lost:N0} message{(folder.Lost == 1 ? "" : "s")} that the archive had lost; what "
                    + "the mailbox still has was fetched again."
            );
        foreach (var folder in run.Work.Where(folder => folder.Renamed > 0))
            run.Progress.Notice(
                $"{folder.Folder.Path}: the source knows {folder.Renamed:N0} message{(folder.Renamed == 1 ? "" : "s")} "
                    + "by another unique id (UIDL) than before; recognised by content."
            );
        if (run.Store.Known > 0)
            run.Progress.Notice(
                $"{run.Store.Known:N0} of the messages fetched ({run.Store.KnownBytes:N0} bytes) were already stored in the archive "
                    + "(deduplicated)."
            );
        run.Progress.Notice(
            written
                ? $"Snapshot {writer.Last!.Id}, {(outcome == RunOutcome.Complete ? "complete" : "partial")}: "
                    + $"{writer.Before!.Messages:N0} messages. {run.Packs.Stored:N0} bytes of mail were added to the archive."
                : $"No changes since snapshot {writer.Last!.Id} of {writer.Last.Time:u}; no new snapshot written."
        );
    }

    /// <summary>Writes a snapshot on the way now and then.</summary>
    private sealed class PeriodicSnapshots(BackupState run, TimeProvider time) : IDisposable
    {
        private readonly SemaphoreSlim _turn = new(1);
        private DateTimeOffset _time = time.GetUtcNow();
        private long _bytes,
            _messages;

        public async Task PassAsync()
        {
            if (!IsDue || !await _turn.WaitAsync(0))
                return;
            try
            {
                await run.Writer.WriteAsync(SnapshotState.InProgress, [], run.Folders, CancellationToken.None);
                (_time, _bytes, _messages) = (time.GetUtcNow(), run.Packs.Stored, Messages);
            }
            finally
            {
                _turn.Release();
            }
        }

        public void Dispose() => _turn.Dispose();

        private long Messages => run.Packs.Objects + run.Store.Known;

        private bool IsDue =>
            run.Packs.Stored - _bytes >= MilestoneBytes
            || Messages - _messages >= MilestoneMessages
            || time.GetUtcNow() - _time >= s_milestone;
    }
}
