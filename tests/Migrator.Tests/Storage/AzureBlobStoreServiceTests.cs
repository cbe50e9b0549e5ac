using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Migrations;
using Migrator.Storage.Blobs.Azure;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Storage;

/// <summary>What is particular to Azure Storage: credentials, tiers, what the service refuses.</summary>
public sealed class AzureBlobStoreServiceTests(AzuriteFixture azurite) : IDisposable
{
    // Of the right form, and of no account.
    private const string WrongKey = "d3Jvbmdfa2V5X3dyb25nX2tleV93cm9uZ19rZXlfd3Jvbmdfa2V5X3dyb25nX2tleV93cm9uZ19rZXlfd3Jvbg==";

    private readonly DirectoryInfo _spool = Directory.CreateTempSubdirectory("blobs");
    private readonly string _container = AzuriteServer.NewContainer();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _spool.Delete(recursive: true);

    [Fact]
    public async Task The_access_tier_goes_by_the_longest_prefix_of_the_name()
    {
        var server = await azurite.StartedAsync();
        var tiers = new Dictionary<string, AccessTier>
        {
            ["packs/"] = AccessTier.Cool,
            ["packs/now/"] = AccessTier.Hot,
            ["notes/"] = AccessTier.Cold,
        };
        await using var store = await OpenAsync(
            AzureBlobOptions.FromConnectionString(server.ConnectionString, _container) with
            {
                Prefix = "here",
                AccessTiers = tiers,
            }
        );
        await PutAsync(store, "packs/small", 10);
        await PutAsync(store, "packs/large", 9 << 20);
        await PutAsync(store, "packs/now/one", 10);
        await PutAsync(store, "index/one", 10);
        await store.ReplaceAsync("notes/one", new byte[1], Stop);

        var container = new BlobContainerClient(server.ConnectionString, _container, Compatible());
        var found = await container
            .GetBlobsAsync(cancellationToken: Stop)
            .ToDictionaryAsync(
                blob => blob.Name,
                blob => (blob.Properties.AccessTier, blob.Properties.AccessTierInferred),
                cancellationToken: Stop
            );

        Assert.Equal(AccessTier.Cool, found["here/packs/small"].AccessTier);
        Assert.Equal(AccessTier.Cool, found["here/packs/large"].AccessTier);
        Assert.Equal(AccessTier.Hot, found["here/packs/now/one"].AccessTier);
        Assert.Equal(AccessTier.Cold, found["here/notes/one"].AccessTier);
        Assert.True(found["here/index/one"].AccessTierInferred);
    }

    [Fact]
    public async Task A_blob_in_the_archive_tier_is_refused_in_plain_words()
    {
        var server = await azurite.StartedAsync();
        await using var store = await OpenAsync(AzureBlobOptions.FromConnectionString(server.ConnectionString, _container));
        await PutAsync(store, "packs/old", 10);
        await new BlobContainerClient(server.ConnectionString, _container, Compatible())
            .GetBlobClient("packs/old")
            .SetAccessTierAsync(AccessTier.Archive, cancellationToken: Stop);

        var exception = await Assert.ThrowsAsync<StorageException>(() => store.OpenAsync("packs/old", 0, 1, Stop));

        Assert.Equal(Reason.BlobOffline, exception.Reason);
        Assert.Contains("rehydrated", exception.Message);
        Assert.Contains("15 hours", exception.Message);
        Assert.Equal(
            Reason.BlobOffline,
            (await Assert.ThrowsAsync<StorageException>(() => store.ReplaceAsync("packs/old", new byte[1], Stop))).Reason
        );
    }

