using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Secrets;
using Migrator.Storage.Blobs.Azure;
using Migrator.Storage.Blobs.Files;

namespace Migrator.App.Hosting;

/// <summary>The two places of an archive, by its reference. What a shared access signature says that it lacks is said here, before anything
/// is asked of the store or written.</summary>
internal sealed class ArchiveStores(ArchiveReference reference, ArchiveUse use, StatePaths paths, SecretStore secrets, TimeProvider time)
{
    // No part of the archive: names of blobs have no part that begins with a dot.
    private const string ControlDirectory = ".side";
    private const string ControlSuffix = "-side";
    private const string ControlRole = "the archive's control store, for leases and notes";

    /// <exception cref="ConfigurationException">A secret is not where the reference says, or the location is none.</exception>
    /// <exception cref="StorageException"><see cref="Reason.AccessDenied"/>: the signature lacks something.</exception>
    public IBlobStore Store() =>
        reference.IsAzure
            ? Container("location", () => Place(reference.Location, ""), reference.Sas, use.OfStore(), "")
            : new FileBlobStore(reference.Location, time);

    /// <summary>Where leases and notes may be, the place of a new archive first.</summary>
    /// <inheritdoc cref="Store"/>
    public IReadOnlyList<IBlobStore> ControlStores()
    {
        if (!reference.IsAzure)
            return [new FileBlobStore(reference.ControlStore ?? Path.Combine(reference.Location, ControlDirectory), time)];
        if (reference is { HasControlDirectory: true, ControlStore: { } directory })
            return [new FileBlobStore(directory, time)];
        if (reference.ControlStore is { } controlStore)
            return [ControlStore("controlStore", () => Named(controlStore), reference.ControlStoreSas ?? reference.Sas)];
        IBlobStore within = ControlStore("location", () => Within(Place(reference.Location, "")), reference.Sas);
        // A signature for one container reaches no second one.
        return reference.ControlStoreSas is null && IsForOneContainer
            ? [within]
            :
            [
                ControlStore("location", () => Place(reference.Location, ControlSuffix), reference.ControlStoreSas ?? reference.Sas),
                within,
            ];
    }

    /// <summary>What the credentials are now; another one where a secret was replaced.</summary>
    public string Credentials() =>
        ContentId
            .Of(
                System.Text.Encoding.UTF8.GetBytes(
                    string.Join(
                        '\n',
                        new[] { reference.ConnectionString, reference.Sas, reference.ControlStoreSas }
                            .OfType<SecretReference>()
                            .Select(Secret)
                    )
                )
            )
            .ToString();

    /// <summary>What goes unencrypted to the storage account, as text; null for nothing.</summary>
    /// <inheritdoc cref="Store"/>
    public string? InClear()
    {
        if (reference.ConnectionString is { } connection)
        {
            var secret = Secret(connection);
            var signature = secret.Contains("SharedAccessSignature", StringComparison.OrdinalIgnoreCase);
            return Core.Jobs.InClear.Of(
                AzureBlobOptions.FromConnectionString(secret, "archive").Address(),
                $"{(signature ? "The shared access signature and what is stored go" : "What is stored goes")}",
                "DefaultEndpointsProtocol=https in the connection string, and https:// where it has BlobEndpoint"
            );
        }
        return reference.IsAzure
            ? Core.Jobs.InClear.Of(
                new Uri(reference.Location),
                "The shared access signature and what is stored go",
                "the location to its https:// address"
            )
            : null;
    }

    private bool IsForOneContainer => reference.Sas is { } sas && !Access(sas).IsOfAccount;

    private AzureBlobStore ControlStore(string part, Func<(string Container, string Prefix)> place, SecretReference? sas) =>
        Container(part, place, sas, use.OfControlStore(), ControlRole);

