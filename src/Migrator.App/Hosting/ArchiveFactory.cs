using Migrator.Core.Archives;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;
using Migrator.Storage.Archives;
using Migrator.Storage.Blobs.Azure;
using Migrator.Storage.Keys;

namespace Migrator.App.Hosting;

/// <summary>Gets to an archive by its reference: the two stores and the key.</summary>
public sealed class ArchiveFactory(ArchiveReference reference, StatePaths paths, SecretStore secrets, TimeProvider time)
{
    /// <param name="use">What its credentials have to allow.</param>
    /// <param name="stop">Ends the opening.</param>
    /// <exception cref="ConfigurationException">A secret is not where the reference says, or the location is none.</exception>
    /// <exception cref="StorageException">The archive cannot be opened.</exception>
    public async Task<Archive> OpenAsync(ArchiveUse use, CancellationToken stop)
    {
        var stores = Stores(use);
        var archive = await Archive.OpenAsync(
            stores.Store(),
            stores.ControlStores(),
            Key(null),
            time,
            stop,
            format => SqlitePackIndex.Open(paths.ArchiveIndex(format.Id, stores.Store().Location))
        );
        await archive.RememberAsync(new ArchiveMemory(paths.Root), stop);
        return archive;
    }

    /// <param name="derivation">How a passphrase becomes a key.</param>
    /// <param name="immutableDays">Nothing is removed before it is so many days old.</param>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<Archive> CreateAsync(KeyDerivation derivation, int immutableDays, CancellationToken stop)
    {
        var (store, controlStore) = (Stores(ArchiveUse.Write).Store(), Stores(ArchiveUse.Write).ControlStores()[0]);
        var key = Key(derivation);
        if (store is AzureBlobStore container)
            await container.EnsureContainerAsync(stop);
        await PrepareAsync(controlStore, stop);
        return await Archive.CreateAsync(store, controlStore, key, immutableDays, time, stop);
    }

    /// <summary>Opens it with the place that the reference names for its side, whatever was its side before.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<Archive> WithNewControlStoreAsync(CancellationToken stop)
    {
        var controlStore = Stores(ArchiveUse.Write).ControlStores()[0];
        var archive = await Archive.OpenAsync(Stores(ArchiveUse.Read).Store(), controlStore, Key(null), time, stop);
        await PrepareAsync(controlStore, stop);
        return archive;
    }

    /// <summary>The store alone, whether or not there is an archive in it that can be opened.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public IBlobStore Store(ArchiveUse use) => Stores(use).Store();

    /// <summary>What goes unencrypted to a storage account, as text; null for nothing.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public string? InClear() => Stores(ArchiveUse.Read).InClear();

    /// <summary>What the credentials of its places are now, as a hash.</summary>
    public string Credentials() => Stores(ArchiveUse.Read).Credentials();

    private ArchiveStores Stores(ArchiveUse use) => new(reference, use, paths, secrets, time);

    private static async Task PrepareAsync(IBlobStore controlStore, CancellationToken stop)
    {
        if (controlStore is not AzureBlobStore container)
            return;
        await container.EnsureContainerAsync(stop);
        await container.EnsureChangeableAsync(stop);
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
            return Uri.TryCreate(vault, UriKind.Absolute, out var key) && key.Scheme == Uri.UriSchemeHttps
                ? new KeyVaultKeyWrapper(key)
                : throw new ConfigurationException(
                    vault,
                    [
                        new ConfigurationError(
                            "archive.keyVault",
                            "is not the URL of a key, such as https://vault.vault.azure.net/keys/mail-archive."
                        ),
                    ]
                );
        if (reference.KeyFile is not { } file)
            return null;
        try
        {
            var content = InputFile.ReadAll(file, InputFile.MostOfSettings);
            return content.Length >= ArchiveKeys.Length
                ? SecretKeyWrapper.OfKeyFile(content)
                : throw new ConfigurationException(
                    file,
                    [
                        new ConfigurationError(
                            "archive.keyFile",
                            $"has {content.Length} bytes; a key file must contain at least {ArchiveKeys.Length} random bytes. Create "
                                + "one: head -c 32 /dev/urandom > FILE"
                        ),
                    ]
                );
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                file,
                [new ConfigurationError("archive.keyFile", $"the file cannot be read: {exception.Message}")]
            );
        }
    }

    private RecoveryKey Recovery(SecretReference reference)
    {
        try
        {
            return RecoveryKey.Parse(secrets.Resolve(reference, "recovery key of the archive"));
        }
        catch (FormatException exception)
        {
            throw new ConfigurationException("recovery key", [new ConfigurationError("--recovery-key", $"{exception.Message}.")]);
        }
    }

    private string Passphrase(SecretReference reference, bool isNew)
    {
        var passphrase = secrets.Resolve(reference, "passphrase of the archive");
        // A slip of the finger here would lock everything away for good.
        if (isNew && reference.Source == SecretSource.Prompt && secrets.Ask("passphrase of the archive, once more") != passphrase)
            throw new ConfigurationException(
                "passphrase",
                [new ConfigurationError("passphrase", "the two entries differ; nothing was created.")]
            );
        return passphrase;
    }
}
