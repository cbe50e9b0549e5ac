using Migrator.Core.Telemetry;

namespace Migrator.App.Progress;

/// <summary>What a view shows: a run at one moment.</summary>
/// <param name="Done">Messages dealt with, one way or another.</param>
/// <param name="Expected">Messages in all; at least <paramref name="Done"/>.</param>
/// <param name="Failed">Of those done, messages that are not at the target.</param>
/// <param name="Bytes">Moved so far.</param>
/// <param name="Eta">Null where it is unknown.</param>
/// <param name="Ended">In the order in which they ended; only ever grows at its end.</param>
/// <param name="Notices">Only ever grows at its end.</param>
/// <param name="Final">The run is over, and this is its last state.</param>
public sealed record RunState(
    DateTimeOffset Time,
    TimeSpan Elapsed,
    string Phase,
    long Done,
    long Expected,
    long Failed,
    long Bytes,
    double MessagesPerSecond,
    double BytesPerSecond,
    TimeSpan? Eta,
    IReadOnlyList<FolderStatus> Ended,
    IReadOnlyList<FolderStatus> Copying,
    IReadOnlyList<FolderStatus> Waiting,
    IReadOnlyList<string> Notices,
    bool Final
);
