using Microsoft.Extensions.Logging;
using Migrator.App.Execution;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Progress;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator check</c> and <c>verify</c> for a job of kind backup.</summary>
public static class BackupCommand
{
    public static async Task<int> CheckAsync(BackupJob job, OpenArchives archives, Surroundings surroundings, CancellationToken stop)
    {
        var source = surroundings.Source(job.Source, job.Name);
        var archive = await OpenAsync(job, archives, surroundings, stop).ConfigureAwait(false);
        await using var session = await source(Core.Mail.NoUidBook.Instance, stop).ConfigureAwait(false);
        var folders = await session.ListFoldersAsync(stop).ConfigureAwait(false);
        FolderPlanException.ThrowIfMissed(new FolderChoice(job.Folders), folders);
        var messages = folders.Sum(folder => (long)(folder.State?.Count ?? 0));
        var names = archive is null ? [] : await archive.SnapshotsAsync(job.Mailbox, stop).ConfigureAwait(false);
        var found = $"{Format.Count(folders.Count, "folder")} with {Format.Count(messages, "message")}";
        new Screen(surroundings).Say(new JsonLine("check") { { "job", job.Name }, { "source", job.Source.Account }, { "target", job.Archive.Location }, { "exists", archive is not null }, { "folders", folders.Count }, { "messages", messages }, { "snapshots", names.Count } },
            archive is null
                ? [$"{job.Name}: {job.Source.Account} lets us in: {found}.", $"There is no archive in {job.Archive.Location} yet: make it with \"migrator archive init\" and this job file."]
                : [
                    $"{job.Name}: {job.Source.Account} -> {archive.Location}. Both ends let us in; nothing was changed.",
                    $"{found}; the archive {(archive.Format.Encrypted ? "is encrypted" : "is not encrypted")} and holds {Format.Count(names.Count, "snapshot")} of this mailbox{(names.Count > 0 ? $", the latest of {names[^1].Time:u}" : "")}.",
                ]);
        return archive is null ? ExitCode.Configuration : ExitCode.Success;
    }

    /// <returns>Null where there is none yet: the mailbox is worth looking at all the same.</returns>
    private static async Task<Archive?> OpenAsync(BackupJob job, OpenArchives archives, Surroundings surroundings, CancellationToken stop)
    {
        try
        {
            return await archives.OpenAsync(job.Archive, surroundings, stop).ConfigureAwait(false);
        }
        catch (StorageException exception) when (exception.Reason == Reason.ArchiveMissing)
        {
            return null;
        }
    }

    public static async Task<int> VerifyAsync(BackupJob job, OpenArchives archives, Surroundings surroundings, CancellationToken stop)
    {
        var source = surroundings.Source(job.Source, job.Name);
        var archive = await archives.OpenAsync(job.Archive, surroundings, stop).ConfigureAwait(false);
        var (name, snapshot, warnings) = await SnapshotChoice.FindAsync(archive, job.Mailbox, null, MailboxMatch.Exact, complete: false, stop).ConfigureAwait(false);
        var (progress, screen) = (new RunProgress(), new Screen(surroundings));
        foreach (var warning in warnings)
            progress.Notice(warning);
        // What cannot be read now would pass for missing.
        var choice = new Core.Folders.FolderChoice(job.Folders);
        await OfflineMail.EnsureNoneAsync(archive, snapshot, (folder, _) => choice.Includes(folder), surroundings, stop).ConfigureAwait(false);
        progress.Notice($"Compared with snapshot {name.Id} of {name.Time:u}.");
        var verification = new BackupVerification(JobRun.Transfer(job, archive), source, archive, snapshot, surroundings.Time, surroundings.Loggers.CreateLogger<BackupVerification>());
        var report = await screen.WatchAsync(progress, () => verification.RunAsync(progress, stop)).ConfigureAwait(false);
        return await screen.ReportAsync(report).ConfigureAwait(false);
    }
}
