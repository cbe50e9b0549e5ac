using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Migrator.Core.Blobs;

namespace Migrator.Storage.Blobs.Azure;

/// <summary>A local file, sent as a whole when it is committed: the name is known only then.</summary>
internal sealed class AzureBlobDraft : IBlobDraft
{
    private const int BlockSize = 4 << 20;
    private const string Mark = "draft";

    private readonly AzureBlobStore _store;
    private readonly FileStream _file;

    // Tells a blob of ours from that of another: a request that is repeated after its answer was lost finds its own blob there.
    private readonly string _mark = Guid.NewGuid().ToString("n");
    private bool _committed;

    internal AzureBlobDraft(AzureBlobStore store, FileStream file)
    {
        (_store, _file) = (store, file);
        var directory = Path.GetDirectoryName(file.Name)!;
        Content = new BlobStream(file, 0, exception => DraftFile.Translate(directory, exception), leaveOpen: true);
    }

    public Stream Content { get; }

    public Task<bool> CommitAsync(string name, CancellationToken cancellationToken)
    {
        var blob = _store.ClientOf(name);
        if (_committed)
            throw new InvalidOperationException("A draft is committed once.");
        _committed = true;
        return AzureFailure.GuardAsync(
            _store.Call(name, AzurePermission.Write),
            () => SendAsync(blob, _store.TierOf(name), cancellationToken),
            cancellationToken
        );
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _file.DisposeAsync();
        }
        catch (IOException)
        {
            // Bytes that nobody wants any more did not fit on the disk.
        }
    }

    private async Task<bool> SendAsync(BlobClient blob, AccessTier? tier, CancellationToken cancellationToken)
    {
        Rewind();
        var options = new BlobUploadOptions
        {
            Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
            Metadata = new Dictionary<string, string> { [Mark] = _mark },
            AccessTier = tier,
            // 4 MiB: what a slow line brings through before it times out. Two blocks are in memory at once.
            TransferOptions = new StorageTransferOptions
            {
                InitialTransferSize = BlockSize,
                MaximumTransferSize = BlockSize,
                MaximumConcurrency = 2,
            },
        };
        try
        {
            // Saves sending all of it.
            if (_file.Length > BlockSize && await MarkOfAsync(blob, cancellationToken) is not null)
                return false;
            await blob.UploadAsync(_file, options, cancellationToken);
            return true;
        }
        catch (RequestFailedException exception)
            when (exception.Status is 409 or 412 || exception.ErrorCode == BlobErrorCode.InvalidBlockList)
        {
            // There already; or blocks are gone because somebody else has committed a blob of that name meanwhile.
            if (await MarkOfAsync(blob, cancellationToken) is { } mark)
                return mark == _mark;
            throw;
        }
    }

    private void Rewind()
    {
        try
        {
            _file.Flush();
            _file.Position = 0;
        }
        catch (Exception exception) when (DraftFile.Translate(Path.GetDirectoryName(_file.Name)!, exception) is { } failure)
        {
            throw failure;
        }
    }

    /// <returns>Null where there is no blob; empty where it has no mark.</returns>
    private static async Task<string?> MarkOfAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            var found = await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
            return found.Value.Metadata.TryGetValue(Mark, out var mark) ? mark : "";
        }
        catch (RequestFailedException exception) when (exception.Status == 404 && exception.ErrorCode != BlobErrorCode.ContainerNotFound)
        {
            return null;
        }
    }
}
