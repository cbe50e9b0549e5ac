using System.Text;
using Migrator.App.Output;
using Migrator.Tests.Execution;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Migrator.Tests.Telemetry;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Settings;

/// <summary>The product as a user starts it, with its secrets in a vault and nowhere else. It finds out by itself who it is.</summary>
public sealed class VaultCommandTests(DovecotFixture servers)
{
    private readonly PlantedSecret _password = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_logs_in_with_a_password_that_is_in_the_vault_only()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(UserPassword: $"{_password}"));
        await using var vault = await FakeKeyVault.StartAsync();
        vault.Secrets["Mailboxes--people"] = $"{_password}";
        await using var organisation = new Organisation(servers.Old, target, 2, 3) { Environment = vault.Environment };
        var job = organisation.WriteJob();
        await ReferAsync(job, "setting:Mailboxes:people");
        var said = new StringBuilder();

        foreach (
            var command in new[] { $"check {job} --verbose", $"run {job} --verbose --json", $"verify {job}", "status --json", "jobs list" }
        )
        {
            var (code, output, errors) = await organisation.RunAsync([
                .. command.Split(' '),
                "--protocol-log",
                Path.Combine(organisation.State, "protocol"),
            ]);
            Assert.True(code == ExitCode.Success, $"{command}: {code}: {output}{errors}");
            said.AppendLine(output).AppendLine(errors);
        }

        await organisation.ShouldHaveMovedAsync(organisation.People);
        ShouldNotBeIn(organisation, vault, said.ToString());
    }

    [Fact]
    public async Task A_service_takes_all_its_secrets_from_the_vault_and_shows_none()
    {
        var token = new PlantedSecret();
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(UserPassword: $"{_password}"));
        await using var vault = await FakeKeyVault.StartAsync();
        (vault.Secrets["Mailboxes--people"], vault.Secrets["Web--token"]) = ($"{_password}", $"{token}");
        await using var organisation = new Organisation(servers.Old, target, 2, 3) { Environment = vault.Environment };
        await ReferAsync(organisation.WriteJob(), "setting:Mailboxes:people");
        organisation.WriteSettings(
            """
            { "Dashboard": { "Token": "setting:Web:token" },
              "Logging": { "LogLevel": { "Default": "Trace", "Azure": "Trace", "Migrator": "Trace" } } }
            """
        );
        using var service = organisation.ServeAt(out var url);
        var triggered = await organisation.RunAsync("jobs", "trigger", "move");
        Assert.True(triggered.Code == ExitCode.Success, triggered.Output + triggered.Errors);
        await ServeTests.UntilAsync(service, async () => (await ServeTests.StatesAsync(organisation)).All(state => state == "complete"));
        var shown = new StringBuilder();
        using (var http = new HttpClient { DefaultRequestHeaders = { Authorization = new("Bearer", $"{token}") } })
        {
            foreach (var path in new[] { "", "jobs/move", "history", "runs/1", "runs/1/report.json", "metrics" })
                shown.AppendLine(await http.GetStringAsync($"{url}/{path}", Stop));
        }
        service.Interrupt();
        var (code, output, errors) = await service.EndAsync();

        Assert.True(code == ExitCode.Success, output + errors);
        // That is what the page says of how a mailbox is set.
        Assert.Contains("setting:Mailboxes:people", shown.ToString());
        await organisation.ShouldHaveMovedAsync(organisation.People);
        ShouldNotBeIn(organisation, vault, $"{shown}{output}{errors}");
        token.ShouldNotBeIn($"{shown}{output}{errors}");
    }

    [Fact]
    public async Task A_secret_that_is_missing_is_told_with_job_mailbox_and_setting()
    {
        await using var vault = await FakeKeyVault.StartAsync();
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 1) { Environment = vault.Environment };
        var job = organisation.WriteJob();
        await ReferAsync(job, "setting:Mailboxes:{name}");
        vault.Secrets[$"Mailboxes--{organisation.People[0]}"] = DovecotServer.Password;

        var (code, output, errors) = await organisation.RunAsync("check", job);

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Equal("", errors);
        Assert.Contains($"job move, password of {organisation.People[1]} at 127.0.0.1", output);
        Assert.Contains(
            $"setting:Mailboxes:{organisation.People[1]}: there is no such setting: Azure Key Vault at {FakeKeyVault.Host} has "
                + $"no secret \"Mailboxes--{organisation.People[1]}\", "
                + $"and the environment variable MIGRATOR_Mailboxes__{organisation.People[1]} is not set. Create one of them.",
            output
        );
        // The other mailbox was looked at.
        Assert.Contains($"1 of 2 mailboxes OK. 1 failed: {organisation.People[1]}.", output);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("serve")]
    public async Task A_vault_that_refuses_is_told_in_words(string command)
    {
        await using var vault = await FakeKeyVault.StartAsync();
        vault.Secrets["Mailboxes--ann"] = $"{_password}";
        vault.ToList = 403;
        await using var organisation = new Organisation(servers.Old, servers.New, 1, 1) { Environment = vault.Environment };

        var (code, output, errors) = await organisation.RunAsync([command, .. command == "check" ? new[] { organisation.WriteJob() } : []]);

        Assert.Equal(ExitCode.Connection, code);
        Assert.StartsWith(
            $"Azure Key Vault at {FakeKeyVault.Host} does not list its secrets: it answers 403 (Code403): The caller may not. "
                + "[vault-refused]\nGive this machine's identity",
            errors
        );
        Assert.DoesNotContain("   at ", errors);
        ShouldNotBeIn(organisation, vault, output + errors);
    }

    [Fact]
    public async Task A_vault_that_cannot_be_reached_and_a_machine_without_identity_are_told_in_words()
    {
        await using var vault = await FakeKeyVault.StartAsync();
        await using var organisation = new Organisation(servers.Old, servers.New, 1, 1);
        var job = organisation.WriteJob();

        var away = await RunAsync("HTTPS_PROXY", $"http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}");
        var nobody = await RunAsync("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential");

        Assert.Equal([ExitCode.Connection, ExitCode.Connection], new[] { away.Code, nobody.Code });
        Assert.StartsWith($"Azure Key Vault at {FakeKeyVault.Host} cannot be reached: ", away.Errors);
        Assert.Contains("[vault-unreachable]", away.Errors);
        Assert.StartsWith(
            $"Azure Key Vault at {FakeKeyVault.Host} does not list its secrets, because there is no identity to log in with: ",
            nobody.Errors
        );
        Assert.Contains("[vault-refused]", nobody.Errors);
        Assert.All([away.Errors, nobody.Errors], errors => Assert.DoesNotContain("   at ", errors));

        Task<(int Code, string Output, string Errors)> RunAsync(string name, string value) =>
            MigratorProcess.RunWithAsync(
                new Dictionary<string, string>(vault.Environment) { [name] = value },
                organisation.State,
                "check",
                job
            );
    }

    /// <summary>The target's password is where this says.</summary>
    private static async Task ReferAsync(string job, string reference) =>
        await File.WriteAllTextAsync(
            job,
            (await File.ReadAllTextAsync(job, Stop)).Replace("env:MIGRATOR_TARGET_PASSWORD", reference),
            Stop
        );

    private void ShouldNotBeIn(Organisation organisation, FakeKeyVault vault, string said)
    {
        foreach (
            var text in Directory
                .GetFiles(organisation.State, "*", SearchOption.AllDirectories)
                .Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file)))
                .Append(said)
        )
        {
            _password.ShouldNotBeIn(text);
            Assert.DoesNotContain(vault.Token, text);
        }
    }
}
