using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Migrator.Core.Blobs;
using Migrator.Storage.Blobs.Azure;
using Migrator.Storage.Blobs.Files;
using Migrator.Tests.Memory;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Conformance;

public sealed class FileBlobStoreTests : BlobStoreConformance
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("blobs");

    protected override Task<IBlobStore> OpenStoreAsync() =>
        Task.FromResult<IBlobStore>(new FileBlobStore(Path.Combine(_directory.FullName, "new", "archive"), TimeProvider.System));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}

public sealed class AzureBlobStoreTests(AzuriteFixture azurite) : BlobStoreConformance
{
    private readonly DirectoryInfo _spool = Directory.CreateTempSubdirectory("blobs");
    private readonly string _container = AzuriteServer.NewContainer();

    protected override async Task<IBlobStore> OpenStoreAsync()
    {
        var server = await azurite.StartedAsync();
        var store = new AzureBlobStore(
            AzureBlobOptions.FromConnectionString(server.ConnectionString, _container) with
            {
                Prefix = "some/where",
            },
            _spool.FullName
        );
        await store.EnsureContainerAsync(Stop);
        return store;
    }

    protected override async Task<bool> TakeOfflineAsync(string name)
    {
        var server = await azurite.StartedAsync();
        await new BlobContainerClient(
            server.ConnectionString,
            _container,
            new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04)
        )
            .GetBlobClient($"some/where/{name}")
            .SetAccessTierAsync(AccessTier.Archive, cancellationToken: Stop);
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _spool.Delete(recursive: true);
    }
}

public sealed class MemoryBlobStoreTests : BlobStoreConformance
{
    private readonly MemoryBlobStore _store = new();

    protected override Task<IBlobStore> OpenStoreAsync() => Task.FromResult<IBlobStore>(_store);

    protected override Task<bool> TakeOfflineAsync(string name)
    {
        _store.Move(name, BlobAccess.Offline);
        return Task.FromResult(true);
    }
}
