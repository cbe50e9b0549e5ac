using System.Text.Json;
using Migrator.App.Output;
using Migrator.App.Settings;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Settings;

/// <summary>Where settings are found without being named, and how a person sees which ones count.</summary>
public sealed class ConfigCommandTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("config");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_directories_are_the_programs_the_systems_and_the_users_in_that_order()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Directories of Unix.");
        Assert.SkipWhen(
            Environment.GetEnvironmentVariable(ConfigurationLoader.DirectoryVariable) is { Length: > 0 },
            "The environment names another."
        );

        Assert.Equal(
            [Path.Combine(AppContext.BaseDirectory, "appsettings"), "/etc/migrator", StandardDirectories.UserSettings!],
            ConfigurationLoader.Directories(null)
        );
        Assert.Equal(
            [Path.Combine(AppContext.BaseDirectory, "appsettings"), _directory.FullName],
            ConfigurationLoader.Directories(_directory.FullName)
        );
    }

    [Fact]
    public async Task The_users_file_counts_and_is_named()
    {
        var file = Write(
            "user/migrator",
            """
            { "Worker": { "MaxConcurrency": 21 }, "JobsDirectory": "/srv/jobs", "Notify": { "Mail": { "Password": "hunter2-in-clear" } } }
            """
        );

        var (config, errors) = await ConfigAsync([]);

        Assert.Equal("", errors);
        Assert.Equal("/srv/jobs", config.GetProperty("jobs").GetString());
        Assert.Equal(_directory.FullName, config.GetProperty("state").GetString());
        Assert.True(
            config
                .GetProperty("files")
                .EnumerateArray()
                .Single(entry => entry.GetProperty("file").GetString() == file)
                .GetProperty("read")
                .GetBoolean()
        );
        Assert.Equal(("21", file), Setting(config, "Worker:MaxConcurrency"));
        Assert.Equal(("(not shown)", file), Setting(config, "Notify:Mail:Password"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_directory_that_is_named_replaces_the_standard_ones(bool byVariable)
    {
        Write("user/migrator", """{ "Worker": { "MaxConcurrency": 21, "KeepHistory": "7d" } }""");
        var own = Write("own", """{ "Worker": { "MaxConcurrency": 33 } }""");

        var (config, _) = await ConfigAsync(
            byVariable ? [] : ["--settings", Path.GetDirectoryName(own)!],
            byVariable ? Path.GetDirectoryName(own) : null
        );

        Assert.Equal(("33", own), Setting(config, "Worker:MaxConcurrency"));
        Assert.Equal("90d", Setting(config, "Worker:KeepHistory").Value);
    }

    [Fact]
    public async Task What_the_environment_and_the_command_line_set_is_distinguished()
    {
        var (config, _) = await ConfigAsync(
            ["--set", "Worker:MaxConcurrency=44"],
            null,
            ("MIGRATOR_Worker__KeepHistory", "8d"),
            ("MIGRATOR_Mailboxes__ann", "hunter2-in-clear")
        );

        Assert.Equal(("44", "--set"), Setting(config, "Worker:MaxConcurrency"));
        Assert.Equal(("8d", "environment"), Setting(config, "Worker:KeepHistory"));
        Assert.DoesNotContain("hunter2", config.GetRawText());
    }

    private async Task<(JsonElement Config, string Errors)> ConfigAsync(
        string[] arguments,
        string? settings = null,
        params (string Name, string Value)[] variables
    )
    {
        var environment = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        environment["XDG_CONFIG_HOME"] = Path.Combine(_directory.FullName, "user");
        environment[ConfigurationLoader.DirectoryVariable] = settings ?? "";
        var (code, output, errors) = await MigratorProcess.RunWithAsync(
            environment,
            _directory.FullName,
            ["config", "--json", .. arguments]
        );
        Assert.True(code == ExitCode.Success, output + errors);
        Assert.DoesNotContain("hunter2", output + errors);
        return (JsonDocument.Parse(output).RootElement, errors);
    }

    private static (string? Value, string? From) Setting(JsonElement config, string name)
    {
        var setting = config.GetProperty("settings").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == name);
        return (setting.GetProperty("value").GetString(), setting.GetProperty("from").GetString());
    }

    private string Write(string directory, string settings)
    {
        var file = Path.Combine(_directory.CreateSubdirectory(directory).FullName, "appsettings.json");
        File.WriteAllText(file, settings);
        return file;
    }
}
