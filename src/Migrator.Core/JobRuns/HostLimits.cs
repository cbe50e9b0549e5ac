namespace Migrator.Core.JobRuns;

/// <param name="Default">For hosts that are not named; 1 or more.</param>
/// <param name="Named">By host, lower case; 1 or more.</param>
public sealed record HostLimits(int Default, IReadOnlyDictionary<string, int> Named)
{
    public int Of(string host) => Named.TryGetValue(host, out var limit) ? limit : Default;
}
