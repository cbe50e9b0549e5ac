using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>The records that an archive is opened by: what it is, and its master key. An attacker who can write to the store can add,
/// replace and remove them, so that what they say is authenticated with the key: else the next backup could be made to store in
/// clear.</summary>
internal static class ArchiveRecords
{
    private const string Formats = "format/";
    private const string Keys = "keys/";
    private const byte LineEnd = (byte)'\n';

    // What anybody can wrap a key for, by its public half.
    private const string PublicKind = "azureKeyVault";

    // A record has some hundred bytes.
    private const int MostBytes = 1 << 16;

    public static readonly IReadOnlyList<string> Prefixes = [Formats, Keys];

    /// <param name="Name">Of its blob.</param>
    /// <param name="Json">As it is stored.</param>
    /// <param name="Seal">What follows the JSON; empty for nothing.</param>
    private sealed record Stored<T>(string Name, T Value, byte[] Json, byte[] Seal);

    public static bool IsRecord(string blob) =>
        Prefixes.Any(prefix => blob.StartsWith(prefix, StringComparison.Ordinal)) && blob.EndsWith(".json", StringComparison.Ordinal);

    /// <param name="wrapper">Unwraps the master key; null where no key was given.</param>
    /// <returns>Besides, the record that the key opened; null for a plain archive.</returns>
    public static async Task<(ArchiveFormat Format, ArchiveKeys Keys, string? Key)> OpenAsync(
        IBlobStore store,
        IKeyWrapper? wrapper,
        CancellationToken cancellationToken
    )
    {
        var (formats, badFormats) = await ReadAsync<ArchiveFormat>(store, Formats, cancellationToken);
        var (records, badKeys) = await ReadAsync<KeyRecord>(store, Keys, cancellationToken);
        if (formats.Count == 0)
            throw badFormats.Count > 0
                ? BlobReader.Damaged(store, badFormats[0], "its content does not match its name")
                : new StorageException(Reason.ArchiveMissing, $"There is no archive in {store.Location}.");
        if (formats.Count > 1)
            throw Suspect(
                store,
                $"an archive has one format record, and there are {formats.Count}: "
                    + $"{string.Join(", ", formats.Select(format => format.Name))}"
            );
        var (stored, format) = (formats[0], formats[0].Value);
        if (
            format
            is not {
                Format: ArchiveFormat.Name,
                Version: ArchiveFormat.CurrentVersion,
                Encryption: ArchiveFormat.Plain or ArchiveFormat.AesGcm
            }
        )
            throw new StorageException(
                Reason.ArchiveVersion,
                $"The archive in {store.Location} is of a format ({format.Format} {format.Version}, {format.Encryption}) that "
                    + "this version does not know."
            );
        if (format.Encrypted)
        {
            var (keys, key) = await UnlockAsync(store, stored, records, badKeys, wrapper, cancellationToken);
            return (format, keys, key);
        }
        if (records.Count + badKeys.Count > 0)
            throw Suspect(
                store,
                $"{stored.Name} says that the archive is not encrypted, and there are keys for it "
                    + $"({records.Select(record => record.Name).Concat(badKeys).First()})"
            );
        if (wrapper is not null)
            throw Suspect(
                store,
                $"a key was given, and {stored.Name} says that the archive is not encrypted. If it was made without a key, "
                    + "leave the key out"
            );
        return (format, ArchiveKeys.None, null);
    }

    public static Task<string> WriteAsync(IBlobStore store, KeyRecord record, CancellationToken cancellationToken) =>
        WriteAsync(store, Keys, ArchiveJson.Write(record), cancellationToken);

