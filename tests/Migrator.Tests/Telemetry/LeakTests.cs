using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Migrator.App.Formatting;
using Migrator.App.Logging;
using Migrator.App.Output;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Redaction;
using Migrator.Mail.Imap;
using Migrator.Storage.Blobs.Azure;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Telemetry;

/// <summary>Secrets are planted, failures that repeat them are provoked, and everything that is written is searched for
/// them.</summary>
[Collection(nameof(SeenWorker))]
public sealed class LeakTests(DovecotFixture servers)
{
    private readonly PlantedSecret _secret = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Plain")]
    [InlineData("Json")]
    public async Task A_login_whose_refusal_repeats_the_password(string format)
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            FromServer = text =>
                text.Contains(" NO ", StringComparison.Ordinal) ? text.Replace("\r\n", $" {_secret.AllForms()}\r\n") : text,
        };

        var (code, output) = await CopyAsync(harness, proxy, format);

        Assert.Equal(ExitCode.Connection, code);
        Assert.Contains("***", output);
        await SearchAsync(harness.State, output);
    }

    [Theory]
    [InlineData("Plain")]
    [InlineData("Json")]
    public async Task A_message_whose_refusal_repeats_the_password(string format)
    {
        await using var strict = await DovecotServer.StartAsync(new DovecotOptions(MaxMailSize: 1000));
        await using var harness = new Harness(servers.Old, strict);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 2);
            await FillAsync(source, "INBOX", 2, 2, size: 3000);
        }
        await using var proxy = new LoopbackProxy(strict.ImapPort)
        {
            FromClient = text => text.Replace($"{_secret}", DovecotServer.Password),
            FromServer = text =>
                text.Contains(" NO ", StringComparison.Ordinal) ? text.Replace("\r\n", $" {_secret.AllForms()}\r\n") : text,
        };

        var (code, output) = await CopyAsync(harness, proxy, format);

        Assert.True(code == ExitCode.Incomplete, output);
        Assert.Contains("***", output);
        await SearchAsync(harness.State, output);
        // It was stored, with words: else nothing was proved of the checkpoint.
        Assert.Contains(
            "***",
            Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Path.Combine(harness.State, "checkpoints.db"), Stop))
        );
    }

    [Fact]
    public async Task Logs_traces_and_metrics_that_are_sent()
    {
        SecretRedactor.Add($"{_secret}");
        SecretRedactor.Add($"Host=db;Password={_secret}pg");
        SecretRedactor.Add($"https://hooks.example.com/services/{_secret}hook");
        await using var collector = await OtlpReceiver.StartAsync();
        await using var worker = await SeenWorker.StartAsync(("Telemetry:Otlp:Endpoint", collector.Endpoint));
        await using var harness = new Harness(servers.Old, servers.New);
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            FromServer = text =>
                text.Contains(" NO ", StringComparison.Ordinal) ? text.Replace("\r\n", $" {_secret.AllForms()}\r\n") : text,
        };
        var target = Harness.Server(proxy.Port, harness.TargetUser, null) with { Auth = AuthMethod.Login };
        var log = worker.Application.Services.GetRequiredService<ILogger<Migration>>();
        await using (var store = harness.OpenStore())
            await new Migration(
                harness.Job.Transfer,
                harness.Ends with
                {
                    OpenTarget = new ImapConnector(target, $"{_secret}").OpenTargetAsync,
                },
                store,
                harness.SpoolPath,
                TimeProvider.System,
                log
            ).RunAsync(new RunProgress { Identity = new RunIdentity("leaks", $"{_secret}", 1) }, Stop);

        log.LogError(
            new InvalidOperationException($"outer {_secret}", new IOException($"inner {_secret.AllForms()}")),
            "It failed: {Detail} {Value}",
            $"Password={_secret}pg",
            new StringBuilder($"POST /services/{_secret}hook")
        );
        OtlpTests.Flush(worker);
        var scrape = await worker.ScrapeAsync();

        Assert.Contains(collector.Spans(), span => span.Attributes.GetValueOrDefault("migrator.mailbox") == "***");
        var entry = Assert.Single(collector.Logs(), entry => entry.Body.StartsWith("It failed", StringComparison.Ordinal));
        Assert.Equal("It failed: Password=*** POST ***", entry.Body);
        Assert.Equal("System.InvalidOperationException", entry.Attributes["exception.type"]);
        Assert.Equal("outer ***", entry.Attributes["exception.message"]);
        Assert.Contains("inner ***", entry.Attributes["exception.stacktrace"]);
        _secret.ShouldNotBeIn(collector.Everything());
        _secret.ShouldNotBeIn(scrape.Text);
    }

    [Fact]
    public void Lines_of_every_format()
    {
        SecretRedactor.Add($"{_secret}");
        foreach (var log in new LinesLogger[] { new(new PlainFormatter()), new(new JsonLogLines()), new(new SystemdFormatter()) })
        {
            log.Log(
                LogLevel.Error,
                new InvalidOperationException($"outer {_secret}", new IOException($"inner {_secret.AllForms()}")),
                "It failed: {Detail} {Value}",
                _secret.AllForms(),
                new StringBuilder($"{_secret}")
            );

            Assert.Contains("It failed: ***", log.Written);
            _secret.ShouldNotBeIn(log.Written);
        }
    }

    [Fact]
    public void Text_that_is_shortened_has_no_part_of_a_secret()
    {
        SecretRedactor.Add($"{_secret}");
        foreach (var text in new[] { TextSanitizer.Cut($"Refused: {_secret}", 30), TextSanitizer.Fit($"Refused: {_secret}", 30) })
            Assert.Equal("Refused: ***", text);
    }

    [Fact]
    public async Task A_store_that_refuses_a_shared_access_signature()
    {
        var address = $"sv=2024-11-04&sp=rwdl&sig={Uri.EscapeDataString($"{_secret}")}";
        SecretRedactor.Add(address);
        using var server = new StubHttpServer(403, "AuthenticationFailed");
        var spool = Directory.CreateTempSubdirectory("blobs");
        var exception = await Assert.ThrowsAsync<StorageException>(async () =>
        {
            await using var store = new AzureBlobStore(
                AzureBlobOptions.FromSignedUrl(new Uri(server.Endpoint, $"account/container?{address}")) with
                {
                    Retries = 0,
                },
                spool.FullName
            );
            await store.OpenAsync("packs/one", 0, 1, Stop);
        });
        spool.Delete(recursive: true);

        _secret.ShouldNotBeIn(exception.Message);
        var log = new LinesLogger(new PlainFormatter());
        log.Log(LogLevel.Error, exception, "The archive is away");
        _secret.ShouldNotBeIn(log.Written);
    }

    private async Task<(int Code, string Output)> CopyAsync(Harness harness, LoopbackProxy proxy, string format)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("secret").FullName, "password");
        await File.WriteAllTextAsync(file, _secret + "\n", Stop);
        var (code, output, errors) = await MigratorProcess.RunWithAsync(
            new Dictionary<string, string>
            {
                ["MIGRATOR_Logging__Format"] = format,
                ["MIGRATOR_Logging__Protocol"] = Path.Combine(harness.State, "protocol"),
            },
            harness.State,
            "copy",
            $"imap://{harness.SourceUser}@localhost:{servers.Old.ImapPort}?tls=none",
            $"imap://{harness.TargetUser}@localhost:{proxy.Port}?tls=none&auth=login",
            "--target-password",
            $"file:{file}",
            "--verbose",
            "--json"
        );
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        return (code, output + errors);
    }

    /// <summary>What was said, and every file that the run left: reports, checkpoints, protocol logs.</summary>
    private async Task SearchAsync(string state, string output)
    {
        _secret.ShouldNotBeIn(output);
        var files = Directory.GetFiles(state, "*", SearchOption.AllDirectories);
        Assert.Superset(new HashSet<string> { ".json", ".html", ".db", ".log" }, files.Select(Path.GetExtension).ToHashSet()!);
        foreach (var file in files)
            _secret.ShouldNotBeIn(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Stop)));
    }
}