    [Fact]
    public async Task A_blob_on_its_way_back_is_known_by_listing_and_by_asking()
    {
        // Azurite brings blobs back at once.
        using var service = new StubHttpServer(
            200,
            "",
            """
            <?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://a/" ContainerName="container"><Blobs>
            <Blob><Name>packs/a</Name><Properties><Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified>
              <Content-Length>7</Content-Length><BlobType>BlockBlob</BlobType><AccessTier>Archive</AccessTier>
              <ArchiveStatus>rehydrate-pending-to-cool</ArchiveStatus></Properties></Blob>
            <Blob><Name>packs/b</Name><Properties><Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified>
              <Content-Length>7</Content-Length><BlobType>BlockBlob</BlobType><AccessTier>Archive</AccessTier></Properties></Blob>
            </Blobs><NextMarker /></EnumerationResults>
            """,
            new Dictionary<string, string>
            {
                ["x-ms-access-tier"] = "Archive",
                ["x-ms-archive-status"] = "rehydrate-pending-to-cool",
                ["Last-Modified"] = "Thu, 01 Jan 2026 00:00:00 GMT",
                ["Content-Type"] = "application/xml",
            }
        );
        await using var store = new AzureBlobStore(
            AzureBlobOptions.FromSignedUrl(new Uri(service.Endpoint, "account/container?sig=secret")) with
            {
                Retries = 0,
            },
            _spool.FullName
        );

        Assert.Equal(
            [("packs/a", BlobAccess.Returning), ("packs/b", BlobAccess.Offline)],
            (await store.ListAsync("", Stop).ToListAsync(Stop)).Select(blob => (blob.Name, blob.Access))
        );
        Assert.Equal(
            (BlobAccess.Returning, "archive"),
            ((await store.FindAsync("packs/a", Stop))!.Access, (await store.FindAsync("packs/a", Stop))!.Tier)
        );
    }

    [Fact]
    public async Task A_blob_that_was_asked_for_already_may_be_asked_for_again()
    {
        using var service = new StubHttpServer(409, "BlobBeingRehydrated");
        await using var store = new AzureBlobStore(
            AzureBlobOptions.FromSignedUrl(new Uri(service.Endpoint, "account/container?sig=secret")) with
            {
                Retries = 0,
            },
            _spool.FullName
        );

        await store.RehydrateAsync("packs/a", "hot", true, Stop);

        Assert.Equal(Reason.BlobOffline, (await Assert.ThrowsAsync<StorageException>(() => store.OpenAsync("packs/a", 0, 1, Stop))).Reason);
    }

    [Fact]
    public async Task A_shared_access_signature_is_enough_and_stays_out_of_sight()
    {
        var server = await azurite.StartedAsync();
        await (await OpenAsync(AzureBlobOptions.FromConnectionString(server.ConnectionString, _container))).DisposeAsync();
        var container = new BlobContainerClient(server.ConnectionString, _container, Compatible());
        var url = container.GenerateSasUri(
            BlobContainerSasPermissions.Read
                | BlobContainerSasPermissions.Write
                | BlobContainerSasPermissions.List
                | BlobContainerSasPermissions.Delete,
            DateTimeOffset.UtcNow.AddHours(1)
        );
        var options = AzureBlobOptions.FromSignedUrl(url);

        // As a container's own credentials may not create it, this also shows that it is not tried.
        await using var store = await OpenAsync(options);
        await PutAsync(store, "a/b", 10);

        Assert.Equal("a/b", Assert.Single(await store.ListAsync("", Stop).ToListAsync(Stop)).Name);
        await store.DeleteAsync("a/b", Stop);
        Assert.Equal($"{server.Endpoint}/{_container}", store.Location);
        Assert.DoesNotContain("sig=", options.ToString());
    }

    [Theory]
    [InlineData("key")]
    [InlineData("signature")]
    public async Task Wrong_credentials_are_refused_without_repeating_them(string kind)
    {
        var server = await azurite.StartedAsync();
        const string signature = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI%3D";
        var options =
            kind == "key"
                ? AzureBlobOptions.FromConnectionString(server.ConnectionString.Replace(AzuriteServer.Key, WrongKey), _container)
                : AzureBlobOptions.FromSignedUrl(
                    new Uri($"{server.Endpoint}/{_container}?sv=2024-11-04&se=2099-01-01T00%3A00%3A00Z&sr=c&sp=rwdl&sig={signature}")
                );
        await using var store = new AzureBlobStore(options, _spool.FullName);

        foreach (var call in Calls(store))
        {
            var exception = await Assert.ThrowsAsync<StorageException>(call);
            Assert.Equal(Reason.AccessDenied, exception.Reason);
            Assert.Contains(store.Location, exception.Message);
            // As logged, with causes.
            foreach (var secret in new[] { WrongKey, signature, Uri.UnescapeDataString(signature), "sig=" })
                Assert.DoesNotContain(secret, exception + store.Location);
        }
    }

