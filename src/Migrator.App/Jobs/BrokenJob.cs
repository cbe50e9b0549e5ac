using Migrator.Core.Failures;

namespace Migrator.App.Jobs;

/// <param name="File">Full path.</param>
/// <param name="Kept">Whether an earlier, sound version of it still counts.</param>
public sealed record BrokenJob(string File, IReadOnlyList<ConfigurationError> Errors, bool Kept)
{
    /// <summary>The name that it gives, and other files too; null where it cannot be read.</summary>
    public string? Name { get; init; }
}
