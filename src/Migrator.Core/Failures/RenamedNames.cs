namespace Migrator.Core.Failures;

/// <summary>Names that users write and that had another name in version 0.1: an old one is an error that gives the new one. CHANGELOG.md
/// begins with the same table.</summary>
public static class RenamedNames
{
    /// <summary>Keys of job files.</summary>
    public static readonly IReadOnlyDictionary<string, string> JobKeys = new Dictionary<string, string>
    {
        ["atOnce"] = "maxConcurrency",
        ["attempts"] = "maxAttempts",
        ["firstWait"] = "initialRetryDelay",
        ["lateAfter"] = "overdueAfter",
        ["side"] = "controlStore",
        ["sideSas"] = "controlStoreSas",
    };

    /// <summary>Settings, within their section.</summary>
    public static readonly IReadOnlyDictionary<string, string> Settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["AtOnce"] = "MaxConcurrency",
    };

    /// <summary>Commands and options.</summary>
    public static readonly IReadOnlyDictionary<string, string> CommandLine = new Dictionary<string, string>
    {
        ["side"] = "control-store",
        ["--side"] = "--control-store",
        ["--side-sas"] = "--control-store-sas",
    };

    /// <returns>What to say of a name that is not known; null where it is not an old name of a known one.</returns>
    public static string? Hint(IReadOnlyDictionary<string, string> table, string name, IEnumerable<string> known) =>
        table.GetValueOrDefault(name) is { } now && known.Contains(now) ? $"is now named \"{now}\"; rename it." : null;
}
