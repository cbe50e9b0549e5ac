using System.Globalization;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.App.Settings;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Storage.Blobs.Azure;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator archive stats</c>: what an archive holds, saves, and costs.</summary>
internal static class ArchiveStats
{
    private const int MostMailboxes = 20;
    private const int NightsAMonth = 30;
    private const string DefaultTier = "hot";

    public static async Task<int> RunAsync(ArchiveReference reference, CommandContext context, CancellationToken stop)
    {
        var (screen, prices) = (new CommandOutput(context), AzurePriceSettings.Read(context.Settings));
        var archive = await context.Stores.Archive(reference).OpenAsync(ArchiveUse.Read, stop);
        await using var lease = await ArchiveLease.ReadingAsync(archive, "stats", screen.Warn, stop);
        var report = await new ArchiveStatistics(archive).RunAsync(screen.Doing, stop);
        var costs = reference.IsAzure
            ? InAzure(report, prices)
            : [.. prices.Tiers.Keys.Where(tier => tier != "archive").Select(tier => Month(report, prices, tier))];
        foreach (var note in report.Notes)
            screen.Warn(note);
        var isWhole = report.Missing + report.Unreadable == 0;
        screen.Say(
            new JsonLine("archiveStats")
            {
                { "report", report },
                {
                    "estimate",
                    new JsonFields
                    {
                        { "currency", prices.Currency },
                        { "inUse", reference.IsAzure },
                        {
                            "months",
                            costs.Select(cost => new JsonFields
                            {
                                { "tier", cost.Tier },
                                { "storage", cost.Storage },
                                { "requests", cost.Requests },
                            })
                        },
                    }
                },
            },
            Words(report)
        );
        Tables(report, screen, context.Time.LocalTimeZone);
        screen.Explain("");
        screen.Explain([.. Growth(report), .. Requests(report, reference.IsAzure), .. Costs(costs, reference.IsAzure, prices)]);
        screen.Explain(
            isWhole
                ? []
                :
                [
                    $"{Format.Count(report.Missing, "message")} missing, "
                        + $"{Format.Count(report.Unreadable, "blob or page", "blobs or pages")} unreadable: the figures leave them "
                        + $"out. {Reason.ArchiveDamaged.Hint}",
                ]
        );
        return isWhole ? ExitCode.Success : ExitCode.Incomplete;
    }

    private static IEnumerable<string> Words(StatisticsReport report) =>
        [
            $"{report.Archive}: {Format.Count(report.Mailboxes.Count, "mailbox", "mailboxes")}, "
                + $"{Format.Count(report.Snapshots, "snapshot")}, {Format.Size(report.Bytes)} stored.",
            $"Newest snapshots: {Format.Count(report.Newest.Count, "message")}, {Format.Size(report.Newest.Bytes)}. Each "
                + $"content once: {Format.Count(report.Once.Count)}, "
                + $"{Format.Size(report.Once.Bytes)}{Ratio(report.Dedupe, "deduplication")}.",
            $"All snapshots: {Format.Count(report.Packs.Objects, "message")} in packs, {Format.Size(report.Packs.Plain)}, "
                + $"stored in {Format.Size(report.Packs.Stored)}{Ratio(report.Compression, "compression")}.",
        ];

    private static void Tables(StatisticsReport report, CommandOutput screen, TimeZoneInfo zone)
    {
        screen.Explain("");
        screen.Table(
            "",
            [new("Stored"), new("Tier"), new("Blobs", Right: true), new("Size", Right: true)],
            [.. report.Blobs.Select(kind => new[] { kind.Kind, kind.Tier ?? "", Format.Count(kind.Blobs), Format.Size(kind.Bytes) })]
        );
        screen.Explain("");
        var shown = report.Mailboxes.OrderByDescending(mailbox => mailbox.Bytes).Take(MostMailboxes).ToList();
        screen.Table(
            shown.Count < report.Mailboxes.Count ? $"The {MostMailboxes} largest mailboxes (--json has all):" : "",
            [
                new("Mailbox", Least: 16, IsSentence: true),
                new("Snapshots", Right: true, Rank: 2),
                new("Newest"),
                new("Messages", Right: true),
                new("Size", Right: true),
                new("A night", Right: true, Rank: 1),
            ],
            [
                .. shown.Select(mailbox =>
                    new[]
                    {
                        DisplayText.Account(mailbox.Mailbox),
                        Format.Count(mailbox.Snapshots),
                        Format.Minute(mailbox.Newest, zone),
                        Format.Count(mailbox.Messages),
                        Format.Size(mailbox.Bytes),
                        mailbox.Growth is { } growth ? $"+{Format.Size(growth.Stored)}" : "",
                    }
                ),
            ]
        );
    }

