using System.Collections.Concurrent;

namespace Migrator.Core.Archives;

/// <summary>How many messages snapshots hold, by their names, so that each is read once only: a name holds the digest of what is in the
/// snapshot.</summary>
internal sealed class SnapshotCounts
{
    // By digests: an archive may have a million snapshots.
    private readonly ConcurrentDictionary<Guid, long> _counts = new();

    public long? Of(SnapshotName name) => _counts.TryGetValue(name.Digest, out var count) ? count : null;

    public void Add(SnapshotName name, Snapshot snapshot) => _counts[name.Digest] = snapshot.Messages;
}
