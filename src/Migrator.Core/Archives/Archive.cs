using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>An archive that has been opened. What is in <see cref="Store"/> is written once and never changed; leases and notes are in
/// <see cref="Side"/>.</summary>
public sealed class Archive
{
    private const string FormatPrefix = "format/";
    private const string KeysPrefix = "keys/";
    private const string TimeFormat = "yyyyMMdd't'HHmmssfff'z'";

    private Archive(IBlobStore store, IBlobStore side, ArchiveFormat format, ArchiveKeys keys, TimeProvider time) =>
        (Store, Side, Format, Keys, Time, Index) = (store, side, format, keys, time, new SharedIndex(this));

    public ArchiveFormat Format { get; }

    internal IBlobStore Store { get; }

    internal IBlobStore Side { get; }

    internal ArchiveKeys Keys { get; }

    internal TimeProvider Time { get; }

    /// <summary>Shared by all runs that have been given this archive.</summary>
    internal SharedIndex Index { get; }

    /// <summary>Which mailbox a note in the side is about, by the note's name.</summary>
    internal ConcurrentDictionary<string, string> OthersNotes { get; } = new(StringComparer.Ordinal);

    /// <summary>Names the archive in messages.</summary>
    public string Location => Store.Location;

    /// <summary>Makes a new archive. Of two who do so at once, one gets it, or none.</summary>
    /// <param name="wrapper">Keeps its master key; null for one that is not encrypted.</param>
    /// <param name="immutableDays">Nothing is removed before it is this many days old; 0 to leave that to the store.</param>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveThere"/>; or the store failed.</exception>
    public static async Task<Archive> CreateAsync(IBlobStore store, IBlobStore side, IKeyWrapper? wrapper, int immutableDays, TimeProvider time, CancellationToken cancellationToken)
    {
        await foreach (var blob in store.ListAsync("", cancellationToken).ConfigureAwait(false))
            throw new StorageException(Reason.ArchiveThere, blob.Name.StartsWith(FormatPrefix, StringComparison.Ordinal) || blob.Name.StartsWith(KeysPrefix, StringComparison.Ordinal)
                ? $"There is an archive in {store.Location} already." : $"{store.Location} is not empty: it holds {blob.Name}.");
        var (master, written) = ((byte[]?)null, new List<string>());
        if (wrapper is not null)
        {
            master = RandomNumberGenerator.GetBytes(ArchiveKeys.Length);
            var record = ArchiveJson.Write(await wrapper.WrapAsync(master, cancellationToken).ConfigureAwait(false));
            written.Add(await WriteNamedAsync(store, KeysPrefix, record, cancellationToken).ConfigureAwait(false));
            await EnsureAloneAsync(store, written, cancellationToken).ConfigureAwait(false);
        }
        var format = new ArchiveFormat(ArchiveFormat.Name, ArchiveFormat.CurrentVersion, Guid.NewGuid(), time.GetUtcNow(), wrapper is null ? ArchiveFormat.Plain : ArchiveFormat.AesGcm, immutableDays);
        // Last: an archive without its keys is none.
        written.Add(await WriteNamedAsync(store, FormatPrefix, ArchiveJson.Write(format), cancellationToken).ConfigureAwait(false));
        await EnsureAloneAsync(store, written, cancellationToken).ConfigureAwait(false);
        return new Archive(store, side, format, master is null ? ArchiveKeys.None : new ArchiveKeys(master), time);
    }

