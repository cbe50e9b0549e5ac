using Microsoft.Extensions.Logging;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Jobs;
using Migrator.Core.Runs;
using Migrator.Worker.Serving;

namespace Migrator.Worker.Commands;

/// <summary><c>migrator check</c> and <c>verify</c> for a job of kind backup.</summary>
public static class BackupCommand
{
    public static async Task<int> CheckAsync(BackupJob job, Surroundings surroundings, CancellationToken stop)
    {
        var source = surroundings.Source(job.Source);
        var archive = await new ArchiveAccess(job.Archive, surroundings).OpenAsync(stop).ConfigureAwait(false);
        await using var session = await source(Core.Mail.NoUidBook.Instance, stop).ConfigureAwait(false);
        var folders = await session.ListFoldersAsync(stop).ConfigureAwait(false);
        var names = await archive.SnapshotsAsync(job.Source.Account, stop).ConfigureAwait(false);
        new Screen(surroundings).Say(new { Event = "check", Job = job.Name, Source = job.Source.Account, Target = archive.Location, Folders = folders.Count, Messages = folders.Sum(folder => (long)(folder.State?.Count ?? 0)), Snapshots = names.Count },
            $"{job.Name}: {job.Source.Account} -> {archive.Location}. Both ends let us in; nothing was changed.",
            $"{folders.Count:N0} folders with {folders.Sum(folder => (long)(folder.State?.Count ?? 0)):N0} messages; the archive {(archive.Format.Encrypted ? "is encrypted" : "is not encrypted")} and holds {names.Count:N0} snapshots of this mailbox{(names.Count > 0 ? $", the latest of {names[^1].Time:u}" : "")}.");
        return ExitCode.Success;
    }

    public static async Task<int> VerifyAsync(BackupJob job, Surroundings surroundings, CancellationToken stop)
    {
        var source = surroundings.Source(job.Source);
        var archive = await new ArchiveAccess(job.Archive, surroundings).OpenAsync(stop).ConfigureAwait(false);
        var (name, snapshot) = await SnapshotChoice.FindAsync(archive, job.Source.Account, null, stop).ConfigureAwait(false);
        var (progress, screen) = (new RunProgress(), new Screen(surroundings));
        progress.Notice($"Compared with snapshot {name.Id} of {name.Time:u}.");
        var verification = new BackupVerification(JobRun.Transfer(job, archive), source, archive, snapshot, surroundings.Time, surroundings.Loggers.CreateLogger<BackupVerification>());
        var report = await screen.WatchAsync(progress, () => verification.RunAsync(progress, stop)).ConfigureAwait(false);
        screen.Show(report, await surroundings.Reports.WriteAsync(report, stop).ConfigureAwait(false));
        return ExitCode.Of(report);
    }
}
