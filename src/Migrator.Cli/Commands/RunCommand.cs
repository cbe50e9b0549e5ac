using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.Core.Blobs;
using Migrator.Core.Jobs;
using Migrator.Core.Progress;

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
        var (progress, screen) = (new RunProgress(), new CommandOutput(context));
        return await screen.ReportAsync(progress, () => run(progress));
    }
}
