using Migrator.Core.Failures;

namespace Migrator.Core.Jobs;

/// <param name="Name">Of the mailbox, as far as it is known.</param>
/// <param name="Place">File and line, for people.</param>
public sealed record InvalidMailbox(string Name, string Place, IReadOnlyList<ConfigurationError> Errors)
{
    /// <summary>Name and place, the place once.</summary>
    public string Where => Name.Contains(Place, StringComparison.Ordinal) ? Name : $"{Name} ({Place})";
}