    private static string[] Growth(StatisticsReport report) =>
        [
            report.Growth is not { } growth
                ? "Growth: not known before the second day."
                : $"Growth a night, over up to {ArchiveStatistics.Period.Days} days: {Number(growth.Messages)} new messages, "
                    + $"{Format.Size(growth.Plain)}, stored in {Format.Size(growth.Stored)}.",
        ];

    private static string[] Requests(StatisticsReport report, bool isAzure) =>
        report.Requests is { } requests
            ?
            [
                $"Requests of the last run of each mailbox, together: {Format.Count(requests.Total)}: "
                    + $"{Format.Count(requests.Reads, "read")}, {Format.Count(requests.Writes, "write")}, "
                    + $"{Format.Count(requests.Lists, "listing")}, {Format.Count(requests.Deletes, "delete")}.",
            ]
        : isAzure ? ["Requests of the last run: not known; they are counted from the next run on."]
        : [];

    private static string[] Costs(IReadOnlyList<MonthlyCost> costs, bool isAzure, AzurePrices prices) =>
        [
            isAzure
                ? "Estimate for a month in Azure, a run a night: "
                    + $"{MoneyText.Of(costs.Sum(cost => cost.Storage + cost.Requests), prices.Currency)}: "
                    + $"{OfTiers(costs, prices, "for what is")}, "
                    + $"{MoneyText.Of(costs.Sum(cost => cost.Requests), prices.Currency)} for requests."
                : $"In Azure, keeping it would cost about: {OfTiers(costs, prices, "a month")}; requests come to it.",
            "An estimate, based on the section AzurePrices of the settings.",
        ];

    private static string OfTiers(IReadOnlyList<MonthlyCost> costs, AzurePrices prices, string what) =>
        string.Join(", ", costs.Select(cost => $"{MoneyText.Of(cost.Storage, prices.Currency)} {what} in the {cost.Tier} tier"));

    /// <param name="Tier">Lower case.</param>
    /// <param name="Storage">To keep what lies there.</param>
    /// <param name="Requests">Of a run a night, like the last.</param>
    private sealed record MonthlyCost(string Tier, decimal Storage, decimal Requests);

    private static List<MonthlyCost> InAzure(StatisticsReport report, AzurePrices prices)
    {
        // What a night reads and writes lies where the snapshots do.
        var nightly = report.Blobs.FirstOrDefault(kind => BlobKind.Snapshot.IsOf($"{kind.Kind}/"))?.Tier ?? DefaultTier;
        var requests = report.Requests is { } night
            ? prices.Write(nightly, (night.Writes + night.Lists) * NightsAMonth) + prices.Read(nightly, night.Reads * NightsAMonth, 0)
            : 0;
        return
        [
            .. report
                .Blobs.GroupBy(kind => kind.Tier ?? DefaultTier)
                .Select(tier => new MonthlyCost(
                    tier.Key,
                    prices.Month(tier.Key, tier.Sum(kind => kind.Bytes)),
                    tier.Key == nightly ? requests : 0
                )),
        ];
    }

    private static MonthlyCost Month(StatisticsReport report, AzurePrices prices, string tier) =>
        new(tier, prices.Month(tier, report.Bytes), 0);

    private static string Ratio(double? ratio, string what) =>
        ratio is { } times ? $" ({what} {times.ToString("0.00", CultureInfo.InvariantCulture)} to 1)" : "";

    private static string Number(double number) =>
        number is > 0 and < 10 ? number.ToString("0.0", CultureInfo.InvariantCulture) : Format.Count((long)Math.Round(number));
}
