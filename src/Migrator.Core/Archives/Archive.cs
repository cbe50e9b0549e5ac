using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Migrator.Core.Blobs;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>An archive that has been opened. What is in <see cref="Store"/> is written once and never changed; leases and notes are in
/// <see cref="ControlStore"/>.</summary>
public sealed class Archive
{
    private Archive(
        IBlobStore store,
        IBlobStore controlStore,
        ArchiveFormat format,
        ArchiveKeys keys,
        IPackIndex index,
        TimeProvider time
    ) => (Store, ControlStore, Format, Keys, Time, Index) = (store, controlStore, format, keys, time, new SharedIndex(this, index));

    private bool _controlStoreSeen;

    public ArchiveFormat Format { get; }

    internal IBlobStore Store { get; }

    internal IBlobStore ControlStore { get; }

    internal ArchiveKeys Keys { get; }

    internal TimeProvider Time { get; }

    /// <summary>The key record that it was opened by; null for a plain archive, and for one that was just made.</summary>
    internal string? OpenedBy { get; private init; }

    /// <summary>Shared by all runs that have been given this archive.</summary>
    internal SharedIndex Index { get; }

    /// <summary>Leases of others, by the names of their notes.</summary>
    internal ConcurrentDictionary<string, LeaseNote> OthersNotes { get; } = new(StringComparer.Ordinal);

    /// <summary>How many messages snapshots hold that were read before. They never change.</summary>
    internal SnapshotCounts Counts { get; } = new();

    /// <summary>Notes of leases that this process has given back, although the store did not remove them: it need not wait for
    /// itself.</summary>
    internal ConcurrentDictionary<string, byte> GivenBack { get; } = new(StringComparer.Ordinal);

    /// <summary>What this machine has seen of it.</summary>
    public IArchiveMemory Memory { get; private set; } = NoArchiveMemory.Instance;

    /// <summary>The key records that there were when it was opened.</summary>
    private IReadOnlySet<string> KeyNames { get; init; } = new HashSet<string>();

    /// <summary>Names the archive in messages.</summary>
    public string Location => Store.Location;

    /// <summary>Where its leases and notes are.</summary>
    public string ControlStoreLocation => ControlStore.Location;

    /// <summary>Makes a new archive. Of two who do so at once, one gets it, or none.</summary>
    /// <param name="wrapper">Keeps its master key; null for one that is not encrypted.</param>
    /// <param name="immutableDays">Nothing is removed before it is this many days old; 0 to leave that to the store.</param>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveExists"/>; or the store failed.</exception>
    public static async Task<Archive> CreateAsync(
        IBlobStore store,
        IBlobStore controlStore,
        IKeyWrapper? wrapper,
        int immutableDays,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        await foreach (var blob in store.ListAsync("", cancellationToken))
            throw new StorageException(
                Reason.ArchiveExists,
                ArchiveRecords.IsRecord(blob.Name)
                    ? $"There is an archive in {store.Location} already."
                    : $"{store.Location} is not empty: it contains {blob.Name}."
            );
        var keys = wrapper is null ? ArchiveKeys.None : new ArchiveKeys([RandomNumberGenerator.GetBytes(ArchiveKeys.Length)]);
        var format = new ArchiveFormat(
            ArchiveFormat.Name,
            ArchiveFormat.CurrentVersion,
            Guid.NewGuid(),
            time.GetUtcNow(),
            wrapper is null ? ArchiveFormat.Plain : ArchiveFormat.AesGcm,
            immutableDays,
            Guid.NewGuid()
        );
        var written = new List<string>();
        if (wrapper is not null)
        {
            written.Add(await ArchiveRecords.WriteAsync(store, await keys.WrapAsync(wrapper, cancellationToken), cancellationToken));
            await EnsureAloneAsync(store, written, cancellationToken);
        }
        var archive = new Archive(store, controlStore, format, keys, new MemoryPackIndex(), time)
        {
            KeyNames = written.ToHashSet(StringComparer.Ordinal),
        };
        await archive.MarkControlStoreAsync(cancellationToken);
        // Last: an archive without its keys is none.
        written.Add(await ArchiveRecords.WriteAsync(store, format, keys, cancellationToken));
        await EnsureAloneAsync(store, written, cancellationToken);
        return archive;
    }

