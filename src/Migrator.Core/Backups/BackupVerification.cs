using Microsoft.Extensions.Logging;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Core.Telemetry;

namespace Migrator.Core.Backups;

/// <summary>Reads a mailbox and its latest snapshot, every byte of both, and compares. Both know messages by the same UIDs.</summary>
public sealed class BackupVerification(
    Transfer transfer,
    Func<IUidMap, CancellationToken, Task<IMailSource>> openSource,
    Archive archive,
    Snapshot snapshot,
    TimeProvider time,
    ILogger log
)
{
    /// <returns>Every difference, folder by folder. What only the archive has is not a fault: it may have been removed since.</returns>
    /// <exception cref="MailException">The source could not be reached or stopped answering: nothing is proved.</exception>
    /// <exception cref="StorageException">The archive's index cannot be read.</exception>
    public Task<VerifyReport> RunAsync(RunProgress progress, CancellationToken stop) =>
        RunInstrumentation.DuringAsync(
            progress,
            transfer,
            "verify",
            time,
            () => CompareAsync(progress, stop),
            report => (report.Identical ? RunOutcome.Complete : RunOutcome.Partial, null)
        );

    private async Task<VerifyReport> CompareAsync(RunProgress progress, CancellationToken stop)
    {
        var started = time.GetUtcNow();
        await using var lease = await ArchiveLease.ReadingAsync(archive, "verify", progress.Notice, stop);
        var index = await archive.IndexAsync(stop);
        var uidMap = await SnapshotUidMap.ReadAsync(archive, index, snapshot, stop);
        var (work, stopped) = (new List<BackupFolderVerification>(), (Failure?)null);
        try
        {
            await CompareAsync(
                work,
                () => new SessionPair(token => openSource(uidMap, token), null),
                ArchiveSource.Sessions(archive, index, snapshot),
                progress,
                stop
            );
        }
        catch (MailException exception) when (work.Count > 0)
        {
            // What was compared until then is worth a report. What was not says so, folder by folder.
            stopped = Failure.Of(exception);
        }
        return new VerifyReport(
            transfer.Name,
            transfer.Source,
            transfer.Target,
            started,
            time.GetUtcNow(),
            [.. work.Select(folder => folder.Result)],
            [.. work.SelectMany(folder => folder.Differences)],
            [.. progress.Notices]
        )
        {
            Operation = Operation.Backup,
            Stopped = stopped,
        };
    }

    private async Task CompareAsync(
        List<BackupFolderVerification> work,
        Func<SessionPair> sessions,
        Func<ArchiveSource> archived,
        RunProgress progress,
        CancellationToken stop
    )
    {
        await using var first = sessions();
        var listed = await new Retries(time, progress, log).RunAsync(
            first,
            "Listing folders",
            () => first.Source.ListFoldersAsync(stop),
            stop
        );
        var rules = new FolderChoice(transfer.Folders);
        FolderPlanException.ThrowIfMissed(rules, listed);
        var findings = new RunIssues();
        work.AddRange(
            listed
                .Where(folder => folder.Selectable && rules.Covers(folder) && rules.Includes(folder.Path))
                .Select(folder => new BackupFolderVerification(
                    folder,
                    findings,
                    progress.Add(folder.Path, folder.Path, folder.State?.Count ?? 0)
                ))
        );
        progress.Phase = "Comparing";
        await new SessionPairPool(sessions, time, progress, log).RunAsync(
            first,
            first.Source is IDeletableSource ? 1 : first.Connections(transfer.Options.Connections),
            work,
            (folder, pair, token) => folder.CompareAsync(pair, archived(), token),
            stop
        );
        foreach (var omitted in findings.Omitted)
            progress.Notice(omitted);
    }
}
