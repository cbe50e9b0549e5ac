using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Migrator.App.Output;
using Migrator.Storage.Auditing;
using Migrator.Tests.Execution;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Auditing;

/// <summary>The audit trail of real services and commands on one state directory.</summary>
public sealed partial class AuditedServiceTests(DovecotFixture servers, PostgresFixture postgres)
{
    private const string Token = "a-token-that-nobody-guesses";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_did_what_is_listed_and_verified()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 1, 1)
        {
            Environment = new Dictionary<string, string> { ["MIGRATOR_TEST_TOKEN"] = Token },
        };
        organisation.WriteJob();
        using (var service = organisation.ServeAt(out var url, "--set", "Dashboard:Token=env:MIGRATOR_TEST_TOKEN"))
        {
            using var person = await Person.OpenAsync(service, url);
            Assert.Equal(HttpStatusCode.Unauthorized, await person.LogInAsync("not it"));
            Assert.Equal(HttpStatusCode.Redirect, await person.LogInAsync(Token));
            await organisation.RunAsync("jobs", "pause", "move");
            service.Interrupt();
            var (code, output, errors) = await service.EndAsync();
            Assert.True(code == ExitCode.Success, output + errors);
            // Kept where logs are, the hashes are an anchor outside.
            Assert.Contains(Trail.Text(Trail.Lines(organisation.State)[0], "hash")!, output);
            Assert.DoesNotContain(Token, output + errors);
        }

        var reported = Trail
            .Lines(organisation.State)
            .Where(line => Trail.Text(line, "event") != "HistoryPurged")
            .Select(line =>
                (
                    $"{Trail.Text(line, "event")} {Trail.Text(line, "outcome")} {Trail.Text(line, "who", "kind")} "
                    + $"{Trail.Text(line, "who", "name")} {Trail.Text(line, "who", "address")}"
                ).TrimEnd()
            );
        Assert.Equal(
            [
                $"ServiceStarted done service {Environment.UserName}",
                "LoginRefused refused page unknown 127.0.0.1",
                "LoggedIn done page token 127.0.0.1",
                $"JobPaused begun command {Environment.UserName}",
                $"JobPaused done command {Environment.UserName}",
                $"ServiceStopped done service {Environment.UserName}",
            ],
            reported
        );
        Assert.Equal(
            2,
            Trail
                .Lines(organisation.State)
                .Count(line => Trail.Text(line, "event") == "HistoryPurged" && Trail.Text(line, "who", "kind") == "service")
        );
        Assert.DoesNotContain("not it", await File.ReadAllTextAsync(Trail.Files(organisation.State)[0], Stop));

        var list = await organisation.RunAsync("audit", "list", "--since", "1d");
        Assert.Matches(@"LoggedIn  token \(page, 127\.0\.0\.1\)", list.Output);
        Assert.Matches(@"JobPaused  .*job move  done \(of \d+\)", list.Output);
        var json = (await organisation.RunAsync("audit", "list", "--json", "--event", "jobpaused")).Output.Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries
        );
        Assert.Equal(["begun", "done"], json.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("outcome").GetString()));
        Assert.Contains("There are no entries", (await organisation.RunAsync("audit", "list", "--since", "2999-01-01")).Output);
        Assert.Equal(ExitCode.Configuration, (await organisation.RunAsync("audit", "list", "--since", "whenever")).Code);

        var verified = await organisation.RunAsync("audit", "verify");
        Assert.True(
            verified.Code == ExitCode.Success && verified.Output.Contains("The hash chain is intact.", StringComparison.Ordinal),
            verified.Output + verified.Errors
        );
        var head = HeadHash().Match(verified.Output).Groups[1].Value;
        Assert.Equal(ExitCode.Success, (await organisation.RunAsync("audit", "verify", "--from", head)).Code);
        Assert.Equal(ExitCode.Incomplete, (await organisation.RunAsync("audit", "verify", "--from", new string('0', 63) + "1")).Code);
        Assert.Equal(ExitCode.Configuration, (await organisation.RunAsync("audit", "verify", "--from", "abc")).Code);
        var lines = await File.ReadAllLinesAsync(Trail.Files(organisation.State)[0], Stop);
        lines[1] = lines[1]
            .Replace("127.0.0.1", "127.0.0.2", StringComparison.Ordinal)
            .Replace("\"service\"", "\"page\"", StringComparison.Ordinal);
        await File.WriteAllLinesAsync(Trail.Files(organisation.State)[0], lines, Stop);
        var broken = await organisation.RunAsync("audit", "verify");
        Assert.Equal(ExitCode.Incomplete, broken.Code);
        Assert.Contains("line 2: this line is not as it was written.", broken.Output);
        Assert.Equal(
            1,
            JsonDocument
                .Parse((await organisation.RunAsync("audit", "verify", "--json")).Output)
                .RootElement.GetProperty("report")
                .GetProperty("faultCount")
                .GetInt64()
        );
    }

    /// <summary>Two services on one database and one state directory, and commands beside them; then both are killed in the middle, several
    /// times.</summary>
    [Fact]
    public async Task Several_processes_write_one_chain_and_one_that_is_killed_breaks_nothing()
    {
        const int each = 200;
        await using var organisation = new Organisation(servers.Old, servers.New, 1, 1)
        {
            Environment = new Dictionary<string, string> { ["MIGRATOR_TEST_TOKEN"] = Token },
        };
        organisation.WriteJob();
        var connection = Path.Combine(organisation.State, "database.txt");
        await File.WriteAllTextAsync(connection, await (await postgres.StartedAsync()).CreateDatabaseAsync() + "\n", Stop);
        organisation.WriteSettings(
            $$"""
            { "CheckpointStore": "PostgreSQL", "ConnectionStrings": { "Migrator": "file:{{connection}}" },
              "Dashboard": { "Token": "env:MIGRATOR_TEST_TOKEN" } }
            """
        );
        using (
            MigratorProcess one = organisation.ServeAt(out var first),
                two = organisation.ServeAt(out var second)
        )
        {
            using Person ann = await Person.OpenAsync(one, first),
                bob = await Person.OpenAsync(two, second);
            await Task.WhenAll(ann.LogInOftenAsync(each), bob.LogInOftenAsync(each), organisation.RunAsync("jobs", "pause", "move"));
            Assert.Equal(2 * each, Trail.Lines(organisation.State).Count(line => Trail.Text(line, "event") == "LoggedIn"));
            ShouldBeWhole(organisation);

            var (more, still) = (ann.LogInOftenAsync(100_000), bob.LogInOftenAsync(100_000));
            await ServeTests.UntilAsync(one, () => Task.FromResult(Trail.Lines(organisation.State).Count > (2 * each) + 40));
            one.Kill();
            two.Kill();
            await Task.WhenAll(more, still);
        }
        var resumed = await organisation.RunAsync("jobs", "resume", "move");
        Assert.True(resumed.Code == ExitCode.Success, resumed.Output + resumed.Errors);
        ShouldBeWhole(organisation);
        Assert.Equal(ExitCode.Success, (await organisation.RunAsync("audit", "verify")).Code);
    }

    [Fact]
    public async Task On_a_full_disk_nothing_is_done_and_what_is_there_can_be_read()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && await ShellAsync("unshare --map-root-user --mount true") is (0, _),
            "Needs user namespaces."
        );
        await using var organisation = new Organisation(servers.Old, servers.New, 1, 1);
        organisation.WriteJob();
        Directory.CreateDirectory(Path.Combine(organisation.State, "audit"));
        var migrator =
            $"{string.Join(' ', MigratorProgram.Command.Select(part => $"'{part}'"))} --state '{organisation.State}' --set "
            + $"'JobsDirectory={organisation.Jobs}'";
        // One page is left, and room for some lines in it.
        var (code, output) = await ShellAsync(
            $"""
            unshare --map-root-user --mount bash -c "
            mount -t tmpfs -o size=64k none '{organisation.State}/audit' &&
              head -c 61440 /dev/zero >'{organisation.State}/audit/fill' || exit 99
            for number in 1 2 3 4 5 6; do {migrator} jobs pause move && {migrator} jobs resume move || break; done
            echo refused; {migrator} jobs trigger move; echo code \$?
            {migrator} jobs list && {migrator} audit list && {migrator} audit verify &&
              rm '{organisation.State}/audit/fill' && {migrator} jobs pause move && {migrator} audit verify"
            """
        );

        Assert.True(code == 0, $"{code}: {output}");
        var refused = output[output.IndexOf("refused\n", StringComparison.Ordinal)..];
        Assert.Contains("Nothing was done, because it cannot be recorded.", refused);
        Assert.Contains("code 2\n", refused);
        Assert.DoesNotContain("1 mailbox will run", output);
        Assert.Contains("The hash chain is intact.", refused);
        Assert.Contains("move is paused.", refused[refused.IndexOf("The hash chain is intact.", StringComparison.Ordinal)..]);
    }

    [Fact]
    public async Task A_trail_of_any_size_is_verified_in_little_memory()
    {
        var state = await Trail.WriteAsync(1);
        // One line that does not end, as of a broken disk.
        await using (var file = new FileStream(Trail.Files(state)[0], FileMode.Open))
            file.SetLength(512L << 20);

        var (code, output, errors) = await MigratorProcess.RunInAsync(100 << 20, state, "audit", "verify");

        Assert.True(
            code == ExitCode.Success && output.Contains("are not a complete line", StringComparison.Ordinal),
            $"{code}: {output}{errors}"
        );
        Directory.Delete(state, recursive: true);
    }

    private static void ShouldBeWhole(Organisation organisation)
    {
        var report = new AuditVerification(organisation.State, null).Run(Stop);
        Assert.True(report.FaultCount == 0, string.Join('\n', report.Faults));
    }

    private static async Task<(int Code, string Output)> ShellAsync(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", $"({script}) 2>&1"]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, output);
    }

    [GeneratedRegex("Hash of the last line: ([0-9a-f]{64})")]
    private static partial Regex HeadHash();

    /// <summary>At the login of a service.</summary>
    private sealed partial class Person(HttpClient client, string form, string cookie) : IDisposable
    {
        public static async Task<Person> OpenAsync(MigratorProcess service, string url)
        {
            var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
            {
                BaseAddress = new Uri(url),
            };
            await ServeTests.UntilAsync(service, async () => await ReadyAsync(client));
            using var page = await client.GetAsync("/login", Stop);
            var cookie = Assert
                .Single(page.Headers.GetValues("Set-Cookie"), header => header.StartsWith("migrator-form=", StringComparison.Ordinal))
                .Split(';')[0];
            return new Person(client, Form().Match(await page.Content.ReadAsStringAsync(Stop)).Groups[1].Value, cookie);
        }

        public async Task<HttpStatusCode> LogInAsync(string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/login")
            {
                Content = new FormUrlEncodedContent([new("token", token), new("__RequestVerificationToken", form)]),
            };
            request.Headers.Add("Cookie", cookie);
            using var answer = await client.SendAsync(request, Stop);
            return answer.StatusCode;
        }

        /// <summary>Until the service is gone.</summary>
        public async Task LogInOftenAsync(int times)
        {
            try
            {
                for (var time = 0; time < times; time++)
                    Assert.Equal(HttpStatusCode.Redirect, await LogInAsync(Token));
            }
            catch (HttpRequestException) { }
        }

        public void Dispose() => client.Dispose();

        private static async Task<bool> ReadyAsync(HttpClient client)
        {
            try
            {
                return (await client.GetAsync("/health/ready", Stop)).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }

        [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
        private static partial Regex Form();
    }
}