    [Fact]
    public async Task A_missing_container_is_no_empty_archive()
    {
        var server = await azurite.StartedAsync();
        await using var store = new AzureBlobStore(
            AzureBlobOptions.FromConnectionString(server.ConnectionString, "misspelt"),
            _spool.FullName
        );

        foreach (var call in Calls(store).Append(() => store.DeleteAsync("a", Stop)))
        {
            var exception = await Assert.ThrowsAsync<StorageException>(call);
            Assert.Equal(Reason.ContainerMissing, exception.Reason);
            Assert.Contains("the container \"misspelt\" does not exist", exception.Message);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_host_that_does_not_answer_is_unreachable(int retries)
    {
        var port = DovecotServer.FreePorts(1)[0];
        await using var store = new AzureBlobStore(
            AzureBlobOptions.FromSignedUrl(new Uri($"http://127.0.0.1:{port}/account/container?sig=secret")) with
            {
                Retries = retries,
            },
            _spool.FullName
        );

        var exception = await Assert.ThrowsAsync<StorageException>(() => store.FindAsync("a", Stop));

        Assert.Equal(Reason.StoreUnreachable, exception.Reason);
        Assert.DoesNotContain("secret", exception.ToString());
    }

    [Theory]
    [InlineData(409, "BlobImmutableDueToPolicy", "blob-immutable")]
    [InlineData(409, "SnapshotsPresent", "access-denied")]
    [InlineData(403, "AuthorizationPermissionMismatch", "access-denied")]
    [InlineData(409, "BlobArchived", "blob-offline")]
    [InlineData(409, "BlobBeingRehydrated", "blob-offline")]
    [InlineData(503, "ServerBusy", "store-unreachable")]
    public async Task What_the_service_says_is_passed_on_as_a_reason(int status, string code, string reason)
    {
        using var service = new StubHttpServer(status, code);
        await using var store = new AzureBlobStore(
            AzureBlobOptions.FromSignedUrl(new Uri(service.Endpoint, "account/container?sig=secret")) with
            {
                Retries = 0,
            },
            _spool.FullName
        );

        foreach (var call in new Func<Task>[] { () => store.DeleteAsync("a", Stop), () => store.ReplaceAsync("a", new byte[1], Stop) })
        {
            var exception = await Assert.ThrowsAsync<StorageException>(call);
            Assert.Equal(reason, exception.Reason.Code);
            Assert.Contains(code, exception.Message);
            Assert.DoesNotContain("secret", exception.ToString());
        }
    }

    [Fact]
    public async Task Drafts_leave_nothing_on_the_disk_not_even_while_they_are_written()
    {
        var server = await azurite.StartedAsync();
        await using var store = new AzureBlobStore(
            AzureBlobOptions.FromConnectionString(server.ConnectionString, _container),
            _spool.FullName
        );

        await using var draft = await store.DraftAsync(Stop);
        await draft.Content.WriteAsync(new byte[1 << 20], Stop);

        Assert.Empty(_spool.GetFiles());
    }

    [Fact]
    public void A_connection_string_that_is_none_is_not_repeated()
    {
        var exception = Assert.Throws<ArgumentException>(() =>
            new AzureBlobStore(AzureBlobOptions.FromConnectionString("AccountName=a;AccountKey=sec ret;x", "c"), _spool.FullName)
        );

        Assert.DoesNotContain("sec", exception.ToString().Split(" at ")[0]);
    }

    [Fact]
    public void A_token_goes_over_https_only() =>
        Assert.Throws<ArgumentException>(() => AzureBlobOptions.FromCredential(new Uri("http://account.blob.example/container")));

    private static BlobClientOptions Compatible() => new(BlobClientOptions.ServiceVersion.V2024_11_04);

    private static Func<Task>[] Calls(AzureBlobStore store) =>
        [
            () => PutAsync(store, "a", 1),
            () => PutAsync(store, "a", 9 << 20),
            () => store.FindAsync("a", Stop),
            () => store.ListAsync("", Stop).ToListAsync(Stop).AsTask(),
            () => store.OpenAsync("a", 0, 1, Stop),
            () => store.ReplaceAsync("a", new byte[1], Stop),
        ];

    private async Task<AzureBlobStore> OpenAsync(AzureBlobOptions options)
    {
        var store = new AzureBlobStore(options, _spool.FullName);
        await store.EnsureContainerAsync(Stop);
        return store;
    }

    private static async Task PutAsync(AzureBlobStore store, string name, int size)
    {
        await using var draft = await store.DraftAsync(Stop);
        await draft.Content.WriteAsync(new byte[size], Stop);
        Assert.True(await draft.CommitAsync(name, Stop));
    }
}
