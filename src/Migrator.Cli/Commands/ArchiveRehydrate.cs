using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.App.Settings;
using Migrator.Core.Archives;
using Migrator.Core.Jobs;
using Migrator.Storage.Blobs.Azure;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator archive rehydrate</c>: brings back from Azure's archive tier what a snapshot needs.</summary>
internal static class ArchiveRehydrate
{
    public static async Task<int> RunAsync(
        ArchiveReference reference,
        RehydrationRequest request,
        CommandContext context,
        CancellationToken stop
    )
    {
        var (screen, prices) = (new CommandOutput(context), AzurePriceSettings.Read(context.Settings));
        var (access, use) = (context.Stores.Archive(reference), request.DryRun ? ArchiveUse.Read : ArchiveUse.Move);
        await using var store = access.Store(use);
        // Nobody can say which packs are needed before these are back.
        var records = await ArchiveRehydration.OfflineRecordsAsync(store, stop);
        if (records.Count > 0)
        {
            var first = await new ArchiveRehydration(store, request.Tier, request.HighPriority).RunAsync(
                records,
                request.DryRun,
                screen.Doing,
                stop
            );
            screen.Warn(
                "The archive's own records, index, pages or snapshots are in the archive tier. Every command needs them, each "
                    + "backup too: end the lifecycle rule that moves them, or limit it to packs/."
            );
            return Say(
                first,
                request,
                prices,
                screen,
                "blob",
                "Run this again when they are back: the packs that are needed are known only then."
            );
        }
        var archive = await access.OpenAsync(use, stop);
        var packs = request.All ? await NeededPacks.AllAsync(archive, stop) : await NeededAsync(archive, request, screen, stop);
        var report = await new ArchiveRehydration(archive, request.Tier, request.HighPriority).RunAsync(
            packs.Packs,
            request.DryRun,
            screen.Doing,
            stop
        );
        return Say(report, request, prices, screen, "pack", "Run this again to see how many are not back yet.");
    }

    private static async Task<NeededPacks> NeededAsync(
        Archive archive,
        RehydrationRequest request,
        CommandOutput screen,
        CancellationToken stop
    )
    {
        var (name, snapshot, warnings) = await SnapshotChoice.FindAsync(
            archive,
            request.Mailbox,
            request.At,
            request.Match,
            complete: true,
            stop
        );
        foreach (var warning in warnings)
            screen.Warn(warning);
        screen.Doing($"Determining which packs snapshot {name.Id} of {snapshot.Mailbox} needs");
        var choice = new Core.Folders.FolderChoice(FolderArgument.Rules(snapshot, request.Folders));
        return await NeededPacks.OfAsync(archive, snapshot, (folder, _) => choice.Includes(folder), stop);
    }

    private static int Say(
        RehydrationReport report,
        RehydrationRequest request,
        AzurePrices prices,
        CommandOutput screen,
        string what,
        string next
    )
    {
        var (cost, month, hours) = (
            prices.Rehydrate(report.Asked, report.AskedBytes, request.HighPriority),
            prices.Month(request.Tier, report.AskedBytes),
            prices.Hours(request.HighPriority)
        );
        screen.Say(
            new JsonLine("rehydrate")
            {
                { "report", report },
                { "tier", request.Tier },
                { "priority", request.HighPriority ? "high" : "standard" },
                {
                    "estimate",
                    new JsonFields
                    {
                        { "currency", prices.Currency },
                        { "once", decimal.Round(cost, 4) },
                        { "month", decimal.Round(month, 4) },
                        { "hours", hours },
                    }
                },
            },
            [
                $"{report.Archive}: {Format.Count(report.Needed, what)} needed ({Format.Size(report.NeededBytes)}), "
                    + $"{Format.Count(report.Needed - report.Asked - report.Returning)} of them readable now, "
                    + $"{Format.Count(report.Returning)} being rehydrated ({Format.Size(report.ReturningBytes)}), "
                    + $"{Format.Count(report.Asked)} in the archive tier ({Format.Size(report.AskedBytes)}).",
                .. report.Asked == 0
                    ? Array.Empty<string>()
                    :
                    [
                        $"{(report.DryRun ? "Nothing was requested (--dry-run). To rehydrate" : "Requested")} "
                            + $"{Format.Count(report.Asked, what)}, {(request.HighPriority ? "high" : "standard")} priority, into the "
                            + $"{request.Tier} tier: up to {Format.Count(hours, "hour")}, and about "
                            + $"{MoneyText.Of(cost, prices.Currency)} once, then {MoneyText.Of(month, prices.Currency)} a month. What "
                            + $"was in the archive tier for less than {prices.Tiers["archive"].MinimumDays} days is charged up to "
                            + "that in addition.",
                        "An estimate, based on the section AzurePrices of the settings.",
                    ],
                report.IsReady ? "Everything that is needed can be read." : next,
            ]
        );
        return report.IsReady ? ExitCode.Success : ExitCode.Incomplete;
    }
}
