using Migrator.Core.Blobs;
using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>Packs that are in no index, because a run ended before it wrote one.</summary>
internal static class OrphanedPacks
{
    /// <summary>Notes in the side of packs that are about to be removed: lists of names.</summary>
    public const string Leaving = "leaving/";

    /// <summary>What lies in them, by their footers; a pack whose footer cannot be read is skipped with a notice.</summary>
    /// <param name="packs">The packs that are there. Who takes orphans over lists them before the index is read: what another run has
    /// indexed meanwhile is none.</param>
    /// <param name="leaving">Also those that a prune is about to remove, or was when it was killed.</param>
    public static async Task<IReadOnlyList<PackContents>> ReadAsync(
        Archive archive,
        PackList packs,
        ArchiveIndex index,
        bool leaving,
        Action<string> notice,
        CancellationToken cancellationToken
    )
    {
        var (blobs, found) = (packs.Values.Where(blob => !index.Knows(blob.Name)).ToList(), new List<PackContents>());
        if (blobs.Count == 0)
            return [];
        var given = await archive.QuarantineAsync(cancellationToken);
        var left = leaving ? [] : await LeavingAsync(archive, cancellationToken);
        foreach (var blob in blobs.Where(blob => !given.Contains(blob.Name) && !left.Contains(blob.Name)))
        {
            if (blob.Access != BlobAccess.Online)
            {
                notice(
                    $"{archive.Store.Location}: {blob.Name} is in no index and cannot be read now ({blob.Tier} tier). It is "
                        + "left alone until it is rehydrated."
                );
                continue;
            }
            try
            {
                found.Add(await FooterAsync(archive, blob, cancellationToken));
            }
            catch (StorageException exception) when (exception.Reason == Reason.ArchiveDamaged || exception.Reason == Reason.BlobMissing)
            {
                notice($"{exception.Message} It is in no index and is left alone.");
            }
        }
        return found;
    }

    private static async Task<HashSet<string>> LeavingAsync(Archive archive, CancellationToken cancellationToken)
    {
        var leaving = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var note in archive.ControlStore.ListAsync(Leaving, cancellationToken))
        {
            try
            {
                using var content = new MemoryStream();
                await using (var stream = await archive.ControlStore.OpenAsync(note.Name, 0, note.Size, cancellationToken))
                    await stream.CopyToAsync(content, cancellationToken);
                leaving.UnionWith(ArchiveJson.Read<string[]>(content.ToArray()));
            }
            catch (StorageException exception) when (exception.Reason == Reason.BlobMissing)
            {
                // They are gone.
            }
            catch (InvalidDataException exception)
            {
                throw BlobReader.Damaged(archive.ControlStore, note.Name, $"{exception.Message}. Prune removes it", exception);
            }
        }
        return leaving;
    }

    /// <exception cref="StorageException"><see cref="Reason.ArchiveDamaged"/>.</exception>
    /// <param name="buffers">Shared with other packs that are read one after the other; null for separate ones.</param>
    public static async Task<PackContents> FooterAsync(
        Archive archive,
        BlobInfo blob,
        CancellationToken cancellationToken,
        SegmentBuffers? buffers = null
    )
    {
        var start = blob.Size - BlobWriter.TrailerLength;
        if (start < BlobWriter.HeaderLength)
            throw BlobReader.Damaged(archive.Store, blob.Name, "it is cut short");
        if (
            await BlobReader.TrailerAsync(archive.Store, blob.Name, blob.Size, cancellationToken) is not var (footer, _)
            || footer < BlobWriter.HeaderLength
            || footer >= start
        )
            throw BlobReader.Damaged(archive.Store, blob.Name, "it does not end as a pack does");
        using var reader = await BlobReader.OpenAsync(archive, blob.Name, buffers ?? new SegmentBuffers(), cancellationToken);
        try
        {
            return new PackContents(
                blob.Name,
                blob.Size,
                PackContents.FromFooter(await reader.ReadAsync(footer, start - footer, cancellationToken))
            );
        }
        catch (InvalidDataException exception)
        {
            throw BlobReader.Damaged(archive.Store, blob.Name, exception.Message, exception);
        }
    }
}
