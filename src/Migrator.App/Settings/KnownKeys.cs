using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;

namespace Migrator.App.Settings;

/// <summary>Finds settings that nobody reads: most are misspelt.</summary>
public static class KnownKeys
{
    /// <returns>A mistake for each key of the section that is none of these.</returns>
    public static IEnumerable<JobFileError> Others(IConfigurationSection section, params string[] known) =>
        section.GetChildren().Select(child => child.Key).Where(key => !known.Contains(key, StringComparer.OrdinalIgnoreCase))
            .Select(key => new JobFileError($"{section.Path}:{key}", $"is not known; there are {string.Join(", ", known)}."));
}
