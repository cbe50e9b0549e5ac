using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

internal sealed record IndexBlob(DateTimeOffset Modified, IReadOnlyList<PackContents> Packs);

/// <summary>What lies in an archive's store, as check, repair and prune look at it: what can be read, and what cannot.</summary>
/// <param name="Indexes">The readable index blobs, with the packs that each lists.</param>
/// <param name="Packs">The packs that are there.</param>
/// <param name="Snapshots">The snapshots that are there, in order.</param>
/// <param name="Bad">Blobs that cannot be read, and why.</param>
internal sealed record ArchiveContents(
    IReadOnlyDictionary<string, IndexBlob> Indexes, IReadOnlyDictionary<string, BlobInfo> Packs, IReadOnlyList<(SnapshotName Name, BlobInfo Blob)> Snapshots,
    IReadOnlyList<(string Blob, string Why)> Bad, int Blobs)
{
    /// <summary>Blobs of kinds that this version does not know: later ones may have written them, and nothing here touches them.</summary>
    public int Unknown { get; init; }

    public static async Task<ArchiveContents> ReadAsync(Archive archive, CancellationToken cancellationToken)
    {
        var (indexes, packs, snapshots) = (new Dictionary<string, IndexBlob>(), new Dictionary<string, BlobInfo>(), new List<(SnapshotName, BlobInfo)>());
        var (bad, blobs, unknown) = (new List<(string, string)>(), 0, 0);
        await foreach (var blob in archive.Store.ListAsync("", cancellationToken).ConfigureAwait(false))
        {
            blobs++;
            if (BlobKind.IsPack(blob.Name))
            {
                packs.Add(blob.Name, blob);
            }
            else if (blob.Name.StartsWith(BlobKind.Index.Prefix, StringComparison.Ordinal))
            {
                try
                {
                    indexes.Add(blob.Name, new IndexBlob(blob.Modified, await archive.ReadIndexAsync(blob.Name, cancellationToken).ConfigureAwait(false)));
                }
                catch (StorageException exception) when (IsDamage(exception))
                {
                    bad.Add((blob.Name, exception.Message));
                }
            }
            else if (SnapshotName.Parse(blob.Name) is { } snapshot)
            {
                snapshots.Add((snapshot, blob));
            }
            else if (blob.Name.StartsWith(BlobKind.Snapshot.Prefix, StringComparison.Ordinal))
            {
                bad.Add((blob.Name, "Its name is not that of a snapshot."));
            }
            else if (!ArchiveRecords.IsRecord(blob.Name))
            {
                unknown++;
            }
        }
        return new ArchiveContents(indexes, packs, snapshots, bad, blobs) { Unknown = unknown };
    }

    /// <summary>The packs that are listed by an index that can be read, each once.</summary>
    public IEnumerable<PackContents> Listed => Indexes.Values.SelectMany(index => index.Packs).DistinctBy(pack => pack.Name);

    /// <summary>An index of what is there: packs that are missing or have another size are left out.</summary>
    public ArchiveIndex Present(IReadOnlySet<string>? without = null)
    {
        var index = new ArchiveIndex();
        foreach (var pack in Listed.Where(pack => Packs.TryGetValue(pack.Name, out var blob) && blob.Size == pack.Size && without?.Contains(pack.Name) != true))
            index.Add(pack);
        return index;
    }

    /// <summary>The same without what a repair has set aside.</summary>
    public ArchiveContents Without(Quarantine aside) => this with
    {
        Indexes = Indexes.Where(index => !aside.Contains(index.Key)).ToDictionary(),
        Packs = Packs.Where(pack => !aside.Contains(pack.Key)).ToDictionary(),
        Snapshots = [.. Snapshots.Where(snapshot => !aside.Contains(snapshot.Name.Name))],
        Bad = [.. Bad.Where(bad => !aside.Contains(bad.Blob))],
    };

    /// <summary>The packs that cannot be read now, because the store has taken them offline.</summary>
    public IReadOnlyList<BlobInfo> OfflinePacks => [.. Packs.Values.Where(pack => pack.Access != BlobAccess.Online)];

    /// <summary>Whether another copy of what could not be read may serve.</summary>
    public static bool MayBeElsewhere(StorageException exception) => IsDamage(exception) || exception.Reason == Reason.BlobOffline;

    public static bool IsDamage(StorageException exception) => exception.Reason == Reason.ArchiveDamaged || exception.Reason == Reason.BlobMissing;
}