    /// <param name="wrapper">Unwraps the master key; null where no key was given.</param>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveMissing"/>, <see cref="Reason.ArchiveKey"/>,
    /// <see cref="Reason.ArchiveVersion"/>, <see cref="Reason.ArchiveDamaged"/>, <see cref="Reason.ArchiveSuspect"/>; or the store
    /// failed.</exception>
    /// <param name="index">Where its index is kept; null for memory.</param>
    public static Task<Archive> OpenAsync(
        IBlobStore store,
        IBlobStore controlStore,
        IKeyWrapper? wrapper,
        TimeProvider time,
        CancellationToken cancellationToken,
        Func<ArchiveFormat, IPackIndex>? index = null
    ) => OpenAsync(store, [controlStore], wrapper, time, cancellationToken, index);

    /// <param name="controlStores">Where its leases and notes may be, the likeliest first: of several, the one that says it is the place is
    /// taken.</param>
    /// <inheritdoc
    ///     cref="OpenAsync(IBlobStore, IBlobStore, IKeyWrapper?, TimeProvider, CancellationToken, Func{ArchiveFormat, IPackIndex}?)"/>
    public static async Task<Archive> OpenAsync(
        IBlobStore store,
        IReadOnlyList<IBlobStore> controlStores,
        IKeyWrapper? wrapper,
        TimeProvider time,
        CancellationToken cancellationToken,
        Func<ArchiveFormat, IPackIndex>? index = null
    )
    {
        var (format, keys, key) = await ArchiveRecords.OpenAsync(store, wrapper, cancellationToken);
        var controlStore = controlStores.Count == 1 ? controlStores[0] : await ControlStoreAsync(format, controlStores, cancellationToken);
        var names = format.Encrypted ? await ArchiveRecords.KeyNamesAsync(store, cancellationToken) : new HashSet<string>();
        return new Archive(store, controlStore, format, keys, index?.Invoke(format) ?? new MemoryPackIndex(), time)
        {
            OpenedBy = key,
            KeyNames = names,
        };
    }

    /// <summary>Compares the key with the one that this machine has seen, and has what is seen from now on remembered.</summary>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveSuspect"/>: an earlier key was put back, and what is written would be
    /// sealed by it.</exception>
    public async Task RememberAsync(IArchiveMemory memory, CancellationToken cancellationToken)
    {
        Memory = memory;
        var own = new SeenKey(Keys.Generation, Keys.Fingerprint);
        if (!Keys.Encrypted)
            return;
        var seen = await memory.KeyAsync(Format.Id, cancellationToken);
        if (seen == own)
            return;
        if (seen is not null && seen.Generation >= own.Generation)
            throw new StorageException(
                Reason.ArchiveSuspect,
                $"{Location}: its key was rotated {seen.Generation:N0} times when this machine saw it last, and now it gives "
                    + $"another key (rotated {own.Generation:N0} times): keys/ was restored to an earlier state. Anyone who has an earlier "
                    + "key could read new data."
            );
        await memory.SawKeyAsync(Format.Id, own, cancellationToken);
    }

    /// <summary>Whether its key was rotated since it was opened: what is written would still be sealed by the earlier one.</summary>
    public async Task<bool> IsRotatedAsync(CancellationToken cancellationToken) =>
        Format.Encrypted
        && !KeyNames.SetEquals(await ArchiveRecords.KeyNamesAsync(Store, cancellationToken))
        && (await ArchiveRecords.KeysAsync(Store, cancellationToken)).Any(key => key.Record.Generation > Keys.Generation);

    private static async Task<IBlobStore> ControlStoreAsync(
        ArchiveFormat format,
        IReadOnlyList<IBlobStore> controlStores,
        CancellationToken cancellationToken
    )
    {
        StorageException? failure = null;
        foreach (var controlStore in controlStores)
        {
            try
            {
                if (await controlStore.FindAsync($"side/{format.ControlStore:n}", cancellationToken) is not null)
                    return controlStore;
            }
            catch (StorageException exception) when (exception.Reason == Reason.ContainerMissing || exception.Reason == Reason.AccessDenied)
            {
                // It counts unless another one is the place: what cannot be looked into may be it.
                failure ??= exception;
            }
        }
        return failure is null ? controlStores[0] : throw failure;
    }

