using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Migrator.Core.Blobs;

namespace Migrator.Storage.Blobs.Azure;

/// <summary>A local file, sent as a whole when it is committed: the name is known only then.</summary>
/// <remarks>Blocks are put here and not by the SDK's UploadAsync: that one names blocks by their offset, so that two who upload the
/// same name at the same time overwrite each other's, and a blob of both is committed.</remarks>
internal sealed class AzureBlobDraft : IBlobDraft
{
    private const int BlockSize = 4 << 20, Parallel = 2;
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
        var blob = _store.BlocksOf(name);
        if (_committed)
            throw new InvalidOperationException("A draft is committed once.");
        _committed = true;
        return AzureFailure.GuardAsync(_store.Describe(name), () => SendAsync(blob, _store.TierOf(name), cancellationToken), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _file.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Octets that nobody wants any more did not fit on the disk.
        }
    }

    private async Task<bool> SendAsync(BlockBlobClient blob, AccessTier? tier, CancellationToken cancellationToken)
    {
        Flush();
        var unlessThere = new BlobRequestConditions { IfNoneMatch = ETag.All };
        var metadata = new Dictionary<string, string> { [Mark] = _mark };
        try
        {
            if (_file.Length <= BlockSize)
            {
                _file.Position = 0;
                await blob.UploadAsync(_file, new BlobUploadOptions { Conditions = unlessThere, Metadata = metadata, AccessTier = tier }, cancellationToken).ConfigureAwait(false);
                return true;
            }
            // Saves sending all of it.
            if (await MarkOfAsync(blob, cancellationToken).ConfigureAwait(false) is not null)
                return false;
            var blocks = await StageAsync(blob, cancellationToken).ConfigureAwait(false);
            await blob.CommitBlockListAsync(blocks, new CommitBlockListOptions { Conditions = unlessThere, Metadata = metadata, AccessTier = tier }, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 409 or 412 || exception.ErrorCode == BlobErrorCode.InvalidBlockList)
        {
            // There already; or blocks are gone because somebody else has committed a blob of that name meanwhile.
            if (await MarkOfAsync(blob, cancellationToken).ConfigureAwait(false) is { } mark)
                return mark == _mark;
            throw;
        }
    }

    private async Task<List<string>> StageAsync(BlockBlobClient blob, CancellationToken cancellationToken)
    {
        var length = _file.Length;
        var ids = Enumerable.Range(0, (int)((length + BlockSize - 1) / BlockSize)).Select(_ => Convert.ToBase64String(Guid.NewGuid().ToByteArray())).ToList();
        var limit = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };
        await System.Threading.Tasks.Parallel.ForAsync(0, ids.Count, limit, async (index, stop) =>
        {
            var offset = (long)index * BlockSize;
            var block = new byte[Math.Min(BlockSize, length - offset)];
            await ReadAsync(block, offset, stop).ConfigureAwait(false);
            await blob.StageBlockAsync(ids[index], new MemoryStream(block, writable: false), cancellationToken: stop).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return ids;
    }

    private async Task ReadAsync(Memory<byte> block, long offset, CancellationToken cancellationToken)
    {
        while (block.Length > 0)
        {
            var read = await RandomAccess.ReadAsync(_file.SafeFileHandle, block, offset, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw DraftFile.Translate(Path.GetDirectoryName(_file.Name)!, new EndOfStreamException())!;
            block = block[read..];
            offset += read;
        }
    }

    private void Flush()
    {
        try
        {
            _file.Flush();
        }
        catch (Exception exception) when (DraftFile.Translate(Path.GetDirectoryName(_file.Name)!, exception) is { } failure)
        {
            throw failure;
        }
    }

    /// <returns>Null where there is no blob; empty where it has no mark.</returns>
    private static async Task<string?> MarkOfAsync(BlockBlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            var found = await blob.GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            return found.Value.Metadata.TryGetValue(Mark, out var mark) ? mark : "";
        }
        catch (RequestFailedException exception) when (exception.Status == 404 && exception.ErrorCode != BlobErrorCode.ContainerNotFound)
        {
            return null;
        }
    }
}
