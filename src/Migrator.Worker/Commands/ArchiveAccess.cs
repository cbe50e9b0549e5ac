using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Migrator.Core.Archives;
using Migrator.Core.Blobs;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Storage.Archives;
using Migrator.Storage.Blobs.Azure;
using Migrator.Storage.Blobs.Files;
using Migrator.Storage.Keys;

namespace Migrator.Worker.Commands;

/// <summary>Gets to an archive by its reference: the two stores and the key.</summary>
public sealed class ArchiveAccess(ArchiveReference reference, Surroundings surroundings)
{
    private const string SideDirectory = ".side";

    /// <exception cref="JobFileException">A secret is not where the reference says, or the location is none.</exception>
    /// <exception cref="StorageException">The archive cannot be opened.</exception>
    public async Task<Archive> OpenAsync(CancellationToken stop)
    {
        var (store, side) = Stores();
        var archive = await Archive.OpenAsync(store, side, Key(null), surroundings.Time, stop, format => SqlitePackIndex.Open(IndexFile(format, store))).ConfigureAwait(false);
        await archive.RememberAsync(new ArchiveMemory(surroundings.State), stop).ConfigureAwait(false);
        return archive;
    }

    /// <param name="derivation">How a passphrase becomes a key.</param>
    /// <param name="immutableDays">Nothing is removed before it is so many days old.</param>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<Archive> CreateAsync(KeyDerivation derivation, int immutableDays, CancellationToken stop)
    {
        var (store, side) = Stores();
        var key = Key(derivation);
        foreach (var container in new[] { store, side }.OfType<AzureBlobStore>())
            await container.EnsureContainerAsync(stop).ConfigureAwait(false);
        return await Archive.CreateAsync(store, side, key, immutableDays, surroundings.Time, stop).ConfigureAwait(false);
    }

    /// <summary>A copy of an archive elsewhere may have the same id and hold something else.</summary>
    private string IndexFile(ArchiveFormat format, IBlobStore store) =>
        Path.Combine(surroundings.State, "archives", format.Id.ToString("n"), $"index-{ContentId.Of(Encoding.UTF8.GetBytes(store.Location)).ToString()[..16]}.db");

    private (IBlobStore Store, IBlobStore Side) Stores() => reference.IsAzure
        ? (Container(reference.Location, ""), reference.Side is { } side ? Container(side, "") : Container(reference.Location, "-side"))
        : (new FileBlobStore(reference.Location, surroundings.Time), new FileBlobStore(reference.Side ?? Path.Combine(reference.Location, SideDirectory), surroundings.Time));

    private AzureBlobStore Container(string location, string suffix)
    {
        try
        {
            return new AzureBlobStore(Options(location, suffix), Path.Combine(surroundings.State, "spool"));
        }
        catch (Exception exception) when (exception is ArgumentException or UriFormatException)
        {
            throw new JobFileException(location, [new JobFileError("archive.location", exception.Message)]);
        }
    }

    private AzureBlobOptions Options(string location, string suffix)
    {
        AzureBlobOptions options;
        string prefix;
        if (reference.ConnectionString is { } connection)
        {
            var parts = location.Split('/', 2);
            prefix = parts.ElementAtOrDefault(1) ?? "";
            options = AzureBlobOptions.FromConnectionString(surroundings.Secret(connection, "connection string of the archive's storage account"), parts[0] + suffix);
        }
        else
        {
            var url = new BlobUriBuilder(new Uri(location));
            prefix = url.BlobName;
            (url.BlobName, url.BlobContainerName) = ("", url.BlobContainerName + suffix);
            options = reference.Sas is { } sas
                ? AzureBlobOptions.FromSignedUrl(new Uri($"{url.ToUri()}?{surroundings.Secret(sas, "shared access signature of the archive").TrimStart('?')}"))
                : AzureBlobOptions.FromCredential(url.ToUri());
        }
        return options with { Prefix = prefix.Trim('/'), AccessTiers = reference.Tiers.ToDictionary(tier => tier.Key, tier => new AccessTier(tier.Value)) };
    }

    /// <summary>The key that the reference names, as a new one.</summary>
    /// <returns>Null where it names none.</returns>
    public IKeyWrapper? NewKey(KeyDerivation derivation) => Key(derivation);

    /// <param name="derivation">For a new key; null to open an archive.</param>
    private IKeyWrapper? Key(KeyDerivation? derivation)
    {
        if (reference.RecoveryKey is { } recovery)
            return SecretKeyWrapper.OfRecoveryKey(Recovery(recovery));
        if (reference.Passphrase is { } passphrase)
            return SecretKeyWrapper.OfPassphrase(Passphrase(passphrase, derivation is not null), derivation ?? KeyDerivation.Argon2id);
        if (reference.KeyVault is { } vault)
            return Uri.TryCreate(vault, UriKind.Absolute, out var key) && key.Scheme == Uri.UriSchemeHttps ? new KeyVaultKeyWrapper(key)
                : throw new JobFileException(vault, [new JobFileError("archive.keyVault", "is no URL of a key, such as https://vault.vault.azure.net/keys/mail-archive.")]);
        if (reference.KeyFile is not { } file)
            return null;
        try
        {
            var content = File.ReadAllBytes(file);
            return content.Length >= ArchiveKeys.Length ? SecretKeyWrapper.OfKeyFile(content)
                : throw new JobFileException(file, [new JobFileError("archive.keyFile", $"has {content.Length} octets; a key file holds at least {ArchiveKeys.Length} random ones. Make one: head -c 32 /dev/urandom > FILE")]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new JobFileException(file, [new JobFileError("archive.keyFile", $"the file cannot be read: {exception.Message}")]);
        }
    }

    private RecoveryKey Recovery(SecretReference reference)
    {
        try
        {
            return RecoveryKey.Parse(surroundings.Secret(reference, "recovery key of the archive"));
        }
        catch (FormatException exception)
        {
            throw new JobFileException("recovery key", [new JobFileError("--recovery-key", $"{exception.Message}.")]);
        }
    }

    private string Passphrase(SecretReference reference, bool isNew)
    {
        var passphrase = surroundings.Secret(reference, "passphrase of the archive");
        // A slip of the finger here would lock everything away for good.
        if (isNew && reference.Source == SecretSource.Prompt && surroundings.Ask("passphrase of the archive, once more") != passphrase)
            throw new JobFileException("passphrase", [new JobFileError("passphrase", "the two were not the same; nothing was made.")]);
        return passphrase;
    }
}