    /// <summary>Makes <see cref="ControlStore"/> the place of this archive's leases and notes: of a new one, or where the old place is
    /// lost.</summary>
    public Task MarkControlStoreAsync(CancellationToken cancellationToken) =>
        ControlStore.ReplaceAsync(ControlStoreMark, ArchiveJson.Write(new ControlMark(Format.Id)), cancellationToken);

    /// <exception cref="StorageException"><see cref="Reason.ArchiveControlStore"/>: the leases are elsewhere.</exception>
    internal async Task EnsureControlStoreAsync(CancellationToken cancellationToken)
    {
        if (!_controlStoreSeen && await ControlStore.FindAsync(ControlStoreMark, cancellationToken) is null)
            throw new StorageException(
                Reason.ArchiveControlStore,
                $"{Location}: leases and notes of this archive are not in {ControlStore.Location}."
            );
        _controlStoreSeen = true;
    }

    private string ControlStoreMark => $"side/{Format.ControlStore:n}";

    /// <summary>The index as it is now: every index blob, without what a repair has given up.</summary>
    internal Task<ArchiveIndex> IndexAsync(CancellationToken cancellationToken) => Index.RefreshAsync(cancellationToken);

    /// <summary>Asks whether a blob is of no use although it is still there, because the store does not let go of it.</summary>
    internal async Task<Quarantine> QuarantineAsync(CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var note in ControlStore.ListAsync(Quarantine.Prefix, cancellationToken))
            names.Add(note.Name);
        return new Quarantine(names);
    }

    /// <param name="buffers">Nobody else uses them meanwhile.</param>
    internal async Task<IndexContents> ReadIndexAsync(BlobInfo blob, WholeBuffers buffers, CancellationToken cancellationToken)
    {
        try
        {
            return IndexContents.Read(await ReadSealedAsync(BlobKind.Index, blob.Name, blob.Size, buffers, cancellationToken));
        }
        catch (InvalidDataException exception)
        {
            throw BlobReader.Damaged(Store, blob.Name, exception.Message, exception);
        }
    }

    /// <summary>What an index blob with this content is called.</summary>
    internal string IndexName(ReadOnlySpan<byte> bytes) => BlobKind.Index.Prefix + Keys.AddressOf(ContentId.Of(bytes));

    /// <summary>What an account's snapshots are filed under.</summary>
    internal string MailboxName(string account) => Keys.NameOf(account);

    /// <summary>All snapshots, or one mailbox's: mailbox by mailbox, in the order in which they were written. Without those that a repair
    /// has set aside.</summary>
    /// <param name="account">Null for every mailbox.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public Task<IReadOnlyList<SnapshotName>> SnapshotsAsync(string? account, CancellationToken cancellationToken) =>
        SnapshotsBelowAsync(account is null ? null : MailboxName(account), cancellationToken);

    /// <param name="mailbox">What its snapshots are filed under; null for every mailbox.</param>
    /// <inheritdoc cref="SnapshotsAsync"/>
    internal async Task<IReadOnlyList<SnapshotName>> SnapshotsBelowAsync(string? mailbox, CancellationToken cancellationToken)
    {
        var names = new List<SnapshotName>();
        var prefix = mailbox is null ? BlobKind.Snapshot.Prefix : $"{BlobKind.Snapshot.Prefix}{mailbox}/";
        await foreach (var blob in Store.ListAsync(prefix, cancellationToken))
        {
            if (SnapshotName.Parse(blob.Name) is { } name)
                names.Add(name);
        }
        if (names.Count == 0)
            return [];
        var aside = Index.SetAside ?? await QuarantineAsync(cancellationToken);
        return [.. names.Where(name => !aside.Contains(name.Name))];
    }

    /// <summary>The snapshots of each mailbox, one mailbox after the other: those of a thousand mailboxes in ten years do not fit into
    /// memory. Also those that a repair has set aside.</summary>
    internal async IAsyncEnumerable<IReadOnlyList<ListedSnapshot>> EachMailboxAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var mailbox = new List<ListedSnapshot>();
        await foreach (var blob in Store.ListAsync(BlobKind.Snapshot.Prefix, cancellationToken))
        {
            if (SnapshotName.Parse(blob.Name) is not { } name)
                continue;
            if (mailbox.Count > 0 && mailbox[0].Name.Mailbox != name.Mailbox)
            {
                yield return mailbox;
                mailbox = [];
            }
            mailbox.Add(new ListedSnapshot(name, blob.Modified));
        }
        if (mailbox.Count > 0)
            yield return mailbox;
    }

    /// <exception cref="StorageException"><see cref="Reason.ArchiveDamaged"/>, <see cref="Reason.BlobMissing"/>.</exception>
    public async Task<Snapshot> ReadAsync(SnapshotName name, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await ReadSealedAsync(BlobKind.Snapshot, name.Name, 0, new WholeBuffers(), cancellationToken);
            var snapshot = ArchiveJson.Read<Snapshot>(bytes.Span);
            if (snapshot is not { Mailbox: not null, Gaps: not null, Folders: not null, Keys: not null })
                throw new InvalidDataException("a field is missing");
            if (snapshot.Version > Snapshot.CurrentVersion)
                throw new StorageException(
                    Reason.ArchiveVersion,
                    $"{Location}: the snapshot {name.Id} is of a version ({snapshot.Version}) that this program does not know."
                );
            // A copy of it under another name would pass for another mailbox's, or for a later one.
            var own = SnapshotName.Of(snapshot, MailboxName(snapshot.Mailbox), Keys.AddressOf(ContentId.Of(bytes.Span)));
            return own.Name == name.Name
                ? snapshot
                : throw new InvalidDataException(
                    own.Mailbox == name.Mailbox
                        ? "its content does not match its name"
                        : $"it is a snapshot of another mailbox ({snapshot.Mailbox})"
                );
        }
        catch (InvalidDataException exception)
        {
            throw BlobReader.Damaged(Store, name.Name, exception.Message, exception);
        }
    }

    /// <summary>Writes a snapshot: the moment from which on it exists.</summary>
    internal async Task<SnapshotName> WriteAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        var bytes = ArchiveJson.Write(snapshot);
        var name = SnapshotName.Of(snapshot, MailboxName(snapshot.Mailbox), Keys.AddressOf(ContentId.Of(bytes)));
        await WriteSealedAsync(BlobKind.Snapshot, name.Name, bytes, cancellationToken);
        return name;
    }

    private async Task<ReadOnlyMemory<byte>> ReadSealedAsync(
        BlobKind kind,
        string name,
        long size,
        WholeBuffers buffers,
        CancellationToken cancellationToken
    )
    {
        var bytes = await BlobReader.ReadAllAsync(this, kind, name, size, buffers, cancellationToken);
        if (kind == BlobKind.Index && name != IndexName(bytes.Span))
            throw new InvalidDataException("its content does not match its name");
        return bytes;
    }

    internal async Task WriteSealedAsync(BlobKind kind, string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await using var blob = await BlobWriter.BeginAsync(Store, Keys, kind, cancellationToken);
        await blob.AppendAsync(bytes, cancellationToken);
        await blob.WriteChecksumAsync(cancellationToken);
        await blob.CommitAsync(name, cancellationToken);
    }

    /// <summary>Two who make an archive at once both found nothing there, and with two master keys in it each would write what the other
    /// cannot read. Everybody looks again after writing: of two, at least one sees the other, and anyone who does takes back what is their
    /// own.</summary>
    private static async Task EnsureAloneAsync(IBlobStore store, List<string> written, CancellationToken cancellationToken)
    {
        var others = 0;
        foreach (var prefix in ArchiveRecords.Prefixes)
        {
            await foreach (var blob in store.ListAsync(prefix, cancellationToken))
                others += written.Contains(blob.Name) ? 0 : 1;
        }
        if (others == 0)
            return;
        foreach (var name in Enumerable.Reverse(written))
            await store.DeleteAsync(name, CancellationToken.None);
        throw new StorageException(
            Reason.ArchiveExists,
            $"Another process is creating an archive in {store.Location}. If there is none in a minute, try again."
        );
    }
}
