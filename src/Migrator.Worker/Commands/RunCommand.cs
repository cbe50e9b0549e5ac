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
        return await screen.ReportAsync(progress, async () =>
        {
            var report = await migration.RunAsync(progress, stop).ConfigureAwait(false);
            if (job.Removal.AfterDays is not { } days || report.Outcome is RunOutcome.Interrupted or RunOutcome.Aborted)
                return report;
            await new DeliveredRemoval(job.Transfer, ends, store, surroundings.Time).RunAsync(days, progress, stop).ConfigureAwait(false);
            return report with { Notices = [.. progress.Notices] };
        }).ConfigureAwait(false);
    }
}