    public static Task<string> WriteAsync(IBlobStore store, ArchiveFormat format, ArchiveKeys keys, CancellationToken cancellationToken)
    {
        var json = ArchiveJson.Write(format);
        return WriteAsync(
            store,
            Formats,
            keys.Encrypted ? [.. json, LineEnd, .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(keys.Seal(json)))] : json,
            cancellationToken
        );
    }

    /// <summary>The key records that can be read, by the names of their blobs.</summary>
    public static async Task<IReadOnlyList<(string Name, KeyRecord Record)>> KeysAsync(
        IBlobStore store,
        CancellationToken cancellationToken
    ) => [.. (await ReadAsync<KeyRecord>(store, Keys, cancellationToken)).Records.Select(record => (record.Name, record.Value))];

    /// <summary>The names of all blobs that may be key records.</summary>
    public static async Task<IReadOnlySet<string>> KeyNamesAsync(IBlobStore store, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var blob in store.ListAsync(Keys, cancellationToken))
            names.Add(blob.Name);
        return names;
    }

    /// <summary>Those that are not what their names say.</summary>
    public static async Task<IReadOnlyList<string>> BadAsync(IBlobStore store, CancellationToken cancellationToken) =>
        [
            .. (await ReadAsync<ArchiveFormat>(store, Formats, cancellationToken)).Bad,
            .. (await ReadAsync<KeyRecord>(store, Keys, cancellationToken)).Bad,
        ];

    private static async Task<(ArchiveKeys Keys, string Key)> UnlockAsync(
        IBlobStore store,
        Stored<ArchiveFormat> format,
        List<Stored<KeyRecord>> records,
        List<string> bad,
        IKeyWrapper? wrapper,
        CancellationToken cancellationToken
    )
    {
        if (wrapper is null)
            throw new StorageException(Reason.ArchiveKey, $"The archive in {store.Location} is encrypted, and no key was given.");
        var (passedOver, others, opened) = (new List<string>(), new List<string>(), default((ArchiveKeys Keys, string Name)?));
        StorageException? unusable = null;
        // The newest generation first. Then cheap ones: an attacker may have put costly ones there.
        foreach (
            var record in records
                .Where(record => wrapper.Fits(record.Value))
                .OrderByDescending(record => Generation(record))
                .ThenBy(record => (record.Value.Iterations ?? 0) * (long)(record.Value.MemoryKiB ?? 1))
        )
        {
            // Anybody can wrap a key of their own by the public key of a vault: there all are compared.
            if (opened is not null && record.Value.Kind != PublicKind)
                break;
            try
            {
                if (await wrapper.UnwrapAsync(record.Value, cancellationToken) is not { } master)
                    continue;
                if (
                    ArchiveKeys.Open(record.Value, master) is not { } keys
                    || !CryptographicOperations.FixedTimeEquals(keys.Seal(format.Json), format.Seal)
                )
                    others.Add(record.Name);
                else if (opened is null)
                    opened = (keys, record.Name);
                else if (!opened.Value.Keys.Continues(keys))
                    throw Suspect(
                        store,
                        $"{opened.Value.Name} and {record.Name} hold different keys. One of them was added by somebody who had "
                            + "an earlier key of this archive"
                    );
            }
            catch (InvalidDataException exception)
            {
                // Somebody may have put it there so that the archive does not open.
                passedOver.Add($"{record.Name}: {exception.Message}");
            }
            catch (StorageException exception) when (exception.Reason == Reason.VaultKeyUnusable)
            {
                // The key of one record may have gone since another was added.
                unusable ??= exception;
            }
        }
        if (opened is var (found, name))
        {
            return records.FirstOrDefault(record => Generation(record) > found.Generation) is { } later
                ? throw new StorageException(
                    Reason.ArchiveKey,
                    $"{store.Location}: the key that was given ({name}) is from before the key of the archive was rotated "
                        + $"({later.Name}). Open it by a newer key, and add this one again: migrator archive key add."
                )
                : (found, name);
        }
        throw (others, passedOver, bad) switch
        {
            ([], _, _) when unusable is not null => new StorageException(
                unusable.Reason,
                $"{store.Location} does not open: {unusable.Message}",
                unusable
            ),
            ([var other, ..], _, _) => Suspect(store, $"{format.Name} was not made with the key in {other}"),
            (_, [var why, ..], _) => new StorageException(Reason.ArchiveVersion, $"{store.Location}: {why}."),
            (_, _, [var damaged, ..]) => BlobReader.Damaged(store, damaged, "its content does not match its name"),
            _ => new StorageException(
                Reason.ArchiveKey,
                $"Wrong key for the archive in {store.Location}; it was created with "
                    + $"{string.Join(" or ", records.Select(record => Words(record.Value.Kind)).Distinct().Order(StringComparer.Ordinal))}."
            ),
        };
    }

    private static int Generation(Stored<KeyRecord> record) => record.Value.Generation ?? 0;

    private static StorageException Suspect(IBlobStore store, string what) => new(Reason.ArchiveSuspect, $"{store.Location}: {what}.");

    private static string Words(string kind) =>
        kind switch
        {
            "passphrase" => "another passphrase",
            "keyFile" => "another key file",
            "recovery" => "a recovery key",
            _ => "a key in Azure Key Vault",
        };

    private static async Task<string> WriteAsync(IBlobStore store, string prefix, byte[] content, CancellationToken cancellationToken)
    {
        var name = $"{prefix}{ContentId.Of(content)}.json";
        await using var draft = await store.DraftAsync(cancellationToken);
        await draft.Content.WriteAsync(content, cancellationToken);
        await draft.CommitAsync(name, cancellationToken);
        return name;
    }

    /// <returns>What could be read, and the names of blobs that are not what their names say.</returns>
    private static async Task<(List<Stored<T>> Records, List<string> Bad)> ReadAsync<T>(
        IBlobStore store,
        string prefix,
        CancellationToken cancellationToken
    )
    {
        var (records, bad) = (new List<Stored<T>>(), new List<string>());
        await foreach (var blob in store.ListAsync(prefix, cancellationToken))
        {
            using var content = new MemoryStream();
            await using (var stream = await store.OpenAsync(blob.Name, 0, MostBytes, cancellationToken))
                await stream.CopyToAsync(content, cancellationToken);
            var bytes = content.ToArray();
            var end = Array.IndexOf(bytes, LineEnd) is >= 0 and var line ? line : bytes.Length;
            try
            {
                if (blob.Name != $"{prefix}{ContentId.Of(bytes)}.json")
                    throw new InvalidDataException();
                var seal = end == bytes.Length ? [] : Convert.FromHexString(Encoding.ASCII.GetString(bytes.AsSpan(end + 1)));
                records.Add(new Stored<T>(blob.Name, ArchiveJson.Read<T>(bytes.AsSpan(0, end)), bytes[..end], seal));
            }
            catch (Exception exception) when (exception is InvalidDataException or FormatException)
            {
                bad.Add(blob.Name);
            }
        }
        return (records, bad);
    }
}
