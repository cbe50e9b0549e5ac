using System.Runtime.CompilerServices;

namespace Migrator.Core.Archives;

/// <summary>Reads many snapshots, some of them ahead: one after the other, most of the time would be spent waiting for the store.</summary>
internal static class SnapshotReading
{
    private const int AtOnce = 8;

    /// <summary>The snapshots in the order of their names, each to be awaited, which throws where it cannot be read.</summary>
    public static async IAsyncEnumerable<(SnapshotName Name, Task<Snapshot> Reading)> ReadEachAsync(
        this Archive archive,
        IEnumerable<SnapshotName> names,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ahead = new Queue<(SnapshotName Name, Task<Snapshot> Reading)>();
        try
        {
            foreach (var name in names)
            {
                // A store on a disk answers at once: without a task of its own, each would be unpacked before the next is begun.
                ahead.Enqueue((name, Task.Run(() => archive.ReadAsync(name, ended.Token), ended.Token)));
                if (ahead.Count == AtOnce)
                    yield return ahead.Dequeue();
            }
            while (ahead.TryDequeue(out var next))
                yield return next;
        }
        finally
        {
            await ended.CancelAsync();
            foreach (var (_, reading) in ahead)
                await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