    /// <summary>The side that was given: in the archive's container its signature serves, elsewhere only one of the account does.</summary>
    private (string Container, string Prefix) Named(string controlStore)
    {
        var place = Place(controlStore, "");
        if (reference.ControlStoreSas is null && IsForOneContainer && place.Container != Place(reference.Location, "").Container)
            throw new StorageException(
                Reason.AccessDenied,
                $"{place.Container}: the shared access signature of the archive is for its own container and does not reach "
                    + $"{ControlRole}. Give one for that container too, with archive.controlStoreSas in the job file, "
                    + $"or --control-store-sas; or leave the control store out: "
                    + $"it is \"{ControlDirectory}\" in the archive's container then."
            );
        return place;
    }

    private static (string Container, string Prefix) Within((string Container, string Prefix) store) =>
        (store.Container, store.Prefix.Length == 0 ? ControlDirectory : $"{store.Prefix}/{ControlDirectory}");

    /// <returns>A URL without a signature, or with a connection string a name; and what comes before the names of blobs.</returns>
    private (string Container, string Prefix) Place(string location, string suffix)
    {
        if (reference.ConnectionString is not null)
            return location.Split('/', 2) is [var name, .. var rest]
                ? (name + suffix, (rest.Length == 0 ? "" : rest[0]).Trim('/'))
                : throw new ArgumentException("is not a valid container name.");
        var url = new BlobUriBuilder(new Uri(location));
        var prefix = url.BlobName.Trim('/');
        if (url.BlobContainerName.Length == 0)
            throw new ArgumentException("does not name a container: https://ACCOUNT.blob.core.windows.net/CONTAINER.");
        (url.BlobName, url.BlobContainerName) = ("", url.BlobContainerName + suffix);
        return (url.ToUri().ToString().TrimEnd('/'), prefix);
    }

    private AzureBlobStore Container(
        string part,
        Func<(string Container, string Prefix)> find,
        SecretReference? sas,
        IReadOnlyList<AzurePermission> needs,
        string role
    )
    {
        try
        {
            var (container, prefix) = find();
            var options =
                reference.ConnectionString is { } connection ? AzureBlobOptions.FromConnectionString(Secret(connection), container)
                : sas is null ? AzureBlobOptions.FromCredential(new Uri(container))
                : AzureBlobOptions.FromSignedUrl(Signed(new Uri(container), sas, needs, role));
            return new AzureBlobStore(
                options with
                {
                    Prefix = prefix,
                    Role = role,
                    AccessTiers = reference.Tiers.ToDictionary(tier => tier.Key, tier => new AccessTier(tier.Value)),
                },
                paths.Spools,
                time
            );
        }
        catch (Exception exception) when (exception is ArgumentException or UriFormatException)
        {
            throw new ConfigurationException(
                (part == "controlStore" ? reference.ControlStore : null) ?? reference.Location,
                [new ConfigurationError($"archive.{part}", exception.Message)]
            );
        }
    }

    private Uri Signed(Uri container, SecretReference sas, IReadOnlyList<AzurePermission> needs, string role)
    {
        var lacks = Access(sas).Lacks(needs, container.Scheme == Uri.UriSchemeHttps, time.GetUtcNow());
        return lacks.Count == 0
            ? new Uri($"{container}?{Secret(sas).TrimStart('?')}")
            : throw new StorageException(
                Reason.AccessDenied,
                $"{container}: nothing was started, because the shared access signature{(role.Length == 0 ? "" : $" ({role})")} "
                    + $"is not sufficient: {string.Join("; ", lacks)}."
            );
    }

    private SharedAccess Access(SecretReference sas)
    {
        try
        {
            return SharedAccess.Parse(Secret(sas));
        }
        catch (ArgumentException exception)
        {
            throw new ConfigurationException(
                reference.Location,
                [new ConfigurationError(sas == reference.Sas ? "archive.sas" : "archive.controlStoreSas", exception.Message)]
            );
        }
    }

    private string Secret(SecretReference secret) =>
        secrets.Resolve(
            secret,
            secret == reference.ConnectionString
                ? "connection string of the archive's storage account"
                : $"shared access signature of the archive{(secret == reference.Sas ? "" : "'s control store")}"
        );
}
