using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.App.Settings;
using Migrator.Core.Redaction;
using Migrator.Core.Secrets;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator config</c>: which settings count here, and which file or variable each comes from.</summary>
internal static class ConfigCommand
{
    private const string Hidden = "(not shown)";

    private static readonly string[] s_secret = ["password", "passphrase", "token", "secret", "key", "connectionstring", "sas"];

    public static Command Create()
    {
        var command = new Command("config", "Show the settings in effect, the files they come from, and where state and jobs are.");
        command.Does(CommandActs.OnlyReads, (parsed, context, _) => Task.FromResult(Show(parsed, context)));
        return command;
    }

    private static int Show(ParseResult parsed, CommandContext context)
    {
        var (screen, settings) = (new CommandOutput(context), context.Settings);
        var read = ConfigurationLoader.FilesOf(settings);
        var files = ConfigurationLoader
            .Directories(GlobalOptions.SettingsDirectory(parsed))
            .SelectMany(
                directory => new[] { "appsettings.json", $"appsettings.{ConfigurationLoader.EnvironmentName}.json" },
                (directory, name) => Path.Combine(directory, name)
            )
            .Select(file => (File: file, IsRead: read.Contains(file)))
            // Overlays are for those who chose an environment.
            .Where(file => file.IsRead || ConfigurationLoader.HasEnvironment || Path.GetFileName(file.File) == "appsettings.json")
            .ToList();
        var jobs = WorkerSettings.Read(settings).Jobs;
        var values = settings
            .AsEnumerable()
            .Where(pair => pair.Value is { Length: > 0 } && ConfigurationLoader.IsKnown(pair.Key))
            .OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase)
            .Select(pair => (pair.Key, Provider: settings.Providers.Last(provider => provider.TryGet(pair.Key, out _))))
            .Select(setting =>
                (setting.Key, Value: Shown(setting.Key, settings[setting.Key]!, setting.Provider), From: Words(setting.Provider))
            )
            .ToList();
        screen.Say(
            new JsonLine("config")
            {
                { "state", context.Paths.Root },
                { "jobs", jobs },
                { "environment", ConfigurationLoader.EnvironmentName },
                { "files", files.Select(file => new JsonFields { { "file", file.File }, { "read", file.IsRead } }) },
                {
                    "settings",
                    values.Select(value => new JsonFields
                    {
                        { "name", value.Key },
                        { "value", value.Value },
                        { "from", value.From },
                    })
                },
            }
        );
        screen.Whole([
            $"State directory: {context.Paths.Root}",
            $"Jobs directory:  {jobs}{(Directory.Exists(jobs) ? "" : " (does not exist)")}",
            "",
            "Settings files (later ones override earlier ones):",
            .. files.Select(file => $"  {(file.IsRead ? "read   " : "missing")}  {file.File}"),
            "",
        ]);
        screen.Table(
            "Settings in effect:",
            [new("Setting"), new("Value", Least: 16), new("From", Least: 12)],
            [.. values.Select(value => new[] { value.Key, value.Value, IsDefault(value.From) ? "default" : value.From })]
        );
        return ExitCode.Success;
    }

    /// <summary>What comes from a vault is a secret, whatever its name. Elsewhere, a reference says where a secret is;
    /// the secret itself does not belong there.</summary>
    private static string Shown(string key, string value, IConfigurationProvider provider)
    {
        var name = key.Split(':')[^1];
        var isSecret =
            s_secret.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)) && SecretReference.Parse(value, "/") is null;
        return isSecret || provider is VaultConfiguration ? Hidden : SecretRedactor.Redact(value);
    }

    /// <summary>It comes with the program.</summary>
    private static bool IsDefault(string from) => Path.GetDirectoryName(from) == ConfigurationLoader.Directories(null)[0];

    private static string Words(IConfigurationProvider provider) =>
        provider switch
        {
            JsonConfigurationProvider file => ConfigurationLoader.FileOf(file),
            EnvironmentVariablesConfigurationProvider => "environment",
            MemoryConfigurationProvider => "--set",
            _ => "Azure Key Vault",
        };
}
