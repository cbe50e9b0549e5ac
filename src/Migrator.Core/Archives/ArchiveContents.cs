using Migrator.Core.Blobs;
using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>What lies in an archive's store, as check, repair and prune look at it: what can be read, and what cannot.</summary>
/// <param name="Packs">The packs that are there.</param>
/// <param name="Bad">Blobs that cannot be read, and why.</param>
/// <param name="Blobs">How many there are.</param>
internal sealed record ArchiveContents(PackList Packs, IReadOnlyList<(string Blob, string Why)> Bad, int Blobs)
{
    /// <summary>Index blobs.</summary>
    public int Indexes { get; init; }

    /// <summary>Snapshots. Their names are not kept: there may be a million.</summary>
    public int Snapshots { get; init; }

    /// <summary>Blobs of kinds that this version does not know: later ones may have written them, and nothing here touches them.</summary>
    public int Unknown { get; init; }

    /// <summary>Brings the index up to date, and then lists the store: what the index lists was there before.</summary>
    public static async Task<ArchiveContents> ReadAsync(Archive archive, CancellationToken cancellationToken)
    {
        var (packs, bad) = (new PackList(), new List<(string, string)>());
        var (snapshots, indexes, blobs, unknown) = (0, 0, 0, 0);
        await archive.Index.ReadAsync(
            (name, why) =>
            {
                lock (bad)
                    bad.Add((name, why));
            },
            cancellationToken
        );
        await foreach (var blob in archive.Store.ListAsync("", cancellationToken))
        {
            blobs++;
            if (BlobKind.IsPack(blob.Name))
                packs.Add(blob);
            else if (blob.Name.StartsWith(BlobKind.Index.Prefix, StringComparison.Ordinal))
                indexes++;
            else if (SnapshotName.Parse(blob.Name) is not null)
                snapshots++;
            else if (blob.Name.StartsWith(BlobKind.Snapshot.Prefix, StringComparison.Ordinal))
                bad.Add((blob.Name, "Its name is not that of a snapshot."));
            else if (!ArchiveRecords.IsRecord(blob.Name))
                unknown++;
        }
        return new ArchiveContents(packs, bad, blobs)
        {
            Indexes = indexes,
            Snapshots = snapshots,
            Unknown = unknown,
        };
    }

    /// <summary>Packs that an index blob lists and that are not there, or have another size. Of kinds that this version does not know,
    /// nothing is said.</summary>
    public IReadOnlyList<IndexedPack> Missing(IPackIndex index) =>
        [
            .. index
                .Packs()
                .Where(pack => BlobKind.IsPack(pack.Name) && !(Packs.TryGetValue(pack.Name, out var blob) && blob.Size == pack.Size)),
        ];

    /// <summary>An index of what is there: packs that are missing or have another size are left out.</summary>
    /// <param name="without">Further packs to leave out.</param>
    public ArchiveIndex Present(IPackIndex index, Func<string, bool>? without = null)
    {
        var gone = Missing(index).Select(pack => pack.Name).ToHashSet(StringComparer.Ordinal);
        return new ArchiveIndex(index, pack => gone.Contains(pack) || without?.Invoke(pack) == true);
    }

    /// <summary>The same without the packs and index blobs that a repair has set aside.</summary>
    public ArchiveContents Without(Quarantine aside) =>
        this with
        {
            Packs = Packs.Without(aside),
            Bad = [.. Bad.Where(bad => !aside.Contains(bad.Blob))],
        };

    /// <summary>The packs that cannot be read now, because the store has taken them offline.</summary>
    public IReadOnlyList<BlobInfo> OfflinePacks => [.. Packs.Values.Where(pack => pack.Access != BlobAccess.Online)];

    /// <summary>Whether another copy of what could not be read may serve.</summary>
    public static bool MayBeElsewhere(StorageException exception) => IsDamage(exception) || exception.Reason == Reason.BlobOffline;

    public static bool IsDamage(StorageException exception) =>
        exception.Reason == Reason.ArchiveDamaged || exception.Reason == Reason.BlobMissing;
}
