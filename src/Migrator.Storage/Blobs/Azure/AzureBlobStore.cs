using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using BlobInfo = Migrator.Core.Blobs.BlobInfo;

namespace Migrator.Storage.Blobs.Azure;

/// <summary>Blobs in a container of Azure Storage, of an account with a flat namespace: only that one lists in the order that is
/// promised. Repeating what failed for a moment is left to the SDK.</summary>
public sealed class AzureBlobStore : IRehydratingStore
{
    private readonly AzureBlobOptions _options;
    private readonly BlobContainerClient _container;
    private readonly string _prefix;
    private readonly string _spoolDirectory;
    private readonly TimeProvider _time;

    /// <param name="spoolDirectory">Local; holds drafts until they are committed: there has to be room for the largest blobs.</param>
    /// <param name="time">Tells whether a signature has ended; null for the system's.</param>
    /// <exception cref="ArgumentException">The options cannot be used.</exception>
    public AzureBlobStore(AzureBlobOptions options, string spoolDirectory, TimeProvider? time = null)
    {
        (_options, _spoolDirectory, _time) = (options, spoolDirectory, time ?? TimeProvider.System);
        _container = options.Open();
        _prefix = options.Prefix.Trim('/') is { Length: > 0 } prefix ? prefix + "/" : "";
        // Without the query: that is where the signature is.
        Location = $"{_container.Uri.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{_prefix}".TrimEnd('/');
    }

    public string Location { get; }

