using Microsoft.Extensions.Configuration;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Redaction;
using Migrator.Core.Secrets;
using Migrator.Tests.Servers;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Settings;

/// <summary>The secrets of a vault as settings, read as the product reads its settings.</summary>
public sealed class VaultSettingsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("settings");
    private readonly PlantedSecret _secret = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Every_page_is_read_and_two_hyphens_part_a_name()
    {
        await using var vault = await FakeKeyVault.StartAsync();
        vault.Secrets["Mailboxes--ann"] = $"{_secret}";
        vault.Secrets["Plain-name"] = "plain value";
        foreach (var number in Enumerable.Range(0, 30))
            vault.Secrets[$"Numbers--{number}"] = $"value of {number}";

        var settings = await ReadAsync(vault);

        Assert.Equal($"{_secret}", settings["Mailboxes:ann"]);
        Assert.Equal("plain value", settings["Plain-name"]);
        Assert.All(Enumerable.Range(0, 30), number => Assert.Equal($"value of {number}", settings[$"Numbers:{number}"]));
        Assert.Equal("***", SecretRedactor.Redact($"{_secret}"));
    }

    [Fact]
    public async Task What_is_disabled_or_belongs_to_a_certificate_is_not_asked_for()
    {
        await using var vault = await FakeKeyVault.StartAsync();
        (vault.Secrets["Mailboxes--ann"], vault.Secrets["Mailboxes--bob"], vault.Secrets["website"]) = (
            "value of ann",
            "value of bob",
            "a private key"
        );
        vault.Disabled.Add("Mailboxes--bob");
        vault.Managed.Add("website");

        var settings = await ReadAsync(vault);

        Assert.Equal(["Mailboxes--ann"], vault.Given);
        Assert.Null(settings["Mailboxes:bob"]);
        Assert.Null(settings["website"]);
        Assert.Equal(
            $"the secret \"Mailboxes--bob\" is disabled in Azure Key Vault at {FakeKeyVault.Host}. Enable it there.",
            Refused(settings, "Mailboxes:bob")
        );
    }

    [Fact]
    public async Task A_vault_comes_before_files_and_after_the_command_line()
    {
        await using var vault = await FakeKeyVault.StartAsync();
        (vault.Secrets["Worker--MaxConcurrency"], vault.Secrets["Worker--KeepHistory"]) = ("11", "11d");
        await WriteAsync("""{ "Worker": { "MaxConcurrency": 5, "KeepHistory": "5d", "PerHost": { "Default": 5 } } }""");

        var settings = await ReadAsync(vault, "Worker:KeepHistory=7d");

        Assert.Equal(
            ["11", "7d", "5"],
            new[] { "MaxConcurrency", "KeepHistory", "PerHost:Default" }.Select(name => settings[$"Worker:{name}"])
        );
    }

    [Fact]
    public async Task A_reference_finds_its_secret_in_the_vault_or_in_the_environment()
    {
        await using var vault = await FakeKeyVault.StartAsync();
        vault.Secrets["Mailboxes--ann"] = $"{_secret}";
        var variable = $"VaultTests__{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable($"MIGRATOR_{variable}", "from the environment");
        var settings = await ReadAsync(vault);
        Environment.SetEnvironmentVariable($"MIGRATOR_{variable}", null);

        Assert.Equal($"{_secret}", Resolve(settings, "Mailboxes:ann"));
        Assert.Equal($"{_secret}", Resolve(settings, "mailboxes:ANN"));
        Assert.Equal("from the environment", Resolve(settings, variable.Replace("__", ":")));
    }

    [Fact]
    public async Task A_reference_to_what_is_not_there_says_what_to_make()
    {
        await using var vault = await FakeKeyVault.StartAsync();
        var settings = await ReadAsync(vault);

        Assert.Equal(
            $"there is no such setting: Azure Key Vault at {FakeKeyVault.Host} has no secret \"Mailboxes--ann\", and the "
                + "environment variable MIGRATOR_Mailboxes__ann is not set. Create one of them.",
            Refused(settings, "Mailboxes:ann")
        );
        Assert.Contains("no secret in Azure Key Vault can be named so", Refused(settings, "Mailboxes:ann@old.example"));
        Assert.Contains("no secret in Azure Key Vault can be named so", Refused(settings, "Mailboxes--ann"));
        Assert.Contains(
            "no Azure Key Vault is configured (\"KeyVault:Uri\")",
            Refused(await ConfigurationLoader.ReadAsync(_directory.FullName, [], Stop), "Mailboxes:ann")
        );
    }

    [Fact]
    public async Task A_secret_that_is_written_in_a_file_of_settings_or_on_the_command_line_is_not_taken()
    {
        await WriteAsync($$"""{ "Logging": { "ann": "{{_secret}}" } }""");
        var settings = await ConfigurationLoader.ReadAsync(_directory.FullName, [$"Logging:bob={_secret}"], Stop);

        foreach (var name in new[] { "ann", "bob" })
        {
            var refused = Refused(settings, $"Logging:{name}");
            Assert.StartsWith(
                $"the setting Logging:{name} is written in a settings file or on the command line, where secrets are not allowed.",
                refused
            );
            _secret.ShouldNotBeIn(refused);
        }
    }

    [Fact]
    public async Task An_unknown_section_is_an_error_with_its_place_and_without_its_value()
    {
        await WriteAsync($$"""{ "Mailboxes": { "ann": "{{_secret}}" } }""");

        var mistake = await Assert.ThrowsAsync<ConfigurationException>(() =>
            ConfigurationLoader.ReadAsync(_directory.FullName, ["Workr:MaxConcurrency=3"], Stop)
        );

        Assert.Equal(["Mailboxes", "Workr"], mistake.Errors.Select(error => error.Path));
        Assert.StartsWith(
            $"({Path.Combine(_directory.FullName, "appsettings.json")}) is not known; there are StateDirectory, ",
            mistake.Errors[0].Message
        );
        Assert.StartsWith("(--set) is not known; ", mistake.Errors[1].Message);
        Assert.EndsWith("belongs in Azure Key Vault or the environment.", mistake.Errors[0].Message);
        _secret.ShouldNotBeIn(mistake.Errors[0].Message);
    }

    [Theory]
    [InlineData(401, "Code401")]
    [InlineData(403, "Code403")]
    [InlineData(404, "Is the address right?")]
    public async Task A_vault_that_does_not_let_us_list_says_so_without_what_it_repeats(int status, string words)
    {
        await using var vault = await FakeKeyVault.StartAsync();
        (vault.Secrets["Mailboxes--ann"], vault.ToList) = ($"{_secret}", status);

        var exception = await Assert.ThrowsAsync<StorageException>(() => ReadAsync(vault));

        Assert.Equal(Reason.VaultRefused, exception.Reason);
        Assert.StartsWith($"Azure Key Vault at {FakeKeyVault.Host} ", exception.Message);
        Assert.Contains(words, exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
        Assert.DoesNotContain(vault.Token, exception.Message);
        _secret.ShouldNotBeIn(exception.Message);
    }

    [Fact]
    public async Task A_vault_that_lists_and_does_not_give_out_says_which()
    {
        await using var vault = await FakeKeyVault.StartAsync();
        (vault.Secrets["Mailboxes--ann"], vault.ToGet) = ($"{_secret}", 403);

        var exception = await Assert.ThrowsAsync<StorageException>(() => ReadAsync(vault));

        Assert.Equal(Reason.VaultRefused, exception.Reason);
        Assert.Equal(
            $"Azure Key Vault at {FakeKeyVault.Host} does not return the secret \"Mailboxes--ann\": it answers 403 (Code403): "
                + "The caller may not.",
            exception.Message
        );
    }

    [Fact]
    public async Task Something_that_is_no_vault_is_not_taken_for_one()
    {
        await using var vault = await FakeKeyVault.StartAsync();
        vault.Nonsense = "<html>Welcome</html>";

        var exception = await Assert.ThrowsAsync<StorageException>(() => ReadAsync(vault));

        Assert.Equal(
            (Reason.VaultRefused, $"Azure Key Vault at {FakeKeyVault.Host} answers unlike a vault. Is the address right?"),
            (exception.Reason, exception.Message)
        );
    }

    [Fact]
    public async Task A_secret_that_is_removed_while_it_is_read_is_not_there()
    {
        await using var vault = await FakeKeyVault.StartAsync();
        (vault.Secrets["Mailboxes--ann"], vault.ToGet) = ($"{_secret}", 404);

        Assert.Null((await ReadAsync(vault))["Mailboxes:ann"]);
    }

    [Fact]
    public async Task A_token_goes_to_no_vault_that_asks_for_one_for_somebody_else()
    {
        // One that nobody else asks: what a vault wants is remembered by its name, in the whole process.
        await using var vault = await FakeKeyVault.StartAsync("greedy.vault.azure.net");
        vault.Resource = "https://storage.azure.com";

        var exception = await Assert.ThrowsAsync<StorageException>(() => ReadAsync(vault, "KeyVault:Uri=https://greedy.vault.azure.net"));

        Assert.Equal(Reason.VaultRefused, exception.Reason);
        Assert.Equal(0, vault.Tokens);
    }

    [Theory]
    [InlineData("http://played.vault.azure.net", "30m", "KeyVault:Uri")]
    [InlineData("played", "30m", "KeyVault:Uri")]
    [InlineData("https://played.vault.azure.net/secrets/one", "30m", "KeyVault:Uri")]
    [InlineData("https://played.vault.azure.net", "soon", "KeyVault:Reload")]
    [InlineData("https://played.vault.azure.net", "10s", "KeyVault:Reload")]
    public async Task An_error_in_the_section_is_named(string address, string reload, string key)
    {
        var exception = await Assert.ThrowsAsync<ConfigurationException>(() =>
            ConfigurationLoader.ReadAsync(_directory.FullName, [$"KeyVault:Uri={address}", $"KeyVault:Reload={reload}"], Stop)
        );

        Assert.Equal(key, Assert.Single(exception.Errors).Path);
    }

    [Fact]
    public async Task What_the_command_line_sets_twice_counts_as_the_later()
    {
        Assert.Equal(
            "2",
            (await ConfigurationLoader.ReadAsync(_directory.FullName, ["Worker:MaxConcurrency=1", "worker:maxconcurrency=2"], Stop))[
                "Worker:MaxConcurrency"
            ]
        );
    }

    private Task<IConfigurationRoot> ReadAsync(FakeKeyVault vault, params string[] pairs) =>
        ConfigurationLoader.ReadAsync(_directory.FullName, [$"KeyVault:Uri={FakeKeyVault.Address}", .. pairs], vault.Open, Stop);

    private Task WriteAsync(string settings) =>
        File.WriteAllTextAsync(Path.Combine(_directory.FullName, "appsettings.json"), settings, Stop);

    private static string Resolve(IConfigurationRoot settings, string name) =>
        SettingSecrets.Resolver(settings).Resolve(new SecretReference(SecretSource.Setting, name), "a test");

    private static string Refused(IConfigurationRoot settings, string name) =>
        Assert.Single(Assert.Throws<ConfigurationException>(() => Resolve(settings, name)).Errors).Message;
}