    /// <param name="wrapper">Unwraps the master key; null where no key was given.</param>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveMissing"/>, <see cref="Reason.ArchiveKey"/>, <see cref="Reason.ArchiveVersion"/>,
    /// <see cref="Reason.ArchiveDamaged"/>; or the store failed.</exception>
    public static async Task<Archive> OpenAsync(IBlobStore store, IBlobStore side, IKeyWrapper? wrapper, TimeProvider time, CancellationToken cancellationToken)
    {
        var (format, bad) = await ReadNamedAsync<ArchiveFormat>(store, FormatPrefix, cancellationToken).ConfigureAwait(false);
        if (format.Count == 0)
            throw bad.Count > 0 ? BlobReader.Damaged(store, bad[0], "it is not what its name says") : new StorageException(Reason.ArchiveMissing, $"There is no archive in {store.Location}.");
        if (format[0] is not { Format: ArchiveFormat.Name, Version: ArchiveFormat.CurrentVersion, Encryption: ArchiveFormat.Plain or ArchiveFormat.AesGcm })
            throw new StorageException(Reason.ArchiveVersion, $"The archive in {store.Location} is of a format ({format[0].Format} {format[0].Version}, {format[0].Encryption}) that this version does not know.");
        var keys = format[0].Encrypted ? new ArchiveKeys(await UnlockAsync(store, wrapper, cancellationToken).ConfigureAwait(false)) : ArchiveKeys.None;
        return new Archive(store, side, format[0], keys, time);
    }

    /// <summary>The index as it is now: every index blob, without what a repair has given up.</summary>
    internal Task<ArchiveIndex> IndexAsync(CancellationToken cancellationToken) => Index.RefreshAsync(cancellationToken);

