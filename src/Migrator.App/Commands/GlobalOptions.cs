using System.CommandLine;
using Migrator.App.Hosting;
using Migrator.App.Settings;

namespace Migrator.App.Commands;

/// <summary>Options that every command of both programs has.</summary>
public static class GlobalOptions
{
    private static readonly Option<DirectoryInfo?> s_state = new("--state")
    {
        Description = "Directory for checkpoints, spool and reports. Default: the setting StateDirectory, else a directory of this user.",
        Recursive = true,
    };

    private static readonly Option<bool> s_json = new("--json") { Description = "Write one JSON object a line instead of text for people.", Recursive = true };

    private static readonly Option<bool> s_verbose = new("--verbose", "-v") { Description = "Log to standard error what happens.", Recursive = true };

    private static readonly Option<DirectoryInfo?> s_settings = new("--settings")
    {
        Description = "Directory with an appsettings.json of your own. Default: the environment variable MIGRATOR_SETTINGS.",
        Recursive = true,
    };

    private static readonly Option<string[]> s_set = new("--set") { Description = "A setting, such as Worker:AtOnce=20; may be given more than once.", Recursive = true };

    private static readonly Option<DirectoryInfo?> s_protocol = new("--protocol-log")
    {
        Description = "Write each connection into a file of this directory: commands and responses, without passwords and without the contents of messages.",
        Recursive = true,
    };

    public static void AddTo(RootCommand root)
    {
        foreach (var option in new Option[] { s_state, s_json, s_verbose, s_settings, s_set, s_protocol })
            root.Add(option);
    }

    /// <summary>Opens what a command runs in, by these options.</summary>
    public static Func<Task<Surroundings>> Open(ParseResult parsed, CancellationToken stop) => async () => OwnFiles.Tightened(new Surroundings(parsed.GetValue(s_state)?.FullName, parsed.GetValue(s_json), parsed.GetValue(s_verbose),
        await ConfigurationLoader.ReadAsync(parsed.GetValue(s_settings)?.FullName, [.. parsed.GetValue(s_set) ?? [], .. parsed.GetValue(s_protocol) is { } logs ? new[] { $"Logging:Protocol={logs.FullName}" } : []], stop).ConfigureAwait(false)));
}
