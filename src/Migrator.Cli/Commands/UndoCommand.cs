using Microsoft.Extensions.Logging;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.App.Reports;
using Migrator.Cli.Output;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator undo</c> for one mailbox.</summary>
public static class UndoCommand
{
    public static async Task<MailboxResult> RunAsync(
        MigrateJob job,
        UndoRequest request,
        RunProgress progress,
        CommandContext context,
        CancellationToken stop
    )
    {
        var endpoints = request.IsTrial ? context.Sessions.Examine(job) : context.Sessions.Connect(job);
        var screen = new CommandOutput(context);
        await using var store = context.Stores.OpenCheckpoints();
        var undo = new Undo(job.Transfer, endpoints, store, request, context.Time, context.Loggers.CreateLogger<Undo>());
        var report = await screen.WatchAsync(progress, () => undo.RunAsync(progress, stop));
        var code = ExitCode.Of(report);
        if (context.Json)
            screen.Say(UndoJson.Line(report, code));
        else if (context.Quiet)
            screen.Explain($"{UndoSummary.Verdict(report).Headline}.");
        else
            UndoSummary.Write(screen.Text, report);
        return MailboxResults.Of(job.Name, report, code);
    }
}
