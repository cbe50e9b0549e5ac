using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Migrator.Core.Blobs;
using BlobInfo = Migrator.Core.Blobs.BlobInfo;

namespace Migrator.Storage.Blobs.Azure;

/// <summary>Blobs in a container of Azure Storage, of an account with a flat namespace: only that one lists in the order that is
/// promised. Repeating what failed for a moment is left to the SDK.</summary>
public sealed class AzureBlobStore : IBlobStore
{
    private readonly AzureBlobOptions _options;
    private readonly BlobContainerClient _container;
    private readonly string _prefix;
    private readonly string _spoolDirectory;

    /// <param name="spoolDirectory">Local; holds drafts until they are committed: there has to be room for the largest blobs.</param>
    /// <exception cref="ArgumentException">The options cannot be used.</exception>
    public AzureBlobStore(AzureBlobOptions options, string spoolDirectory)
    {
        (_options, _spoolDirectory) = (options, spoolDirectory);
        _container = options.Open();
        _prefix = options.Prefix.Trim('/') is { Length: > 0 } prefix ? prefix + "/" : "";
        // Without the query: that is where the signature is.
        Location = $"{_container.Uri.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{_prefix}".TrimEnd('/');
    }

    public string Location { get; }

    /// <summary>Makes the container if it is missing. Not done by itself: a misspelt name would begin an empty archive.</summary>
    public Task EnsureContainerAsync(CancellationToken cancellationToken) => AzureFailure.GuardAsync(Location, async () =>
    {
        try
        {
            // Listed first: credentials for one container do not allow to create it, not even where it exists.
            await using var pages = _container.GetBlobsAsync(cancellationToken: cancellationToken).AsPages(pageSizeHint: 1).GetAsyncEnumerator(cancellationToken);
            await pages.MoveNextAsync().ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        return true;
    }, cancellationToken);

    public Task<IBlobDraft> DraftAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IBlobDraft>(new AzureBlobDraft(this, DraftFile.Create(_spoolDirectory)));
    }

    public Task<BlobInfo?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var blob = ClientOf(name);
        return AzureFailure.GuardAsync(Describe(name), async () =>
        {
            try
            {
                var found = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false)).Value;
                return new BlobInfo(name, found.ContentLength, found.LastModified);
            }
            catch (RequestFailedException exception) when (exception.Status == 404 && exception.ErrorCode != BlobErrorCode.ContainerNotFound)
            {
                return null;
            }
        }, cancellationToken);
    }

    public async IAsyncEnumerable<BlobInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BlobName.RequirePrefix(prefix);
        var listing = _container.GetBlobsAsync(new GetBlobsOptions { Prefix = _prefix + prefix }, cancellationToken).AsPages();
        await using var pages = listing.GetAsyncEnumerator(cancellationToken);
        while (await AzureFailure.GuardAsync(Location, () => pages.MoveNextAsync().AsTask(), cancellationToken).ConfigureAwait(false))
        {
            foreach (var blob in pages.Current.Values)
            {
                // What others have put into the container is none of ours.
                if (blob.Name[_prefix.Length..] is var name && BlobName.IsValid(name))
                    yield return new BlobInfo(name, blob.Properties.ContentLength ?? 0, blob.Properties.LastModified ?? default);
            }
        }
    }

    public async Task<Stream> OpenAsync(string name, long offset, long length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var blob = ClientOf(name);
        // A range of HTTP has at least one octet; that there is a blob has to be asked all the same.
        var range = new HttpRange(offset, length == 0 ? 1 : length > long.MaxValue - offset ? null : length);
        return await AzureFailure.GuardAsync(Describe(name), async () =>
        {
            try
            {
                var opened = await blob.DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancellationToken).ConfigureAwait(false);
                return new BlobStream(opened.Value.Content, length, exception => AzureFailure.Translate(Describe(name), exception));
            }
            catch (RequestFailedException exception) when (exception.Status == 416)
            {
                return Stream.Null;
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var blob = ClientOf(name);
        var options = new BlobUploadOptions { AccessTier = _options.TierOf(name) };
        return AzureFailure.GuardAsync(Describe(name), () => blob.UploadAsync(BinaryData.FromBytes(content), options, cancellationToken), cancellationToken);
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var blob = ClientOf(name);
        return AzureFailure.GuardAsync(Describe(name), () => blob.DeleteIfExistsAsync(cancellationToken: cancellationToken), cancellationToken);
    }

    public ValueTask DisposeAsync() => default;

    internal string Describe(string name) => $"{Location}/{name}";

    internal AccessTier? TierOf(string name) => _options.TierOf(name);

    internal BlobClient ClientOf(string name)
    {
        BlobName.Require(name);
        return _container.GetBlobClient(_prefix + name);
    }
}
