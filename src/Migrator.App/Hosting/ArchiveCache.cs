using Migrator.Core.Archives;
using Migrator.Core.Jobs;

namespace Migrator.App.Hosting;

/// <summary>Archives that stay open from run to run: unlocking one, and reading its index, takes longer than a night without
/// news.</summary>
public sealed class ArchiveCache
{
    private readonly Dictionary<string, (ArchiveReference Reference, string Credentials, Lazy<Task<Archive>> Archive)> _open = [];
    private readonly Lock _turn = new();

    public async Task<Archive> OpenAsync(ArchiveReference reference, StoreFactory stores, CancellationToken stop)
    {
        var opened = await Known(reference, stores).WaitAsync(stop);
        if (!await opened.IsRotatedAsync(stop))
            return opened;
        lock (_turn)
            _open.Remove(reference.Location);
        return await Known(reference, stores).WaitAsync(stop);
    }

    private Task<Archive> Known(ArchiveReference reference, StoreFactory stores)
    {
        Lazy<Task<Archive>> archive;
        // A signature is replaced before it ends, and is read again for each run as a password is.
        var credentials = stores.Archive(reference).Credentials();
        lock (_turn)
        {
            // Reopened where the job file says something else of it than before. Not with this run's stop: others wait for it too.
            if (
                !_open.TryGetValue(reference.Location, out var known)
                || known.Credentials != credentials
                || !Same(known.Reference, reference)
                || known.Archive is { IsValueCreated: true, Value: { IsCompleted: true, IsCompletedSuccessfully: false } }
            )
                _open[reference.Location] = known = (
                    reference,
                    credentials,
                    new(() => stores.Archive(reference).OpenAsync(ArchiveUse.Write, CancellationToken.None))
                );
            archive = known.Archive;
        }
        return archive.Value;
    }

    private static bool Same(ArchiveReference one, ArchiveReference other) =>
        one with { Tiers = other.Tiers } == other && one.Tiers.Order().SequenceEqual(other.Tiers.Order());
}
