using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>The packs with messages that reading takes, and which of them the store has taken offline.</summary>
/// <param name="Packs">Ascending by name.</param>
public sealed record NeededPacks(IReadOnlyList<BlobInfo> Packs)
{
    /// <summary>They cannot be read now; those that are on their way back are among them.</summary>
    public IReadOnlyList<BlobInfo> Offline => [.. Packs.Where(pack => pack.Access != BlobAccess.Online)];

    /// <summary>All packs of the archive, also those that no snapshot needs.</summary>
    public static async Task<NeededPacks> AllAsync(Archive archive, CancellationToken cancellationToken) =>
        new(await archive.Store.ListAsync(BlobKind.Pack.Prefix, cancellationToken).ToListAsync(cancellationToken));

    /// <summary>Those that messages of a snapshot lie in. Of an object in several packs, one that can be read counts.</summary>
    /// <param name="wanted">Which messages: by folder and UID.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="StorageException">A page cannot be read, or the store failed.</exception>
    public static async Task<NeededPacks> OfAsync(
        Archive archive,
        Snapshot snapshot,
        Func<FolderPath, Uid, bool> wanted,
        CancellationToken cancellationToken
    ) => await OfAsync(archive, snapshot, wanted, await AllAsync(archive, cancellationToken), cancellationToken);

    /// <summary>The same, quickly where the archive has nothing offline: then none are named.</summary>
    /// <inheritdoc cref="OfAsync(Archive, Snapshot, Func{FolderPath, Uid, bool}, CancellationToken)"/>
    public static async Task<NeededPacks> OfflineAsync(
        Archive archive,
        Snapshot snapshot,
        Func<FolderPath, Uid, bool> wanted,
        CancellationToken cancellationToken
    )
    {
        if (archive.Store is not IRehydratingStore)
            return new NeededPacks([]);
        var all = await AllAsync(archive, cancellationToken);
        return all.Offline.Count == 0 ? new NeededPacks([]) : await OfAsync(archive, snapshot, wanted, all, cancellationToken);
    }

    private static async Task<NeededPacks> OfAsync(
        Archive archive,
        Snapshot snapshot,
        Func<FolderPath, Uid, bool> wanted,
        NeededPacks all,
        CancellationToken cancellationToken
    )
    {
        var packs = all.Packs.ToDictionary(pack => pack.Name, StringComparer.Ordinal);
        var (index, needed) = (await archive.IndexAsync(cancellationToken), new SortedDictionary<string, BlobInfo>(StringComparer.Ordinal));
        using var reader = new ObjectReader(archive, index);
        foreach (var folder in snapshot.Folders)
        {
            foreach (var page in folder.Pages)
            {
                var messages = (await SnapshotPages.ReadAsync(reader, page, cancellationToken)).Where(message =>
                    wanted(folder.Path, message.Uid)
                );
                foreach (var places in index.FindAll([.. messages.Select(message => archive.Keys.AddressOf(message.Content))]))
                {
                    var there = places.Select(place => packs.GetValueOrDefault(place.Pack)).OfType<BlobInfo>().ToList();
                    if ((there.Find(pack => pack.Access == BlobAccess.Online) ?? there.FirstOrDefault()) is { } pack)
                        needed[pack.Name] = pack;
                }
            }
        }
        return new NeededPacks([.. needed.Values]);
    }
}
