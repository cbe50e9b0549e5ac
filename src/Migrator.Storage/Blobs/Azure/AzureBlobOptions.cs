using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Migrator.Storage.Keys;

namespace Migrator.Storage.Blobs.Azure;

/// <summary>Which container, by which credentials, and how. The credentials are in no property: a record prints its properties.</summary>
public sealed record AzureBlobOptions
{
    private readonly Func<BlobClientOptions, BlobContainerClient> _open;

    private AzureBlobOptions(Func<BlobClientOptions, BlobContainerClient> open) => _open = open;

    /// <summary>What the signature says of itself; null for other credentials.</summary>
    internal SharedAccess? Access { get; private init; }

    /// <summary>What the container is to an archive, as text; empty for its store.</summary>
    public string Role { get; init; } = "";

    /// <summary>Comes before every name, as a folder in the container; empty for none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Access tiers by the beginning of a blob's name, such as <c>packs/</c>; the longest that fits counts, and where none does,
    /// the account's own. Never Archive for what has to be read: it takes hours.</summary>
    public IReadOnlyDictionary<string, AccessTier> AccessTiers { get; init; } = new Dictionary<string, AccessTier>();

    /// <summary>How often a request is repeated before it counts as failed, with growing pauses between. A read that breaks off is
    /// taken up again besides, by the SDK.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>How long nothing may come from the network before a request counts as failed.</summary>
    public TimeSpan NetworkTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <exception cref="ArgumentException">It is not a connection string; the message does not repeat it.</exception>
    public static AzureBlobOptions FromConnectionString(string connectionString, string container) =>
        new(options =>
        {
            try
            {
                return new BlobContainerClient(connectionString, container, options);
            }
            catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
            {
                // Without the exception as a cause: its words may hold parts of the connection string.
                throw new ArgumentException(
                    "The connection string of the storage account cannot be read. Copy it again, whole, from the account's access keys."
                );
            }
        });

    /// <param name="container">The container's URL with a shared access signature. What that has to allow, <see cref="SharedAccess"/>
    /// knows.</param>
    public static AzureBlobOptions FromSignedUrl(Uri container) =>
        new(options => new BlobContainerClient(container, options))
        {
            Access = container.Query.Contains("sig=", StringComparison.OrdinalIgnoreCase) ? SharedAccess.Parse(container.Query) : null,
        };

    /// <param name="container">The container's URL.</param>
    /// <param name="credential">Null for what the machine offers: environment variables, managed identity, Azure CLI.</param>
    /// <exception cref="ArgumentException">It is not https: a token would be readable on its way.</exception>
    public static AzureBlobOptions FromCredential(Uri container, TokenCredential? credential = null)
    {
        if (container.Scheme != Uri.UriSchemeHttps)
            throw new ArgumentException("A container that is logged in to by a token has to be reached by https.", nameof(container));
        return new(options => new BlobContainerClient(container, credential ?? AzureIdentity.Of(container), options));
    }

    /// <summary>Where the container is, without a signature. No property: a record prints those.</summary>
    /// <exception cref="ArgumentException">The credentials are none.</exception>
    public Uri Address() => new(_open(new BlobClientOptions()).Uri.GetLeftPart(UriPartial.Path));

    internal BlobContainerClient Open()
    {
        // A version that accounts everywhere and Azurite know, whatever a newer package would ask for.
        var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04);
        options.Retry.MaxRetries = Retries;
        options.Retry.NetworkTimeout = NetworkTimeout;
        options.Diagnostics.IsTelemetryEnabled = false;
        options.AddPolicy(new CountingPolicy(), HttpPipelinePosition.PerRetry);
        return _open(options);
    }

    internal AccessTier? TierOf(string name)
    {
        var prefix = AccessTiers.Keys.Where(key => name.StartsWith(key, StringComparison.Ordinal)).MaxBy(key => key.Length);
        return prefix is null ? default(AccessTier?) : AccessTiers[prefix];
    }
}
