using Microsoft.Extensions.Logging;
using Migrator.Core.Jobs;
using Migrator.Core.Runs;

namespace Migrator.Worker.Commands;

/// <summary><c>migrator run</c> and <c>migrator copy</c>.</summary>
public static class RunCommand
{
    public static async Task<int> RunAsync(MigrateJob job, Surroundings surroundings, CancellationToken stop)
    {
        var ends = surroundings.Connect(job);
        var (progress, screen) = (new RunProgress(), new Screen(surroundings));
        await using var store = surroundings.OpenStore();
        var migration = new Migration(job.Transfer, ends, store, surroundings.SpoolPath(job.Transfer), surroundings.Time, surroundings.Loggers.CreateLogger<Migration>());
        var report = await screen.WatchAsync(progress, () => migration.RunAsync(progress, stop)).ConfigureAwait(false);
        // Written even after Ctrl-C: what was done is worth knowing then above all.
        var files = await surroundings.Reports.WriteAsync(report, CancellationToken.None).ConfigureAwait(false);
        screen.Show(report, files);
        return ExitCode.Of(report);
    }
}
