using Microsoft.Extensions.Logging;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;

namespace Migrator.Core.Backups;

/// <summary>What a run of a backup would do, found out without changing anything.</summary>
/// <param name="Archive">Null where there is none yet.</param>
/// <param name="Snapshots">Of this mailbox.</param>
/// <param name="Last">The snapshot that a run would carry on; null for none.</param>
/// <param name="Folders">That hold messages, in the order of the snapshot.</param>
/// <param name="Excluded">Left out by rule.</param>
/// <param name="SourceDeletionPolicy">Null where the job deletes nothing at the source.</param>
/// <param name="InUse">For whom a run would wait, as text; null for nobody.</param>
/// <param name="Notices">What a person should know.</param>
/// <param name="Problems">Why a run would not be complete, besides what is said of folders.</param>
public sealed record BackupPreflight(
    Transfer Transfer,
    Archive? Archive,
    int Snapshots,
    SnapshotName? Last,
    IReadOnlyList<FolderForecast> Folders,
    IReadOnlyList<MailFolder> Excluded,
    RemovalForecast? SourceDeletionPolicy,
    string? InUse,
    IReadOnlyList<string> Notices,
    IReadOnlyList<string> Problems
)
{
    /// <summary>A run would leave messages behind, or report a problem.</summary>
    public bool LeavesMessages => Problems.Count > 0 || Folders.Any(folder => folder.TooLarge.Messages > 0 || folder.Failure is not null);

    /// <param name="archive">Null where there is none yet: the mailbox is worth looking at all the same.</param>
    /// <exception cref="MailException">The source could not be reached, or refused the login.</exception>
    /// <exception cref="StorageException">The archive cannot be read.</exception>
    /// <exception cref="FolderPlanException">The job's folder rules do not fit the mailbox.</exception>
    public static async Task<BackupPreflight> RunAsync(
        Transfer transfer,
        Func<IUidMap, CancellationToken, Task<IMailSource>> openSource,
        Archive? archive,
        SourceDeletionPolicy removal,
        RunProgress progress,
        TimeProvider time,
        ILogger log,
        CancellationToken stop
    )
    {
        var past = archive is null ? ArchivedPast.None : await ArchivedPast.ReadAsync(archive, transfer.Mailbox, progress.Notice, stop);
        using var pages = archive is null ? null : new ObjectReader(archive, past.Index!);
        var uidMap = new TrialUidMap(past.UidMap ?? (IUidMap)NullUidMap.Instance);
        await using var sessions = new SessionPair(token => openSource(uidMap, token), null);
        var listed = await new Retries(time, progress, log).RunAsync(
            sessions,
            "Listing folders",
            () => sessions.Source.ListFoldersAsync(stop),
            stop
        );
        var rules = new FolderChoice(transfer.Folders);
        FolderPlanException.ThrowIfMissed(rules, listed);
        foreach (var notice in sessions.Source.ListingNotices.Concat(rules.NoticesOfUncovered(listed)))
            progress.Notice(notice);
        var plan = BackupPlan.Decide(listed, rules, past.Before, transfer.Source, page => pages!.Knows(page)).ToList();

        progress.Phase = "Looking for what is new";
        var kept = plan.Where(folder => folder.State is PlannedState.Changed or PlannedState.Unchanged);
        var work = kept.Select(folder => new BackupForecaster(
                folder.Folder,
                folder.Same,
                folder.State == PlannedState.Unchanged,
                pages,
                progress,
                transfer.Options.SpoolLimit
            ))
            .ToList();
        static SessionPair None() => throw new InvalidOperationException("A check needs no second connection.");
        await new SessionPairPool(None, time, progress, log).RunAsync(
            sessions,
            1,
            work,
            (folder, session, token) => folder.RunAsync(session, token),
            stop,
            keepFirst: true
        );
        var folders = work.ConvertAll(folder => folder.Forecast);
        var deletion =
            removal.AfterDays is { } days && sessions.Source is IDeletableSource
                ? RemovalForecast.Of(
                    await uidMap.ReadAsync(stop),
                    [.. work.SelectMany(folder => folder.AtBothEnds)],
                    folders.Sum(folder => folder.Listed),
                    days,
                    time.GetUtcNow()
                )
                : null;
        var inUse = archive is null ? null : await ArchiveLease.InTheWayAsync(archive, LeaseScope.Of(transfer.Mailbox), stop);
        var excluded = plan.Where(folder => folder.State == PlannedState.LeftOut).Select(folder => folder.Folder).ToList();
        return new BackupPreflight(
            transfer,
            archive,
            past.Snapshots,
            past.Last,
            folders,
            excluded,
            deletion,
            inUse,
            [.. progress.Notices],
            past.Problems
        );
    }
}
