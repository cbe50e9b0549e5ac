using Migrator.Core.Blobs;
using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>Asks a store to bring back what it has taken offline. Only where a blob lies changes, not what is in it: no lease is needed,
/// and it may be called again at any time.</summary>
/// <param name="tier">Where they are to lie then.</param>
/// <param name="highPriority">Sooner, and for more money.</param>
public sealed class ArchiveRehydration(IBlobStore store, string tier, bool highPriority)
{
    public ArchiveRehydration(Archive archive, string tier, bool highPriority)
        : this(archive.Store, tier, highPriority) { }

    /// <summary>What is offline of all that an archive needs before any mail can be looked for: records, index, pages, snapshots.</summary>
    public static async Task<IReadOnlyList<BlobInfo>> OfflineRecordsAsync(IBlobStore store, CancellationToken cancellationToken) =>
        store is not IRehydratingStore
            ? []
            : await store
                .ListAsync("", cancellationToken)
                .Where(blob => blob.Access != BlobAccess.Online && !blob.Name.StartsWith(BlobKind.Pack.Prefix, StringComparison.Ordinal))
                .ToListAsync(cancellationToken);

    /// <param name="blobs">Those that are needed, online or not.</param>
    /// <param name="dryRun">Only counts.</param>
    /// <param name="progress">Receives how many were asked for.</param>
    /// <exception cref="StorageException"><see cref="Reason.AccessDenied"/>: this store cannot; or the store failed.</exception>
    public async Task<RehydrationReport> RunAsync(
        IReadOnlyList<BlobInfo> blobs,
        bool dryRun,
        Action<string> progress,
        CancellationToken stop
    )
    {
        List<BlobInfo> offline = [.. blobs.Where(blob => blob.Access == BlobAccess.Offline)],
            returning = [.. blobs.Where(blob => blob.Access == BlobAccess.Returning)];
        // Those on their way back are asked for again where that makes them come sooner.
        List<BlobInfo> ask = highPriority ? [.. offline, .. returning] : offline;
        if (!dryRun && ask.Count > 0)
        {
            var rehydrating =
                store as IRehydratingStore ?? throw new StorageException(Reason.AccessDenied, $"{store.Location} cannot rehydrate blobs.");
            foreach (var (number, blob) in ask.Index())
            {
                progress($"Requesting packs: {number + 1:N0} of {ask.Count:N0}");
                await rehydrating.RehydrateAsync(blob.Name, tier, highPriority, stop);
            }
        }
        return new RehydrationReport(
            store.Location,
            dryRun,
            blobs.Count,
            blobs.Sum(blob => blob.Size),
            offline.Count,
            offline.Sum(blob => blob.Size),
            returning.Count,
            returning.Sum(blob => blob.Size)
        );
    }
}
