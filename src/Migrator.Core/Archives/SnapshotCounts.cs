using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Migrator.Core.Archives;

/// <summary>How many messages snapshots hold, by their names, so that each is read once only: a name holds the digest of what is in the snapshot.</summary>
internal sealed class SnapshotCounts
{
    // By a digest of the name, which takes a tenth of the memory: an archive may have a million snapshots.
    private readonly ConcurrentDictionary<Guid, long> _counts = new();

    public long? Of(SnapshotName name) => _counts.TryGetValue(Key(name), out var count) ? count : null;

    public void Add(SnapshotName name, Snapshot snapshot) => _counts[Key(name)] = snapshot.Messages;

    private static Guid Key(SnapshotName name) => new(SHA256.HashData(Encoding.UTF8.GetBytes(name.Name)).AsSpan(0, 16));
}
