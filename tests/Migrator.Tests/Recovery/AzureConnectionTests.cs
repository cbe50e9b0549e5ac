using Migrator.Core.Failures;
using Migrator.Core.Migrations;
using Migrator.Storage.Blobs.Azure;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Recovery;

/// <summary>Connections to Azure Storage that are lost.</summary>
public sealed class AzureConnectionTests(AzuriteFixture azurite) : IDisposable
{
    private readonly DirectoryInfo _spool = Directory.CreateTempSubdirectory("blobs");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _spool.Delete(recursive: true);

    [Theory]
    [InlineData(1000)]
    [InlineData(9 << 20)]
    public async Task A_commit_whose_answer_was_lost_is_known_for_ones_own(int size)
    {
        var server = await azurite.StartedAsync();
        await using var proxy = new LoopbackProxy(server.Endpoint.Port);
        await using var store = await OpenAsync(server, proxy, retries: 3);
        await using var draft = await store.DraftAsync(Stop);
        await draft.Content.WriteAsync(new byte[size], Stop);
        var committing = size == 1000;
        proxy.CutWhen = (fromServer, text) =>
        {
            committing |= !fromServer && text.Contains("comp=blocklist");
            return fromServer && committing && proxy.Cuts == 0 && text.Contains(" 201 ");
        };

        Assert.True(await draft.CommitAsync("a/b", Stop));

        Assert.Equal(1, proxy.Cuts);
        Assert.Equal(size, (await store.FindAsync("a/b", Stop))!.Size);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_lost_while_a_blob_is_read_is_made_again_or_is_a_failure_of_the_store(bool comesBack)
    {
        var server = await azurite.StartedAsync();
        await using var proxy = new LoopbackProxy(server.Endpoint.Port);
        await using var store = await OpenAsync(server, proxy, retries: 0);
        var bytes = new byte[6 << 20];
        new Random(3).NextBytes(bytes);
        await using (var draft = await store.DraftAsync(Stop))
        {
            await draft.Content.WriteAsync(bytes, Stop);
            await draft.CommitAsync("a/b", Stop);
        }
        long passed = 0;
        proxy.CutWhen = (fromServer, text) =>
            fromServer && Interlocked.Add(ref passed, text.Length) > 1 << 20 && !(comesBack && proxy.Cuts > 0);

        using var read = new MemoryStream();
        async Task ReadAsync()
        {
            await using var content = await store.OpenAsync("a/b", 0, long.MaxValue, Stop);
            await content.CopyToAsync(read, Stop);
        }

        if (comesBack)
        {
            await ReadAsync();
            Assert.Equal(bytes, read.ToArray());
        }
        else
            Assert.Equal(Reason.StoreUnreachable, (await Assert.ThrowsAsync<StorageException>(ReadAsync)).Reason);
        Assert.NotEqual(0, proxy.Cuts);
    }

    private async Task<AzureBlobStore> OpenAsync(AzuriteServer server, LoopbackProxy proxy, int retries)
    {
        var throughProxy = server.ConnectionString.Replace($":{server.Endpoint.Port}/", $":{proxy.Port}/");
        var store = new AzureBlobStore(
            AzureBlobOptions.FromConnectionString(throughProxy, AzuriteServer.NewContainer()) with
            {
                Retries = retries,
            },
            _spool.FullName
        );
        await store.EnsureContainerAsync(Stop);
        return store;
    }
}