    /// <summary>Makes the container if it is missing. Not done by itself: a misspelt name would begin an empty archive.</summary>
    /// <exception cref="StorageException"><see cref="Reason.ContainerMissing"/>: it is missing, and the credentials may not make it; or the
    /// store failed.</exception>
    public async Task EnsureContainerAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Listed first: credentials for one container do not allow to create it, not even where it exists.
            await using var blobs = ListAsync("", cancellationToken).GetAsyncEnumerator(cancellationToken);
            await blobs.MoveNextAsync();
        }
        catch (StorageException exception) when (exception.Reason == Reason.ContainerMissing)
        {
            await CreateAsync(exception, cancellationToken);
        }
    }

    /// <summary>Tries all that leases and notes take: to write a blob, to overwrite it, to read and to remove it.</summary>
    /// <exception cref="StorageException">One of that is not possible; the message says which.</exception>
    public async Task EnsureChangeableAsync(CancellationToken cancellationToken)
    {
        var name = $"probe/{Guid.NewGuid():n}";
        try
        {
            await ReplaceAsync(name, "1"u8.ToArray(), cancellationToken);
            await ReplaceAsync(name, "2"u8.ToArray(), cancellationToken);
            await (await OpenAsync(name, 0, 1, cancellationToken)).DisposeAsync();
            await DeleteAsync(name, cancellationToken);
        }
        catch (StorageException exception) when (exception.Reason == Reason.BlobImmutable)
        {
            throw new StorageException(
                Reason.AccessDenied,
                $"{exception.Message} Leases and notes of an archive are overwritten and removed all the time, which an "
                    + "immutability policy or a legal hold does not allow: give another place for them, "
                    + "with archive.controlStore in the job file, or --control-store."
            );
        }
    }

    public Task<IBlobDraft> DraftAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IBlobDraft>(new AzureBlobDraft(this, DraftFile.Create(_spoolDirectory)));
    }

    public Task<BlobInfo?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var blob = ClientOf(name);
        return AzureFailure.GuardAsync(
            Call(name, AzurePermission.Read),
            async () =>
            {
                try
                {
                    var found = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
                    return Describe(name, found.ContentLength, found.LastModified, found.AccessTier, found.ArchiveStatus);
                }
                catch (RequestFailedException exception)
                    when (exception.Status == 404 && exception.ErrorCode != BlobErrorCode.ContainerNotFound)
                {
                    return null;
                }
            },
            cancellationToken
        );
    }

    public async IAsyncEnumerable<BlobInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BlobName.RequirePrefix(prefix);
        var listing = _container.GetBlobsAsync(new GetBlobsOptions { Prefix = _prefix + prefix }, cancellationToken).AsPages();
        await using var pages = listing.GetAsyncEnumerator(cancellationToken);
        while (await AzureFailure.GuardAsync(Call(null, AzurePermission.List), () => pages.MoveNextAsync().AsTask(), cancellationToken))
        {
            foreach (var blob in pages.Current.Values)
            {
                // What others have put into the container is none of ours.
                if (blob.Name[_prefix.Length..] is var name && BlobName.IsValid(name))
                    yield return Describe(
                        name,
                        blob.Properties.ContentLength ?? 0,
                        blob.Properties.LastModified ?? default,
                        blob.Properties.AccessTier?.ToString(),
                        blob.Properties.ArchiveStatus?.ToString()
                    );
            }
        }
    }

    public async Task<Stream> OpenAsync(string name, long offset, long length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var blob = ClientOf(name);
        // A range of HTTP has at least one octet; that there is a blob has to be asked all the same.
        var range = new HttpRange(
            offset,
            length == 0 ? 1
                : length > long.MaxValue - offset ? null
                : length
        );
        var call = Call(name, AzurePermission.Read);
        return await AzureFailure.GuardAsync(
            call,
            async () =>
            {
                try
                {
                    var opened = await blob.DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancellationToken);
                    return new BlobStream(opened.Value.Content, length, exception => AzureFailure.Translate(call, exception));
                }
                catch (RequestFailedException exception) when (exception.Status == 416)
                {
                    return Stream.Null;
                }
            },
            cancellationToken
        );
    }

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var blob = ClientOf(name);
        var options = new BlobUploadOptions { AccessTier = _options.TierOf(name) };
        return AzureFailure.GuardAsync(
            Call(name, AzurePermission.Write),
            () => blob.UploadAsync(BinaryData.FromBytes(content), options, cancellationToken),
            cancellationToken
        );
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var blob = ClientOf(name);
        return AzureFailure.GuardAsync(
            Call(name, AzurePermission.Delete),
            async () =>
            {
                try
                {
                    await blob.DeleteAsync(cancellationToken: cancellationToken);
                }
                catch (RequestFailedException exception)
                    when (exception.Status == 404 && exception.ErrorCode != BlobErrorCode.ContainerNotFound)
                {
                    // Not there either. Of a container that is not there, DeleteIfExistsAsync would say the same.
                }
                return true;
            },
            cancellationToken
        );
    }

    public Task RehydrateAsync(string name, string tier, bool highPriority, CancellationToken cancellationToken)
    {
        var blob = ClientOf(name);
        var target = tier switch
        {
            "hot" => AccessTier.Hot,
            "cool" => AccessTier.Cool,
            "cold" => AccessTier.Cold,
            _ => throw new ArgumentException($"\"{tier}\" is not a tier that can be read.", nameof(tier)),
        };
        return AzureFailure.GuardAsync(
            Call(name, AzurePermission.Write),
            async () =>
            {
                try
                {
                    await blob.SetAccessTierAsync(
                        target,
                        rehydratePriority: highPriority ? RehydratePriority.High : RehydratePriority.Standard,
                        cancellationToken: cancellationToken
                    );
                }
                catch (RequestFailedException exception) when (exception.ErrorCode == "BlobBeingRehydrated")
                {
                    // It was asked for already, for another tier: that stays.
                }
                return true;
            },
            cancellationToken
        );
    }

    public ValueTask DisposeAsync() => default;

    /// <param name="name">Of a blob; null for the container.</param>
    internal AzureCall Call(string? name, AzurePermission needs) =>
        new(
            name is null ? Location : $"{Location}/{name}",
            $"the container \"{_container.Name}\"{(_options.Role.Length == 0 ? "" : $" ({_options.Role})")}",
            needs,
            _options.Access,
            _time
        );

    internal AccessTier? TierOf(string name) => _options.TierOf(name);

    internal BlobClient ClientOf(string name)
    {
        BlobName.Require(name);
        return _container.GetBlobClient(_prefix + name);
    }

    private async Task CreateAsync(StorageException missing, CancellationToken cancellationToken)
    {
        try
        {
            await AzureFailure.GuardAsync(
                Call(null, AzurePermission.CreateContainer),
                () => _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
                cancellationToken
            );
        }
        catch (StorageException exception) when (exception.Reason == Reason.AccessDenied)
        {
            throw new StorageException(Reason.ContainerMissing, $"{missing.Message} It could not be created either: {exception.Message}");
        }
    }

    private static BlobInfo Describe(string name, long size, DateTimeOffset modified, string? tier, string? archiveStatus) =>
        new(name, size, modified)
        {
            Tier = tier?.ToLowerInvariant(),
            Access =
                !string.Equals(tier, "Archive", StringComparison.OrdinalIgnoreCase) ? BlobAccess.Online
                : string.IsNullOrEmpty(archiveStatus) ? BlobAccess.Offline
                : BlobAccess.Returning,
        };
}
