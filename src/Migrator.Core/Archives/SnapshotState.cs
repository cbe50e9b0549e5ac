namespace Migrator.Core.Archives;

public enum SnapshotState
{
    /// <summary>Everything that the source listed is in it.</summary>
    Complete,

    /// <summary>Something is missing: <see cref="Snapshot.Gaps"/> says what, and why.</summary>
    Partial,

    /// <summary>Written on the way, so that an interrupted run need not begin again; a later snapshot takes its
    /// place.</summary>
    InProgress,
}
