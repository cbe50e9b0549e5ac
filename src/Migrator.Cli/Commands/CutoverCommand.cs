using Microsoft.Extensions.Logging;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.App.Reports;
using Migrator.Cli.Output;
using Migrator.Core.Discovery;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator cutover</c> for one mailbox: up to the switch.</summary>
/// <param name="exchangers">Hosts that mail to the domain of the mailbox has to be sent to; empty where that is not asked.</param>
internal sealed class CutoverCommand(CutoverRequest request, IReadOnlyList<string> exchangers)
{
    private const string Exchangers = "Mail exchanger";

    public async Task<(MailboxResult Result, bool IsSwitched)> RunAsync(
        MigrateJob job,
        RunProgress progress,
        CommandContext context,
        CancellationToken stop
    )
    {
        var screen = new CommandOutput(context);
        await using var store = context.Stores.OpenCheckpoints();
        var cutover = new Cutover(
            job.Transfer,
            context.Sessions.Connect(job),
            context.Sessions.Examine(job),
            store,
            request,
            exchangers.Count == 0 ? [] : [await ExchangersAsync(job, context, stop)],
            context.Paths.SpoolOf(job.Transfer),
            context.Time,
            context.Loggers.CreateLogger<Cutover>()
        );
        var report = await screen.WatchAsync(progress, () => cutover.RunAsync(progress, stop));
        if (report.Run is { } run)
            await screen.ReportAsync(run);
        var code =
            report.Reasons.Count == 0 ? ExitCode.Success
            : report.Run?.Outcome == RunOutcome.Interrupted ? ExitCode.Interrupted
            : ExitCode.Incomplete;
        if (context.Json)
            screen.Say(CutoverJson.Line(report, code));
        else if (context.Quiet)
            screen.Explain($"{CutoverSummary.Verdict(report).Headline}.");
        else
            CutoverSummary.Write(screen.Text, report);
        return (MailboxResults.Of(job.Name, report, code), report.Switched is not null);
    }

    private async Task<CutoverCheck> ExchangersAsync(MigrateJob job, CommandContext context, CancellationToken stop)
    {
        if (new[] { job.Target.User, job.Source.User }.FirstOrDefault(MailboxAddress.IsMeant) is not { } user)
            return new(Exchangers, false, "neither login name is a mail address, so the domain is not known.");
        MailboxAddress address;
        try
        {
            address = MailboxAddress.Parse(user, Exchangers);
        }
        catch (ConfigurationException exception)
        {
            return new(Exchangers, false, exception.Detail);
        }
        using var discovery = context.OpenDiscovery();
        var found = await discovery.ExchangersAsync(address, stop);
        var hosts = found.Problem is { } problem ? problem : string.Join(", ", found.Hosts);
        return found.Problem is null && found.AreAllOf(exchangers)
            ? new(Exchangers, true, $"mail to {found.Domain} is sent to {hosts}.")
            : new(
                Exchangers,
                false,
                $"mail to {found.Domain} is to be sent to {string.Join(" or ", exchangers)}, and the MX record says otherwise: {hosts}."
            );
    }
}
