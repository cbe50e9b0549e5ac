using Microsoft.Extensions.Logging;
using Migrator.Core.Archives;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Backups;

/// <summary>Brings a snapshot back to a mailbox: a migration whose source is the archive.</summary>
/// <param name="snapshot">What the sessions of <paramref name="endpoints"/> read.</param>
public sealed class Restore(
    Snapshot snapshot,
    Transfer transfer,
    MailboxEndpoints endpoints,
    ICheckpointStore store,
    RestoreMode mode,
    string spoolPath,
    TimeProvider time,
    ILogger log
)
{
    /// <param name="account">The mailbox that it goes to.</param>
    /// <param name="folders">Globs; empty for all folders.</param>
    public static Transfer Plan(
        Archive archive,
        SnapshotName name,
        Snapshot snapshot,
        string account,
        IReadOnlyList<string> folders,
        RestoreMode mode
    )
    {
        var rename = new Dictionary<string, string>();
        if (mode == RestoreMode.Side)
        {
            var controlStore = new FolderPath([$"Restored {name.Time.ToLocalTime():yyyy-MM-dd HHmmss}"]);
            foreach (var top in snapshot.Folders.Select(folder => new FolderPath([folder.Path.Names[0]])).Distinct())
                rename[top.ToString()] = controlStore.Concat(top.Names).ToString();
        }
        return new Transfer(
            "restore",
            $"{archive.Location}#{name.Id}",
            account,
            new FolderRules(folders, [], rename, mode == RestoreMode.Missing ? SpecialUseRule.Match : SpecialUseRule.Name)
            {
                EveryIncludeMatches = true,
            },
            RunOptions.Default
        )
        {
            Purpose = Purpose.Restore,
        };
    }

    /// <inheritdoc cref="Migration.RunAsync"/>
    public async Task<RunReport> RunAsync(RunProgress progress, CancellationToken stop)
    {
        var missing = MissingItems.Of(snapshot, new FolderChoice(transfer.Folders));
        foreach (var words in missing)
            progress.Notice(words);
        var report = await new Migration(transfer, endpoints, store, spoolPath, time, log) { Kind = "restore", AddsFlags = false }.RunAsync(
            progress,
            stop
        );
        if (report.Outcome is not (RunOutcome.Complete or RunOutcome.Partial))
            return report;
        await using var checkpoint = await store.OpenAsync(new MailboxPair(transfer.Source, transfer.Target), stop);
        try
        {
            if (mode == RestoreMode.Exact)
                report = await new ExactRestore(snapshot, checkpoint, endpoints, progress, time, log).RunAsync(report, stop);
        }
        catch (MailException exception)
        {
            return report with { Notices = [.. progress.Notices], Outcome = RunOutcome.Aborted, Stopped = Failure.Of(exception) };
        }
        // A restore that was cut short continues from its records. One that came to its end leaves none: what is removed after it and
        // restored again is missing again, not "delivered before".
        foreach (var folder in await checkpoint.FoldersAsync(stop))
            await checkpoint.DeleteFolderAsync(folder.Id, stop);
        return report with { Notices = [.. progress.Notices], Outcome = missing.Count > 0 ? RunOutcome.Partial : report.Outcome };
    }
}
