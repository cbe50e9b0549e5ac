namespace Migrator.Core.JobRuns;

/// <summary>How far a run is.</summary>
/// <param name="Phase">In words for a person.</param>
/// <param name="Done">Messages dealt with, one way or another.</param>
/// <param name="Expected">Messages in all; at least <paramref name="Done"/>.</param>
/// <param name="Failed">Of those done, messages that are not where they belong.</param>
/// <param name="Bytes">Moved so far.</param>
/// <param name="Eta">Seconds; null where it is unknown.</param>
public sealed record RunProgressSnapshot(
    string Phase,
    long Done,
    long Expected,
    long Failed,
    long Bytes,
    double MessagesPerSecond,
    double BytesPerSecond,
    double? Eta
)
{
    /// <summary>Seconds since something of this changed last, once that is long ago; null before.</summary>
    public double? StalledFor { get; init; }
}
