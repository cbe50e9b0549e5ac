using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Storage.Keys;

namespace Migrator.App.Settings;

/// <summary>Reads the settings: appsettings.json and its overlay for the environment, from each of <see cref="Directories"/>; the secrets
/// of a vault, where those name one; environment variables that begin with <c>MIGRATOR_</c>; what the command line sets. The later
/// overrides the earlier.</summary>
public static class ConfigurationLoader
{
    public const string DirectoryVariable = "MIGRATOR_SETTINGS";

    private static readonly string[] s_sections =
    [
        "StateDirectory",
        "JobsDirectory",
        "CheckpointStore",
        "ConnectionStrings",
        "KeyVault",
        "Logins",
        "Discovery",
        "AzurePrices",
        "Worker",
        "Notify",
        "Dashboard",
        "Kestrel",
        "Logging",
        "Telemetry",
    ];

    /// <summary>Names the overlay: <c>appsettings.Cluster.json</c> for "Cluster".</summary>
    public static string EnvironmentName => ChosenEnvironment ?? "Production";

    /// <summary>Whether somebody chose an environment.</summary>
    public static bool HasEnvironment => ChosenEnvironment is not null;

    private static string? ChosenEnvironment =>
        Environment.GetEnvironmentVariable("MIGRATOR_ENVIRONMENT") is { Length: > 0 } own ? own
        : Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") is { Length: > 0 } host ? host
        : null;

