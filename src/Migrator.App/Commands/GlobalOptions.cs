using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Migrator.App.Hosting;
using Migrator.App.Settings;
using Migrator.Core.Failures;

namespace Migrator.App.Commands;

/// <summary>Options that every command of both programs has.</summary>
public static class GlobalOptions
{
    private static readonly Option<DirectoryInfo?> s_state = new("--state")
    {
        Description = "Directory for checkpoints, spool and reports.",
        HelpName = "DIR",
        Recursive = true,
    };

    private static readonly Option<bool> s_json = new("--json")
    {
        Description = "Machine-readable output: one JSON object per line.",
        Recursive = true,
    };

    private static readonly Option<bool> s_quiet = new("--quiet", "-q")
    {
        Description = "No progress and no notes: print only errors and the final result.",
        Recursive = true,
    };

    private static readonly Option<bool> s_verbose = new("--verbose", "-v")
    {
        Description = "Verbose logging to stderr.",
        Recursive = true,
    };

    private static readonly Option<DirectoryInfo?> s_settings = new("--settings")
    {
        Description =
            $"Directory with appsettings.json, used instead of the standard ones. [default: ${ConfigurationLoader.DirectoryVariable}; "
            + "without it /etc/migrator, then ~/.config/migrator; on Windows %ProgramData%\\Migrator, then %AppData%\\Migrator]",
        HelpName = "DIR",
        Recursive = true,
    };

    private static readonly Option<string[]> s_set = new("--set")
    {
        Description = "Override a setting, such as Worker:MaxConcurrency=20 (repeatable).",
        HelpName = "NAME=VALUE",
        Recursive = true,
    };

    private static readonly Option<DirectoryInfo?> s_protocol = new("--protocol-log")
    {
        Description =
            "Log each mail connection to a file in this directory: commands and responses, without passwords and message contents.",
        HelpName = "DIR",
        Recursive = true,
    };

    public static void AddTo(RootCommand root)
    {
        foreach (var option in new Option[] { s_state, s_settings, s_set, s_json, s_quiet, s_verbose, s_protocol })
            root.Add(option);
    }

    public static bool IsJson(ParseResult parsed) => parsed.GetValue(s_json);

    public static bool IsQuiet(ParseResult parsed) => parsed.GetValue(s_quiet);

    /// <summary>The directory that <c>--settings</c> names; null where it is not given.</summary>
    public static string? SettingsDirectory(ParseResult parsed) => parsed.GetValue(s_settings)?.FullName;

    /// <summary>The settings without those of a vault, for what must not wait for a network.</summary>
    /// <exception cref="ConfigurationException">They have errors.</exception>
    public static IConfigurationRoot LocalSettings(ParseResult parsed) =>
        ConfigurationLoader.ReadLocal(SettingsDirectory(parsed), parsed.GetValue(s_set) ?? []);

    /// <summary>A default that depends on the machine and the user.</summary>
    /// <returns>Null where the option has none.</returns>
    public static string? DefaultOf(Option option)
    {
        if (option != s_state)
            return null;
        try
        {
            return ConfigurationLoader.ReadLocal(null, [])["StateDirectory"] is { Length: > 0 } configured
                ? configured
                : StandardDirectories.Shown(StandardDirectories.State);
        }
        catch (ConfigurationException)
        {
            // Help is most wanted where something is wrong.
            return StandardDirectories.Shown(StandardDirectories.State);
        }
    }

    /// <summary>Opens what a command runs in, by these options.</summary>
    public static Func<Task<CommandContext>> Open(ParseResult parsed, CancellationToken stop) =>
        async () =>
        {
            string[] protocol = parsed.GetValue(s_protocol) is { } logs ? [$"Logging:Protocol={logs.FullName}"] : [];
            var settings = await ConfigurationLoader.ReadAsync(
                SettingsDirectory(parsed),
                [.. parsed.GetValue(s_set) ?? [], .. protocol],
                stop
            );
            return OwnFiles.Tightened(
                CommandContext.Open(
                    parsed.GetValue(s_state)?.FullName,
                    settings,
                    new OutputOptions(parsed.GetValue(s_json), parsed.GetValue(s_verbose), parsed.GetValue(s_quiet)),
                    stop
                )
            );
        };
}
