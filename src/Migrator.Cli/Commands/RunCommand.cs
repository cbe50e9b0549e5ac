using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.Core.Blobs;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator run</c> for one mailbox, and <c>migrator copy</c>.</summary>
public static class RunCommand
{
    public static async Task<int> RunAsync(Job job, CommandContext context, CancellationToken stop)
    {
        RequestCount.Begin();
        var run = await JobRun.PrepareAsync(
            job,
            context,
            (archive, stores, token) => stores.Archive(archive).OpenAsync(ArchiveUse.Write, token),
            stop
        );
        return await PausingRun.RunAsync(
            job.Name,
            run,
            context,
            stop,
            report => LimitForecast.OfAsync(job, report, context.Sessions, stop)
        );
    }
}
