using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>The keys that open an archive. Any of them gives the same master key: a holder of any key may have kept it, and no removal
/// takes it from them.</summary>
public sealed class ArchiveKeyRecords(Archive archive)
{
    private const int IdLength = 8;

    public async Task<IReadOnlyList<ArchiveKey>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await ArchiveRecords.KeysAsync(archive.Store, cancellationToken)).Select(key => Describe(key.Name, key.Record))];

    /// <exception cref="StorageException"><see cref="Reason.ArchiveNotEncrypted"/>; or the store failed.</exception>
    public async Task<ArchiveKey> AddAsync(IKeyWrapper wrapper, CancellationToken cancellationToken)
    {
        EnsureEncrypted();
        var record = await archive.Keys.WrapAsync(wrapper, cancellationToken);
        // A slip in a new secret must be found while the old one still opens the archive.
        if (await wrapper.UnwrapAsync(record, cancellationToken) is null)
            throw new StorageException(
                Reason.ArchiveKey,
                $"{archive.Location}: the new key does not unwrap what it has wrapped; nothing was changed."
            );
        return Describe(await ArchiveRecords.WriteAsync(archive.Store, record, cancellationToken), record);
    }

    /// <summary>Removes a key. The last one stays: without it nothing could be read any more.</summary>
    /// <param name="id">The beginning of its id.</param>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveKeyRemoval"/>: there is no such key, or no other;
    /// <see cref="Reason.ArchiveNotEncrypted"/>; <see cref="Reason.BlobImmutable"/>; or the store failed.</exception>
    public async Task<ArchiveKey> RemoveAsync(string id, Action<string> waiting, CancellationToken cancellationToken)
    {
        EnsureEncrypted();
        // Of two who remove at once, each would see the other's key and leave none.
        await using var lease = await ArchiveLease.AcquireAsync(
            archive,
            "removing a key",
            LeaseScope.All,
            ArchiveLease.Patience,
            waiting,
            cancellationToken
        );
        var all = await ListAsync(cancellationToken);
        var fitting = all.Where(key => id.Length > 0 && key.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase)).ToList();
        if (fitting is not [var key])
            throw new StorageException(
                Reason.ArchiveKeyRemoval,
                $"{archive.Location}: {(fitting.Count == 0 ? "no key" : "more than one key")} has an id that begins with "
                    + $"\"{id}\". There are: {string.Join(", ", all.Select(known => known.Id))}."
            );
        if (all.Count == 1)
            throw new StorageException(
                Reason.ArchiveKeyRemoval,
                $"{archive.Location}: {key.Id} is the only key; without it nothing could be read any more."
            );
        await lease.EnsureHeldAsync(cancellationToken);
        await archive.Store.DeleteAsync(key.Name, cancellationToken);
        return key;
    }

    /// <summary>Gives the archive a new master key for what is written from now on: a holder of an earlier one, who may have kept it, can
    /// read none of that. What was written before stays as it is, and the new key opens it too. Other keys are removed: they would still be
    /// those of the earlier master key.</summary>
    /// <param name="wrapper">The key that the archive was opened by.</param>
    /// <returns>The new record of that key, and those that were removed.</returns>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveKey"/>: the key is another one;
    /// <see cref="Reason.ArchiveNotEncrypted"/>; or the store failed.</exception>
    public async Task<(ArchiveKey Key, IReadOnlyList<ArchiveKey> Removed)> RotateAsync(
        IKeyWrapper wrapper,
        Action<string> waiting,
        CancellationToken cancellationToken
    )
    {
        EnsureEncrypted();
        // Nobody writes meanwhile: what a run in progress writes would still be sealed by the earlier key.
        await using var lease = await ArchiveLease.AcquireAsync(
            archive,
            "rotating the key",
            LeaseScope.All,
            ArchiveLease.Patience,
            waiting,
            cancellationToken
        );
        var before = await ArchiveRecords.KeysAsync(archive.Store, cancellationToken);
        if (
            before.FirstOrDefault(known => known.Name == archive.OpenedBy).Record is not { } used
            || !wrapper.Fits(used)
            || await wrapper.UnwrapAsync(used, cancellationToken) is null
        )
            throw new StorageException(
                Reason.ArchiveKey,
                $"{archive.Location}: the key is not the one that the archive was opened by; nothing was changed."
            );
        var keys = archive.Keys.Rotated();
        var record = await keys.WrapAsync(wrapper, cancellationToken);
        if (
            await wrapper.UnwrapAsync(record, cancellationToken) is not { } master
            || ArchiveKeys.Open(record, master)?.Continues(keys) != true
        )
            throw new StorageException(
                Reason.ArchiveKey,
                $"{archive.Location}: the new key does not unwrap what it has wrapped; nothing was changed."
            );
        await lease.EnsureHeldAsync(cancellationToken);
        // From here on the earlier records open nothing any more, removed or not: a later one is there.
        var name = await ArchiveRecords.WriteAsync(archive.Store, record, cancellationToken);
        await archive.Memory.SawKeyAsync(archive.Format.Id, new SeenKey(keys.Generation, keys.Fingerprint), cancellationToken);
        foreach (var (old, _) in before)
        {
            await lease.EnsureHeldAsync(cancellationToken);
            await archive.Store.DeleteAsync(old, cancellationToken);
        }
        return (
            Describe(name, record),
            [.. before.Where(old => old.Name != archive.OpenedBy).Select(old => Describe(old.Name, old.Record))]
        );
    }

    /// <exception cref="StorageException"><see cref="Reason.ArchiveNotEncrypted"/>.</exception>
    public void EnsureEncrypted()
    {
        if (!archive.Format.Encrypted)
            throw new StorageException(Reason.ArchiveNotEncrypted, $"The archive in {archive.Location} is not encrypted: it has no keys.");
    }

    private ArchiveKey Describe(string name, KeyRecord record) =>
        new(name.Split('/')[^1][..IdLength], name, record.Kind ?? "", record.Vault, record.Generation ?? 0, name == archive.OpenedBy);
}