    /// <summary>Where settings files are looked for; a later directory overrides an earlier one.</summary>
    /// <param name="directory">Of <c>--settings</c>; null for what <c>MIGRATOR_SETTINGS</c> names, else the standard directories. One that
    /// is named replaces those, so that what it says does not depend on the user who runs the command.</param>
    public static IReadOnlyList<string> Directories(string? directory)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "appsettings");
        return Named(directory) is { } named
            ? [program, Path.GetFullPath(named)]
            : [.. new[] { program, StandardDirectories.SystemSettings, StandardDirectories.UserSettings }.OfType<string>()];
    }

    /// <summary>What can be read without a network: all settings except those of a vault.</summary>
    /// <inheritdoc cref="ReadAsync(string?, IReadOnlyList{string}, CancellationToken)"/>
    public static IConfigurationRoot ReadLocal(string? directory, IReadOnlyList<string> pairs) => Read(directory, pairs, null);

    /// <summary>The settings files that were read, in order.</summary>
    public static IReadOnlyList<string> FilesOf(IConfigurationRoot settings) =>
        [.. settings.Providers.OfType<JsonConfigurationProvider>().Select(FileOf)];

    /// <summary>Whether a setting, or a section, is one that Migrator knows.</summary>
    public static bool IsKnown(string key) => s_sections.Contains(key.Split(':')[0], StringComparer.OrdinalIgnoreCase);

    /// <param name="directory">The administrator's; see <see cref="Directories"/>.</param>
    /// <param name="pairs">Such as <c>Worker:MaxConcurrency=20</c>.</param>
    /// <exception cref="ConfigurationException">A file is not JSON, the directory is missing, or a pair is none; errors in
    /// <c>KeyVault</c>.</exception>
    /// <exception cref="StorageException">The vault cannot be reached, or refuses.</exception>
    public static Task<IConfigurationRoot> ReadAsync(string? directory, IReadOnlyList<string> pairs, CancellationToken stop) =>
        ReadAsync(directory, pairs, address => new KeyVaultSecrets(address), stop);

    /// <param name="vault">How a vault is spoken to.</param>
    /// <inheritdoc cref="ReadAsync(string?, IReadOnlyList{string}, CancellationToken)"/>
    public static async Task<IConfigurationRoot> ReadAsync(
        string? directory,
        IReadOnlyList<string> pairs,
        Func<Uri, KeyVaultSecrets> vault,
        CancellationToken stop
    )
    {
        var local = Read(directory, pairs, null);
        if (VaultSettings.Read(local) is not { } named)
            return local;
        var secrets = new VaultConfiguration(vault(named.Address), named.Reload);
        await secrets.ReadAsync(stop);
        return Read(directory, pairs, secrets);
    }

    private static IConfigurationRoot Read(string? directory, IReadOnlyList<string> pairs, VaultConfiguration? vault)
    {
        if (Named(directory) is { } own && !Directory.Exists(own))
            throw new ConfigurationException(
                "settings",
                [new ConfigurationError(own, "there is no such directory; it was named by --settings or MIGRATOR_SETTINGS.")]
            );
        var wrong = pairs.Where(pair => pair.IndexOf('=') <= 0).ToList();
        if (wrong.Count > 0)
            throw new ConfigurationException(
                "command line",
                [
                    .. wrong.Select(pair => new ConfigurationError(
                        "--set",
                        $"is \"{pair}\"; write NAME=VALUE, such as Worker:MaxConcurrency=20."
                    )),
                ]
            );
        try
        {
            var builder = new ConfigurationBuilder();
            foreach (var place in Directories(directory))
            {
                Add(builder, Path.Combine(place, "appsettings.json"));
                Add(builder, Path.Combine(place, $"appsettings.{EnvironmentName}.json"));
            }
            if (vault is not null)
                builder.Add(vault);
            var read = builder
                .AddEnvironmentVariables("MIGRATOR_")
                .AddInMemoryCollection(
                    pairs
                        .Select(pair => KeyValuePair.Create(pair[..pair.IndexOf('=')], (string?)pair[(pair.IndexOf('=') + 1)..]))
                        .GroupBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase)
                        .Select(same => same.Last())
                )
                .Build();
            RejectUnknown(read);
            return read;
        }
        catch (InvalidDataException exception)
        {
            var place = exception.GetBaseException() is JsonException { LineNumber: { } line } json
                ? $" Line {line + 1}, column {json.BytePositionInLine + 1}."
                : "";
            throw new ConfigurationException(
                "settings",
                [new ConfigurationError("file", $"{exception.Message} {exception.InnerException?.Message}{place}".Trim())]
            );
        }
    }

    private static string? Named(string? directory) =>
        directory ?? (Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } named ? named : null);

    /// <summary>The full path of a settings file.</summary>
    public static string FileOf(JsonConfigurationProvider provider) =>
        provider.Source.FileProvider?.GetFileInfo(provider.Source.Path ?? "").PhysicalPath ?? provider.Source.Path ?? "";

    /// <summary>In files and on the command line. The environment and a vault have names of other kinds too: of passwords, to which
    /// settings refer.</summary>
    private static void RejectUnknown(IConfigurationRoot settings)
    {
        var unknown =
            from provider in settings.Providers
            let place = provider switch
            {
                JsonConfigurationProvider file => FileOf(file),
                MemoryConfigurationProvider => "--set",
                _ => null,
            }
            where place is not null
            from key in provider.GetChildKeys([], null)
            where !s_sections.Contains(key, StringComparer.OrdinalIgnoreCase)
            select new ConfigurationError(
                key,
                $"({place}) is not known; there are {string.Join(", ", s_sections)}. What \"setting:NAME\" refers to belongs in "
                    + "Azure Key Vault or the environment."
            );
        if (unknown.ToList() is { Count: > 0 } errors)
            throw new ConfigurationException("settings", errors);
    }

    private static void Add(ConfigurationBuilder builder, string file)
    {
        try
        {
            // The library would wait for a pipe.
            InputFile.Ensure(file, InputFile.MostOfSettings);
            builder.AddJsonFile(file, optional: true);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // There need not be one.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                "settings",
                [
                    new ConfigurationError(
                        file,
                        $"cannot be read: {exception.Message}"
                            + (
                                exception is UnauthorizedAccessException
                                    ? " Run as the user of the service (sudo -u migrator), or name another directory with --settings."
                                    : ""
                            )
                    ),
                ]
            );
        }
    }
}
