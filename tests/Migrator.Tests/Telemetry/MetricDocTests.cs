using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Migrator.Core.JobRuns;
using Migrator.Core.Migrations;
using Migrator.Core.Telemetry;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Telemetry;

/// <summary>docs/metrics.md and docs/grafana-dashboard.json say what is there, all of it and nothing else.</summary>
[Collection(nameof(SeenWorker))]
public sealed partial class MetricDocTests(DovecotFixture servers)
{
    /// <summary>Name, Prometheus name, type, unit, attributes, meaning.</summary>
    private static IReadOnlyList<string[]> Documented =>
        [.. Docs.Rows("metrics.md").Where(row => row[0].StartsWith("migrator.", StringComparison.Ordinal))];

    [Fact]
    public async Task The_document_lists_every_instrument_with_its_type_and_unit()
    {
        await using var worker = await SeenWorker.StartAsync();
        RuntimeHelpers.RunClassConstructor(typeof(RunMetrics).TypeHandle);
        var found = new SortedSet<string>(StringComparer.Ordinal);
        using (var listener = new MeterListener())
        {
            listener.InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == RunMetrics.MeterName)
                    found.Add($"{instrument.Name} {Prometheus(instrument)} {Kind(instrument)} {instrument.Unit}");
                Assert.False(instrument.Meter.Name == RunMetrics.MeterName && string.IsNullOrEmpty(instrument.Description));
            };
            listener.Start();
        }

        Assert.Equal(found, Documented.Select(row => $"{row[0]} {row[1]} {row[2]} {row[3]}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_scrape_has_the_names_and_attributes_that_the_document_says()
    {
        await using var worker = await SeenWorker.StartAsync();
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 1);
        worker.Catalogue.Replace([Jobs.Job("documented", mailboxes: ["ann"])], []);
        worker.JobRuns.Mailboxes.Add(Jobs.Run("documented", "ann", MailboxRunState.Waiting, worker.JobRuns.Now));
        await worker.JobRuns.StartInstrumentedAsync(
            new JobRunPlan("documented", JobRunTrigger.Manual, null, null, []),
            TestContext.Current.CancellationToken
        );
        await harness.RunAsync(TestContext.Current.CancellationToken);

        var scrape = await worker.ScrapeAsync();

        var ours = scrape.Families.Where(family => family.Key.StartsWith("migrator_", StringComparison.Ordinal)).ToList();
        Assert.True(ours.Count >= 12, scrape.Text);
        foreach (var (name, family) in ours)
        {
            var row = Assert.Single(Documented, row => row[1] == name);
            Assert.Equal(row[2], family.Type);
            Assert.All(
                family.Samples,
                sample =>
                    Assert.Equal(
                        Labels(row).Order(),
                        sample.Labels.Keys.Where(label => !label.StartsWith("otel_", StringComparison.Ordinal) && label != "le").Order()
                    )
            );
        }
    }

    [Fact]
    public async Task The_dashboard_asks_only_for_metrics_that_there_are()
    {
        using var dashboard = JsonDocument.Parse(
            await File.ReadAllTextAsync(Docs.Path("grafana-dashboard.json"), TestContext.Current.CancellationToken)
        );
        var known = Documented.ToDictionary(row => row[1], row => row[2]);
        var asked = dashboard
            .RootElement.GetProperty("panels")
            .EnumerateArray()
            .Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!)
            .ToList();

        Assert.NotEmpty(asked);
        foreach (Match name in asked.SelectMany(query => Name().Matches(query)))
        {
            var histogram = known
                .Where(metric => metric.Value == "histogram")
                .SelectMany(metric => new[] { "_bucket", "_sum", "_count" }.Select(part => metric.Key + part));
            Assert.Contains(name.Value, known.Where(metric => metric.Value != "histogram").Select(metric => metric.Key).Concat(histogram));
        }
        // And every metric of ours is on it, or nobody would miss it.
        Assert.All(known.Keys, name => Assert.Contains(asked, query => query.Contains(name, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_dashboard_asks_only_for_labels_that_there_are_and_that_Prometheus_leaves_as_they_are()
    {
        var text = await File.ReadAllTextAsync(Docs.Path("grafana-dashboard.json"), TestContext.Current.CancellationToken);
        using var dashboard = JsonDocument.Parse(text);

        // It gives them to what it scrapes; ours would become exported_job.
        Assert.All(Documented, row => Assert.DoesNotContain(Labels(row), label => label is "job" or "instance"));
        foreach (
            var target in dashboard
                .RootElement.GetProperty("panels")
                .EnumerateArray()
                .SelectMany(panel => panel.TryGetProperty("targets", out var targets) ? targets.EnumerateArray().ToList() : [])
        )
        {
            var (query, legend) = (target.GetProperty("expr").GetString()!, target.GetProperty("legendFormat").GetString()!);
            var row = Assert.Single(Documented, row => Regex.IsMatch(query, $"{row[1]}(_bucket|_count)?[{{)]"));
            Assert.All(
                Asked().Matches(query + legend).SelectMany(asked => asked.Groups[1].Value.Split(", ")),
                label => Assert.Contains(label, Labels(row).Append("le"))
            );
        }
        Assert.All(
            Regex.Matches(text, "label_values\\(([a-z_]+), ([a-z_]+)\\)"),
            asked => Assert.Contains(asked.Groups[2].Value, Labels(Assert.Single(Documented, row => row[1] == asked.Groups[1].Value)))
        );
    }

    /// <summary>As Prometheus has them.</summary>
    private static string[] Labels(string[] row) => row[4] == "" ? [] : row[4].Replace('.', '_').Split(", ");

    private static string Kind(Instrument instrument) =>
        instrument.GetType().Name switch
        {
            var name when name.Contains("Counter", StringComparison.Ordinal) => "counter",
            var name when name.Contains("Histogram", StringComparison.Ordinal) => "histogram",
            _ => "gauge",
        };

    // Units in braces are words for people and not part of the name.
    private static string Prometheus(Instrument instrument) =>
        instrument.Name.Replace('.', '_')
        + (
            instrument.Unit switch
            {
                "s" => "_seconds",
                "By" => "_bytes",
                _ => "",
            }
        )
        + (Kind(instrument) == "counter" ? "_total" : "");

    // migrator_job is a label.
    [GeneratedRegex("migrator_(?!job\\b)[a-z_]+")]
    private static partial Regex Name();

    [GeneratedRegex(@"(?:by \(|\{\{|\{(?=\w+=~))([a-z_, ]+)")]
    private static partial Regex Asked();
}