    /// <summary>Asks whether a blob is of no use although it is still there, because the store does not let go of it.</summary>
    internal async Task<Quarantine> QuarantineAsync(CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var note in Side.ListAsync(Quarantine.Prefix, cancellationToken).ConfigureAwait(false))
            names.Add(note.Name);
        return new Quarantine(names);
    }

    internal async Task<IReadOnlyList<PackContents>> ReadIndexAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return PackContents.FromIndex(await ReadSealedAsync(BlobKind.Index, name, cancellationToken).ConfigureAwait(false));
        }
        catch (InvalidDataException exception)
        {
            throw BlobReader.Damaged(Store, name, exception.Message, exception);
        }
    }

    /// <summary>Writes an index blob of these packs; nothing where there are none.</summary>
    /// <returns>Its name; null where there was nothing to write.</returns>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveInUse"/>: the lease ran out; or the store failed.</exception>
    internal async Task<string?> WriteIndexAsync(IReadOnlyList<PackContents> packs, ArchiveLease lease, CancellationToken cancellationToken)
    {
        if (packs.Count == 0)
            return null;
        await lease.EnsureHeldAsync(cancellationToken).ConfigureAwait(false);
        var octets = PackContents.Index(packs);
        var name = BlobKind.Index.Prefix + Keys.AddressOf(ContentId.Of(octets));
        await WriteSealedAsync(BlobKind.Index, name, octets, cancellationToken).ConfigureAwait(false);
        if (!await lease.IsHeldAsync(cancellationToken).ConfigureAwait(false))
            await LookBackAsync(name, packs, lease, cancellationToken).ConfigureAwait(false);
        Index.Add(name, packs);
        return name;
    }

    /// <summary>The process slept when it wrote an index: packs that nobody knew of may have been removed meanwhile. Whoever believed that they are there would
    /// not store what they held.</summary>
    private async Task LookBackAsync(string name, IReadOnlyList<PackContents> packs, ArchiveLease lease, CancellationToken cancellationToken)
    {
        await using var again = await lease.AgainAsync(cancellationToken).ConfigureAwait(false);
        foreach (var pack in packs)
        {
            if (await Store.FindAsync(pack.Name, cancellationToken).ConfigureAwait(false) is not null)
                continue;
            await again.EnsureHeldAsync(cancellationToken).ConfigureAwait(false);
            await Store.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            throw ArchiveLease.Slept(this);
        }
    }

    /// <summary>What an account's snapshots are filed under.</summary>
    internal string MailboxName(string account) => Keys.NameOf(account);

    /// <summary>All snapshots, or one mailbox's: mailbox by mailbox, the oldest first.</summary>
    /// <param name="account">Null for every mailbox.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public async Task<IReadOnlyList<SnapshotName>> SnapshotsAsync(string? account, CancellationToken cancellationToken)
    {
        var names = new List<SnapshotName>();
        var prefix = account is null ? BlobKind.Snapshot.Prefix : $"{BlobKind.Snapshot.Prefix}{MailboxName(account)}/";
        await foreach (var blob in Store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            if (SnapshotName(blob.Name) is { } name)
                names.Add(name);
        }
        return names;
    }

    /// <exception cref="StorageException"><see cref="Reason.ArchiveDamaged"/>, <see cref="Reason.BlobMissing"/>.</exception>
    public async Task<Snapshot> ReadAsync(SnapshotName name, CancellationToken cancellationToken)
    {
        try
        {
            var octets = await ReadSealedAsync(BlobKind.Snapshot, name.Name, cancellationToken).ConfigureAwait(false);
            if (!SnapshotId(octets).Equals(name.Id, StringComparison.Ordinal))
                throw new InvalidDataException("it is not what its name says");
            var snapshot = ArchiveJson.Read<Snapshot>(octets);
            return snapshot.Version <= Snapshot.CurrentVersion ? snapshot
                : throw new StorageException(Reason.ArchiveVersion, $"{Location}: the snapshot {name.Id} is of a version ({snapshot.Version}) that this program does not know.");
        }
        catch (InvalidDataException exception)
        {
            throw BlobReader.Damaged(Store, name.Name, exception.Message, exception);
        }
    }

    /// <summary>Writes a snapshot: the moment from which on it exists.</summary>
    /// <param name="after">The latest one before it: whatever the clock says, it is dated later.</param>
    internal async Task<SnapshotName> WriteAsync(Snapshot snapshot, SnapshotName? after, CancellationToken cancellationToken)
    {
        // To the millisecond, as the name has it: two within one would be in no order.
        var time = new DateTimeOffset(snapshot.Finished.UtcTicks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
        if (after is not null && time <= after.Time)
            time = after.Time.AddMilliseconds(1);
        var octets = ArchiveJson.Write(snapshot);
        var mailbox = MailboxName(snapshot.Mailbox);
        var name = $"{BlobKind.Snapshot.Prefix}{mailbox}/{time.ToString(TimeFormat, CultureInfo.InvariantCulture)}-{SnapshotId(octets)}";
        await WriteSealedAsync(BlobKind.Snapshot, name, octets, cancellationToken).ConfigureAwait(false);
        return SnapshotName(name)!;
    }

    /// <summary>Whether a blob of this name belongs to an archive.</summary>
    internal bool IsPart(string blob) => SnapshotName(blob) is not null || IsNamed(blob, FormatPrefix) || IsNamed(blob, KeysPrefix);

    /// <summary>Format and key records that are not what their names say.</summary>
    internal async Task<IReadOnlyList<string>> BadRecordsAsync(CancellationToken cancellationToken) =>
        [.. (await ReadNamedAsync<ArchiveFormat>(Store, FormatPrefix, cancellationToken).ConfigureAwait(false)).Bad, .. (await ReadNamedAsync<KeyRecord>(Store, KeysPrefix, cancellationToken).ConfigureAwait(false)).Bad];

    private static bool IsNamed(string blob, string prefix) => blob.StartsWith(prefix, StringComparison.Ordinal) && blob.EndsWith(".json", StringComparison.Ordinal);

    private string SnapshotId(byte[] octets) => Keys.AddressOf(ContentId.Of(octets)).ToString()[..16];

    private static SnapshotName? SnapshotName(string name)
    {
        var parts = name.Split('/');
        return parts.Length == 3 && parts[2].Length == 20 + 16 && DateTimeOffset.TryParseExact(parts[2].Split('-')[0], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? new SnapshotName(name, parts[1], time) : null;
    }

    private async Task<byte[]> ReadSealedAsync(BlobKind kind, string name, CancellationToken cancellationToken)
    {
        var octets = await BlobReader.ReadAllAsync(this, kind, name, cancellationToken).ConfigureAwait(false);
        if (kind == BlobKind.Index && name != kind.Prefix + Keys.AddressOf(ContentId.Of(octets)))
            throw new InvalidDataException("it is not what its name says");
        return octets;
    }

    private async Task WriteSealedAsync(BlobKind kind, string name, byte[] octets, CancellationToken cancellationToken)
    {
        await using var blob = await BlobWriter.BeginAsync(Store, Keys, kind, cancellationToken).ConfigureAwait(false);
        using var content = new MemoryStream(octets, writable: false);
        await blob.AppendAsync(content, cancellationToken).ConfigureAwait(false);
        await blob.WriteChecksumAsync(cancellationToken).ConfigureAwait(false);
        await blob.CommitAsync(name, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<byte[]> UnlockAsync(IBlobStore store, IKeyWrapper? wrapper, CancellationToken cancellationToken)
    {
        var (records, bad) = await ReadNamedAsync<KeyRecord>(store, KeysPrefix, cancellationToken).ConfigureAwait(false);
        if (wrapper is null)
            throw new StorageException(Reason.ArchiveKey, $"The archive in {store.Location} is encrypted, and no key was given.");
        foreach (var record in records.Where(wrapper.Fits))
        {
            try
            {
                if (await wrapper.UnwrapAsync(record, cancellationToken).ConfigureAwait(false) is { } master)
                    return master;
            }
            catch (InvalidDataException exception)
            {
                throw new StorageException(Reason.ArchiveVersion, $"{store.Location}: {exception.Message}.", exception);
            }
        }
        throw bad.Count > 0
            ? BlobReader.Damaged(store, bad[0], "it is not what its name says")
            : new StorageException(Reason.ArchiveKey, $"The key that was given does not open the archive in {store.Location}; it was made with {string.Join(" or ", records.Select(record => Words(record.Kind)).Distinct())}.");
    }

    private static string Words(string kind) => kind switch { "passphrase" => "another passphrase", "keyFile" => "another key file", _ => "a key in Azure Key Vault" };

    /// <summary>Two who make an archive at once both found nothing there, and with two master keys in it each would write what the other cannot read.
    /// Everybody looks again after writing: of two, at least one sees the other, and whoever does takes back what is their own.</summary>
    private static async Task EnsureAloneAsync(IBlobStore store, List<string> written, CancellationToken cancellationToken)
    {
        var others = 0;
        foreach (var prefix in new[] { FormatPrefix, KeysPrefix })
        {
            await foreach (var blob in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
                others += written.Contains(blob.Name) ? 0 : 1;
        }
        if (others == 0)
            return;
        foreach (var name in Enumerable.Reverse(written))
            await store.DeleteAsync(name, CancellationToken.None).ConfigureAwait(false);
        throw new StorageException(Reason.ArchiveThere, $"Somebody else is making an archive in {store.Location} at this moment. If there is none in a minute, try again.");
    }

    private static async Task<string> WriteNamedAsync(IBlobStore store, string prefix, byte[] octets, CancellationToken cancellationToken)
    {
        var name = $"{prefix}{ContentId.Of(octets)}.json";
        await using var draft = await store.DraftAsync(cancellationToken).ConfigureAwait(false);
        await draft.Content.WriteAsync(octets, cancellationToken).ConfigureAwait(false);
        await draft.CommitAsync(name, cancellationToken).ConfigureAwait(false);
        return name;
    }

    /// <returns>What could be read, and the names of blobs that are not what their names say.</returns>
    internal static async Task<(List<T> Values, List<string> Bad)> ReadNamedAsync<T>(IBlobStore store, string prefix, CancellationToken cancellationToken)
    {
        var (values, bad) = (new List<T>(), new List<string>());
        await foreach (var blob in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            using var content = new MemoryStream();
            await using (var stream = await store.OpenAsync(blob.Name, 0, 1 << 20, cancellationToken).ConfigureAwait(false))
                await stream.CopyToAsync(content, cancellationToken).ConfigureAwait(false);
            var octets = content.ToArray();
            try
            {
                if (blob.Name == $"{prefix}{ContentId.Of(octets)}.json")
                    values.Add(ArchiveJson.Read<T>(octets));
                else
                    bad.Add(blob.Name);
            }
            catch (InvalidDataException)
            {
                bad.Add(blob.Name);
            }
        }
        return (values, bad);
    }
}
