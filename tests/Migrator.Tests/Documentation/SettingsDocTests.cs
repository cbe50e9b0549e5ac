using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Service.Settings;
using Migrator.Service.Telemetry;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Documentation;

/// <summary>docs/reference/settings.md lists what the readers of settings accept: a reader that meets an unknown name says which names it
/// knows.</summary>
public sealed partial class SettingsDocTests
{
    private const string Unknown = "Zzzzz";

    /// <summary>Sections whose names are not a fixed list: hosts, categories of logs, what another library or
    /// the reader of job files reads.</summary>
    private static readonly string[] s_open = ["Worker:PerHost", "Logging", "Logging:LogLevel", "Kestrel", "Notify:Mail:Auth"];

    private static readonly Action<IConfiguration>[] s_readers =
    [
        settings => WorkerSettings.Read(settings),
        settings => VaultSettings.Read(settings),
        settings => LoginSettings.Read(settings),
        settings => DiscoverySettings.Read(settings),
        settings => AzurePriceSettings.Read(settings),
        settings => NotificationSettings.Read(settings),
        settings => DashboardSettings.Read(settings),
        settings => TelemetrySetup.Otlp(settings),
    ];

    /// <summary>Settings named in the first column of tables.</summary>
    private static IReadOnlyList<string> Documented { get; } =
    [
        .. File.ReadLines(Docs.Path("reference/settings.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Name().Matches(line.Split(" | ")[0]).Select(name => name.Groups[1].Value)),
    ];

    [Fact]
    public void The_reference_names_every_setting_that_is_accepted_and_no_other()
    {
        var checkedSections = new List<string>();
        var sections = new Queue<string>([""]);
        while (sections.TryDequeue(out var section))
        {
            var prefix = section.Length == 0 ? "" : $"{section}:";
            var documented = Documented
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && !Variable().IsMatch(name))
                .Select(name => name[prefix.Length..].Split(':')[0])
                .Distinct()
                .Order(StringComparer.Ordinal)
                .ToList();
            Assert.Equal(Known(section).Order(StringComparer.Ordinal), documented);
            checkedSections.Add(section);
            foreach (var inner in documented.Select(name => prefix + name).Where(name => IsSection(name) && !s_open.Contains(name)))
                sections.Enqueue(inner);
        }
        Assert.True(checkedSections.Count >= 12, string.Join(", ", checkedSections));
    }

    [Fact]
    public void Sections_with_names_of_any_kind_are_documented() => Assert.All(s_open, section => Assert.True(IsSection(section)));

    private static bool IsSection(string name) => Documented.Any(other => other.StartsWith($"{name}:", StringComparison.Ordinal));

    /// <summary>The names that the reader of a section lists when it meets one that it does not know.</summary>
    private static string[] Known(string section)
    {
        var errors = new List<ConfigurationError>();
        var path = section.Length == 0 ? Unknown : $"{section}:{Unknown}";
        var settings = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(path, (string?)"1")]).Build();
        Action<IConfiguration>[] readers = section.Length == 0 ? [_ => ConfigurationLoader.ReadLocal(null, [$"{Unknown}=1"])] : s_readers;
        foreach (var read in readers)
        {
            try
            {
                read(settings);
            }
            catch (ConfigurationException exception)
            {
                errors.AddRange(exception.Errors);
            }
        }
        var error = Assert.Single(errors, error => error.Path == path);
        return There().Match(error.Message).Groups[1].Value.Split(", ");
    }

    [GeneratedRegex("`([A-Za-z0-9_:]+)`")]
    private static partial Regex Name();

    [GeneratedRegex("^(_|MIGRATOR_)|^[A-Z0-9_]+$")]
    private static partial Regex Variable();

    [GeneratedRegex(@"there are ([^.]*)\.")]
    private static partial Regex There();
}
