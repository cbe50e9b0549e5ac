using Microsoft.Extensions.Logging;
using Migrator.App.Hosting;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator verify</c>.</summary>
public static class VerifyCommand
{
    /// <param name="tolerates">What is accepted, and named.</param>
    public static async Task<MailboxResult> RunAsync(
        MigrateJob job,
        IReadOnlySet<Rewrite> tolerates,
        RunProgress progress,
        CommandContext context,
        CancellationToken stop
    )
    {
        var endpoints = context.Sessions.Connect(job);
        var screen = new CommandOutput(context);
        await using var store = context.Stores.OpenCheckpoints();
        var verification = new Verification(job.Transfer, endpoints, store, context.Time, context.Loggers.CreateLogger<Verification>())
        {
            Tolerates = tolerates,
        };
        var report = await screen.WatchAsync(progress, () => verification.RunAsync(progress, stop));
        return await screen.ReportAsync(report);
    }
}
