using Microsoft.Extensions.Logging;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Cli.Output;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator check</c>.</summary>
public static class CheckCommand
{
    public static async Task<int> RunAsync(MigrateJob job, Surroundings surroundings, CancellationToken stop)
    {
        var ends = surroundings.Connect(job);
        var (progress, screen) = (new RunProgress(), new Screen(surroundings));
        var preflight = await Preflight.RunAsync(job.Transfer, ends, progress, surroundings.Time, surroundings.Loggers.CreateLogger<Preflight>(), stop).ConfigureAwait(false);
        screen.Say(PreflightView.Line(preflight));
        if (!surroundings.Json)
            PreflightView.Write(screen.Text, preflight);
        return preflight.Plan.Obstacles.Count > 0 ? ExitCode.Configuration : ExitCode.Success;
    }
}
