using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Migrator.App.Logging;
using Migrator.App.Output;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Mail.Imap;
using Migrator.Service.Telemetry;
using Migrator.Tests.Execution;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Telemetry;

/// <summary>What a collector gets.</summary>
[Collection(nameof(SeenWorker))]
public sealed class OtlpTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_collector_gets_metrics_logs_and_a_run_with_its_folders_as_a_trace()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var worker = await SeenWorker.StartAsync(("Telemetry:Otlp:Endpoint", collector.Endpoint));
        await using var harness = new Harness(servers.Old, servers.New);
        var job = $"traced-{Guid.NewGuid():N}";
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 3);
            await source.CreateAsync("Sub");
            await FillAsync(source, "Sub", 3, 2);
        }

        await RunAsync(worker, harness, new RunIdentity(job, "ann-box", 2), harness.Ends);
        await worker.JobRuns.StartInstrumentedAsync(new JobRunPlan(job, JobRunTrigger.Schedule, worker.JobRuns.Now, null, []), Stop);
        Flush(worker);

        Assert.Contains(
            collector.Spans(),
            span => span.Name == "job run start" && span.Attributes["migrator.job"] == job && span.Attributes["migrator.job_run"] == "7"
        );
        var run = Assert.Single(collector.Spans(), span => span.Name == "run migrate" && span.Attributes["migrator.job"] == job);
        Assert.Equal(
            ("ann-box", "2", "complete"),
            (run.Attributes["migrator.mailbox"], run.Attributes["migrator.attempt"], run.Attributes["migrator.outcome"])
        );
        Assert.NotEqual(2, run.Status);
        var below = collector.Spans().Where(span => span.Trace == run.Trace && span.Id != run.Id).ToList();
        Assert.Equal(
            ["INBOX", "Sub"],
            below.Where(span => span.Name == "folder copy").Select(span => span.Attributes["migrator.folder"]).Order()
        );
        Assert.Equal(
            "3",
            below.Single(span => span.Attributes.GetValueOrDefault("migrator.folder") == "INBOX").Attributes["migrator.messages.delivered"]
        );
        Assert.Superset(
            new HashSet<string> { "source", "target" },
            below.Where(span => span.Name == "connect").Select(span => span.Attributes["migrator.end"]).ToHashSet()
        );
        Assert.All(below, span => Assert.Equal(run.Id, span.Parent));
        Assert.Contains(("migrator.messages.delivered", "{message}"), collector.Metrics());
        Assert.Contains(("migrator.mailbox.run.duration", "s"), collector.Metrics());
        Assert.Contains(
            collector.Logs(),
            log => log.Body == "Copying INBOX: 3 messages at the source, 3 to copy" && log.Attributes["Found"] == "3"
        );
        var resource = collector.Resource();
        Assert.Equal("migrator", resource["service.name"]);
        Assert.NotEmpty(resource["service.version"]);
        Assert.NotEmpty(resource["service.instance.id"]);
        // Whose account it is stands on no span.
        Assert.DoesNotContain(
            collector.Spans().Where(span => span.Trace == run.Trace).SelectMany(span => span.Attributes.Values),
            value => value.Contains(harness.SourceUser, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_run_that_failed_says_why_by_its_code()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var worker = await SeenWorker.StartAsync(("Telemetry:Otlp:Endpoint", collector.Endpoint));
        await using var harness = new Harness(servers.Old, servers.New);
        var job = $"failed-{Guid.NewGuid():N}";

        await RunAsync(
            worker,
            harness,
            new RunIdentity(job, null, 1),
            harness.Ends with
            {
                OpenTarget = new ImapConnector(harness.Job.Target, "not the password").OpenTargetAsync,
            }
        );
        Flush(worker);

        var run = Assert.Single(collector.Spans(), span => span.Attributes.GetValueOrDefault("migrator.job") == job);
        Assert.Equal((2, "authentication-failed", "aborted"), (run.Status, run.StatusText, run.Attributes["migrator.outcome"]));
        Assert.Contains(
            collector.Spans(),
            span =>
                span.Trace == run.Trace
                && span.Name == "connect"
                && span.Status == 2
                && span.Attributes["error.type"] == "authentication-failed"
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_variables_of_OpenTelemetry_count_in_the_service(bool alone)
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var organisation = new Organisation(servers.Old, servers.New, 0, 0)
        {
            Environment = new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_HEADERS"] = "key=of-the-collector",
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                [alone ? "OTEL_EXPORTER_OTLP_ENDPOINT" : "MIGRATOR_Telemetry__Otlp__Endpoint"] = collector.Endpoint,
            },
        };
        using var service = organisation.Serve();
        await ServeTests.UntilAsync(service, () => Task.FromResult(collector.Logs().Any(log => log.Attributes.ContainsKey("Worker"))));
        service.Interrupt();
        var (code, output, errors) = await service.EndAsync();

        Assert.True(code == ExitCode.Success, output + errors);
        Assert.Contains(("migrator.workers.alive", "{worker}"), collector.Metrics());
        Assert.All(collector.Keys, key => Assert.Equal("of-the-collector", key));
    }

    [Theory]
    [InlineData("not an address", "http/protobuf", "address")]
    [InlineData("http://ann:hunter2@collector:4318", "http/protobuf", "not shown")]
    [InlineData("http://collector:4318", "carrier pigeon", "grpc")]
    public void Wrong_settings_are_reported(string endpoint, string protocol, string words)
    {
        var settings = new Microsoft.Extensions.Configuration.ConfigurationManager
        {
            ["Telemetry:Otlp:Endpoint"] = endpoint,
            ["Telemetry:Otlp:Protocol"] = protocol,
        };

        var exception = Assert.Throws<ConfigurationException>(() => new ServiceCollection().AddTelemetry(settings));

        Assert.Contains(words, Assert.Single(exception.Errors).Message);
        Assert.DoesNotContain("hunter2", exception.Errors[0].Message);
    }

    private static async Task RunAsync(SeenWorker worker, Harness harness, RunIdentity identity, MailboxEndpoints ends)
    {
        await using var store = harness.OpenStore();
        var log = worker.Application.Services.GetRequiredService<ILogger<Migration>>();
        await new Migration(harness.Job.Transfer, ends, store, harness.SpoolPath, TimeProvider.System, log).RunAsync(
            new RunProgress { Identity = identity },
            Stop
        );
    }

    internal static void Flush(SeenWorker worker)
    {
        Assert.True(worker.Application.Services.GetRequiredService<TracerProvider>().ForceFlush());
        // Of the two readers, the one of Prometheus has nothing to flush and says so.
        worker.Application.Services.GetRequiredService<MeterProvider>().ForceFlush();
        Assert.True(worker.Application.Services.GetRequiredService<LoggerProvider>().ForceFlush());
    }
}
