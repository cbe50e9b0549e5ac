using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Data.Sqlite;
using Migrator.App.Output;
using Migrator.Tests.Files;
using Migrator.Tests.Jobs;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>What keeps the service from starting is reported.</summary>
public sealed class StartTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("start");
    private readonly Dictionary<string, string> _environment = new()
    {
        ["MIGRATOR_TEST_TOKEN"] = "a-token-that-nobody-guesses",
        ["MIGRATOR_TEST_PASSWORD"] = "password-of-the-certificate",
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task A_port_that_is_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        await ShouldSayAsync(
            $"Dashboard:Urls: Failed to bind to address http://{taken.LocalEndpoint}: address already in use.",
            $"Dashboard:Urls=http://{taken.LocalEndpoint}"
        );
    }

    [Fact]
    public async Task A_service_that_cannot_start_leaves_schedules_as_they_were()
    {
        var jobs = Directory.CreateDirectory(Path.Combine(_state.FullName, "jobs")).FullName;
        await File.WriteAllTextAsync(Path.Combine(jobs, "nightly.json"), HostileFiles.Job("nightly"), Stop);
        var others = Directory.CreateDirectory(Path.Combine(_state.FullName, "others")).FullName;
        await File.WriteAllTextAsync(Path.Combine(others, "other.json"), HostileFiles.Job("other"), Stop);
        using (
            var first = MigratorProcess.StartWith(
                _environment,
                _state.FullName,
                "serve",
                "--set",
                $"JobsDirectory={jobs}",
                "--set",
                Url("http", out _)
            )
        )
        {
            await ServeTests.UntilAsync(first, async () => (await ScheduledAsync()).Contains("nightly"));

            // Its port is its own: only the state directory is shared.
            var (code, output, errors) = await MigratorProcess.RunWithAsync(
                _environment,
                _state.FullName,
                "serve",
                "--set",
                $"JobsDirectory={others}",
                "--set",
                Url("http", out _)
            );
            Assert.True(code == ExitCode.Configuration, $"{code}: {output}{errors}");
            Assert.Contains($"StateDirectory: another service (process {first.Id}) runs in {_state.FullName}.", errors);
            Assert.Equal(["nightly"], await ScheduledAsync());

            first.Interrupt();
            Assert.Equal(ExitCode.Success, (await first.EndAsync()).Code);
        }
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        Assert.Equal(
            ExitCode.Configuration,
            (
                await MigratorProcess.RunWithAsync(
                    _environment,
                    _state.FullName,
                    "serve",
                    "--set",
                    $"JobsDirectory={others}",
                    "--set",
                    $"Dashboard:Urls=http://{taken.LocalEndpoint}"
                )
            ).Code
        );

        Assert.Equal(["nightly"], await ScheduledAsync());
    }

    [Fact]
    public async Task A_service_that_was_killed_leaves_its_directory_to_the_next_and_commands_work_beside_it()
    {
        var jobs = Directory.CreateDirectory(Path.Combine(_state.FullName, "jobs")).FullName;
        await File.WriteAllTextAsync(Path.Combine(jobs, "nightly.json"), HostileFiles.Job("nightly"), Stop);
        string[] directory = ["--set", $"JobsDirectory={jobs}"];
        string[] url = ["--set", Url("http", out _)];
        using (var killed = MigratorProcess.StartWith(_environment, _state.FullName, ["serve", .. directory, .. url]))
        {
            await ServeTests.UntilAsync(killed, async () => (await ScheduledAsync()).Contains("nightly"));
            // Reached by another path, it is the same directory.
            var link = Path.Combine(_state.FullName, "link");
            Directory.CreateSymbolicLink(link, _state.FullName);
            var refused = await MigratorProcess.RunWithAsync(_environment, link, ["serve", .. directory, "--set", Url("http", out _)]);
            Assert.True(refused.Code == ExitCode.Configuration, refused.Output + refused.Errors);
            Assert.Contains($"another service (process {killed.Id}) runs in {link}. Stop that one", refused.Errors);
            killed.Kill();
            await killed.EndAsync();
        }
        Assert.StartsWith("process ", Holder());

        using var next = MigratorProcess.StartWith(_environment, _state.FullName, ["serve", .. directory, .. url]);
        await ServeTests.UntilAsync(next, () => Task.FromResult(Holder() == $"process {next.Id}"));
        // Asked to stop before it has started, a service says so with another code.
        using var client = new HttpClient();
        await ServeTests.UntilAsync(
            next,
            async () =>
            {
                try
                {
                    return (await client.GetAsync(url[1][(url[1].IndexOf('=') + 1)..], Stop)).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            }
        );
        foreach (var command in new[] { new[] { "status" }, ["jobs", "list"], ["jobs", "pause", "nightly"], ["jobs", "resume", "nightly"] })
        {
            var (code, output, errors) = await MigratorProcess.RunWithAsync(_environment, _state.FullName, [.. command, .. directory]);
            Assert.True(code == ExitCode.Success, $"{command[0]}: {code}: {output}{errors}");
        }
        next.Interrupt();
        Assert.Equal(ExitCode.Success, (await next.EndAsync()).Code);
    }

    [Fact]
    public async Task A_lock_that_a_service_left_behind_is_not_taken_for_one_that_runs()
    {
        var left = Path.Combine(_state.FullName, "service.lock");
        await File.WriteAllTextAsync(left, "process 1", Stop);

        await ReadOnlyMount.WhileAsync(
            left,
            async () =>
            {
                var (code, _, errors) = await MigratorProcess.RunWithAsync(_environment, _state.FullName, Arguments([Url("http", out _)]));
                Assert.Equal(ExitCode.Configuration, code);
                Assert.Contains($"StateDirectory: {left} cannot be written: ", errors);
                Assert.DoesNotContain("another service", errors);
            }
        );
    }

    /// <summary>What the lock says of its holder.</summary>
    private string Holder()
    {
        // .NET locks what it opens to read, too; the system does not.
        using var reader = Process
            .Start(new ProcessStartInfo("cat", [Path.Combine(_state.FullName, "service.lock")]) { RedirectStandardOutput = true })!
            .StandardOutput;
        return reader.ReadToEnd();
    }

    /// <summary>The jobs that schedules are recorded for.</summary>
    private async Task<List<string>> ScheduledAsync()
    {
        await using var database = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = Path.Combine(_state.FullName, "schedules.db"), Pooling = false }.ToString()
        );
        await database.OpenAsync(Stop);
        try
        {
            await using var command = database.CreateCommand();
            command.CommandText = "select job_name from quartz_triggers";
            await using var reader = await command.ExecuteReaderAsync(Stop);
            var jobs = new List<string>();
            while (await reader.ReadAsync(Stop))
                jobs.Add(reader.GetString(0));
            return jobs;
        }
        // The tables are not made yet.
        catch (SqliteException)
        {
            return [];
        }
    }

    [Fact]
    public Task An_address_of_another_machine() =>
        ShouldSayAsync(
            "Dashboard:Urls: it cannot listen there: ",
            "Dashboard:Urls=http://192.0.2.1:8080",
            "Dashboard:BehindProxy=true",
            "Dashboard:Hosts:0=migrator.example.org",
            "Dashboard:Token=env:MIGRATOR_TEST_TOKEN"
        );

    [Theory]
    [InlineData("schedules.db")]
    [InlineData("job-runs.db")]
    public async Task A_file_of_state_that_is_none(string name)
    {
        var file = Path.Combine(_state.FullName, name);
        await File.WriteAllTextAsync(file, new string('x', 5000), Stop);

        await ShouldSayAsync(file, Url("http", out _));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no certificate")]
    public async Task A_certificate_that_cannot_be_used(string? content)
    {
        var file = Path.Combine(_state.FullName, "cert.pfx");
        if (content is not null)
            await File.WriteAllTextAsync(file, content, Stop);

        await ShouldSayAsync(
            "Kestrel:Certificates:Default: cannot be used: ",
            Url("https", out _),
            $"Kestrel:Certificates:Default:Path={file}"
        );
    }

    [Theory]
    [InlineData(OddFile.Pipe, "Path")]
    [InlineData(OddFile.Zeros, "Path")]
    [InlineData(OddFile.Full, "KeyPath")]
    public Task A_certificate_that_is_no_file(string kind, string part)
    {
        var file = OddFile.Make(kind, Path.Combine(_state.FullName, "odd.pem"));

        return ShouldSayAsync(
            $"cannot be used: {file}: {OddFile.Words(kind)}",
            Url("https", out _),
            $"Kestrel:Certificates:Default:{part}={file}"
        );
    }

    [Theory]
    [InlineData(OddFile.Pipe)]
    [InlineData(OddFile.Zeros)]
    [InlineData(OddFile.Huge)]
    public async Task Settings_that_are_no_file(string kind)
    {
        var settings = _state.CreateSubdirectory("settings").FullName;
        OddFile.Make(kind, Path.Combine(settings, "appsettings.json"));

        var (code, output, errors) = await MigratorProcess.RunWithAsync(
            _environment,
            _state.FullName,
            "jobs",
            "list",
            "--settings",
            settings
        );

        Assert.True(code == ExitCode.Configuration, $"{code}: {output}{errors}");
        Assert.Contains($"appsettings.json: cannot be read: {OddFile.Words(kind)}", errors);
    }

    [Fact]
    public async Task The_password_of_a_certificate_is_a_reference()
    {
        var file = Path.Combine(_state.FullName, "cert.pfx");
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest(
            "CN=localhost",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        ).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pfx, _environment["MIGRATOR_TEST_PASSWORD"]), Stop);
        string[] settings = [Url("https", out var url), $"Kestrel:Certificates:Default:Path={file}"];

        await ShouldSayAsync(
            "Kestrel:Certificates:Default:Password: must say where the secret is",
            [.. settings, "Kestrel:Certificates:Default:Password=password-of-the-certificate"]
        );

        using var service = MigratorProcess.StartWith(
            _environment,
            _state.FullName,
            [.. Arguments(settings), "--set", "Kestrel:Certificates:Default:Password=env:MIGRATOR_TEST_PASSWORD"]
        );
        using var client = new HttpClient(
            new SocketsHttpHandler
            {
                SslOptions =
                {
                    RemoteCertificateValidationCallback = (_, seen, _, _) => seen?.GetCertHashString() == certificate.GetCertHashString(),
                },
            }
        );
        await ServeTests.UntilAsync(service, async () => await AnswersAsync(client, url));
        service.Interrupt();
        var (code, output, errors) = await service.EndAsync();
        Assert.True(code == ExitCode.Success, $"{code}: {output}{errors}");
    }

    [Fact]
    public async Task Errors_in_all_sections_are_reported_together()
    {
        string[] wrong =
        [
            "Worker:MaxConcurrency=0",
            "Notify:DailyAt=25:99",
            "Dashboard:Urls=nonsense",
            "Telemetry:Otlp:Endpoint=nonsense",
            "Logging:Format=Loud",
            "Logging:LogLevel:Default=Loud",
        ];

        var (code, _, errors) = await MigratorProcess.RunWithAsync(_environment, _state.FullName, Arguments(wrong));

        Assert.Equal(ExitCode.Configuration, code);
        Assert.StartsWith("settings: 6 errors:", errors);
        Assert.All(wrong, setting => Assert.Contains($"  {setting[..setting.IndexOf('=')]}: ", errors));
    }

    [Theory]
    [InlineData("Worker:AtOne=3", "Worker:AtOne: is not known")]
    [InlineData("Worker:PerHost=3", "Worker:PerHost: has a number for each host")]
    [InlineData("Dashboard:Tokn=env:MIGRATOR_TEST_TOKEN", "Dashboard:Tokn: is not known")]
    [InlineData("Dashboard:OpenIdConnect:AllowedUser=ann", "Dashboard:OpenIdConnect:AllowedUser: is not known")]
    [InlineData("Telemetry:Otlp:Endpiont=http://localhost:4318", "Telemetry:Otlp:Endpiont: is not known")]
    [InlineData("Telemetry:Otlp:Protocol=pigeon", "Telemetry:Otlp:Protocol: is \"pigeon\"; use \"http/protobuf\" or \"grpc\"")]
    [InlineData("KeyVault:Url=https://name.vault.azure.net", "KeyVault:Url: is not known")]
    [InlineData("Dashboard:Urls=http://127.0.0.1:80000", "Dashboard:Urls: \"http://127.0.0.1:80000\" is not an address")]
    public Task A_setting_that_would_do_nothing(string setting, string words) => ShouldSayAsync(words, setting);

    private static async Task<bool> AnswersAsync(HttpClient client, string url)
    {
        try
        {
            return (await client.GetAsync(url + "/health/live", Stop)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task ShouldSayAsync(string words, params string[] settings)
    {
        var (code, output, errors) = await MigratorProcess.RunWithAsync(_environment, _state.FullName, Arguments(settings));

        Assert.True(code == ExitCode.Configuration, $"{code}: {output}{errors}");
        Assert.Contains(words, errors);
        Assert.DoesNotContain("   at ", output + errors);
        Assert.DoesNotContain("password-of-the-certificate", output + errors);
    }

    private string[] Arguments(string[] settings) =>
        ["serve", .. settings.Prepend($"JobsDirectory={_state.FullName}").SelectMany(setting => new[] { "--set", setting })];

    private static string Url(string scheme, out string url) =>
        $"Dashboard:Urls={url = $"{scheme}://127.0.0.1:{DovecotServer.FreePorts(1)[0]}"}";
}
