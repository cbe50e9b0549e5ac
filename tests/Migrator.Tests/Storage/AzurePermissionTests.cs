using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using Migrator.Core.Failures;
using Migrator.Core.Migrations;
using Migrator.Storage.Blobs.Azure;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Storage;

/// <summary>A permission that is missing is named, with its container, whatever is tried.</summary>
public sealed class AzurePermissionTests(AzuriteFixture azurite) : IDisposable
{
    private readonly DirectoryInfo _spool = Directory.CreateTempSubdirectory("blobs");
    private readonly string _container = AzuriteServer.NewContainer();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _spool.Delete(recursive: true);

    [Theory]
    [InlineData(
        "list",
        BlobContainerSasPermissions.Read | BlobContainerSasPermissions.Write | BlobContainerSasPermissions.Delete,
        "list (l)"
    )]
    [InlineData(
        "ensure",
        BlobContainerSasPermissions.Read | BlobContainerSasPermissions.Write | BlobContainerSasPermissions.Delete,
        "list (l)"
    )]
    [InlineData(
        "find",
        BlobContainerSasPermissions.List | BlobContainerSasPermissions.Write | BlobContainerSasPermissions.Delete,
        "read (r)"
    )]
    [InlineData(
        "open",
        BlobContainerSasPermissions.List | BlobContainerSasPermissions.Write | BlobContainerSasPermissions.Delete,
        "read (r)"
    )]
    [InlineData(
        "commit",
        BlobContainerSasPermissions.List | BlobContainerSasPermissions.Read | BlobContainerSasPermissions.Delete,
        "write (w)"
    )]
    [InlineData(
        "replace",
        BlobContainerSasPermissions.List | BlobContainerSasPermissions.Read | BlobContainerSasPermissions.Delete,
        "write (w)"
    )]
    [InlineData(
        "rehydrate",
        BlobContainerSasPermissions.List | BlobContainerSasPermissions.Read | BlobContainerSasPermissions.Delete,
        "write (w)"
    )]
    [InlineData(
        "delete",
        BlobContainerSasPermissions.List | BlobContainerSasPermissions.Read | BlobContainerSasPermissions.Write,
        "delete (d)"
    )]
    [InlineData(
        "change",
        BlobContainerSasPermissions.List | BlobContainerSasPermissions.Read | BlobContainerSasPermissions.Write,
        "delete (d)"
    )]
    public async Task Each_request_says_what_it_lacks(string what, BlobContainerSasPermissions allowed, string missing)
    {
        var container = await MadeAsync();
        await container.GetBlobClient("a").UploadAsync(BinaryData.FromString("x"), Stop);
        await using var store = Open(container.GenerateSasUri(allowed, DateTimeOffset.UtcNow.AddHours(1)));

        var exception = await Assert.ThrowsAsync<StorageException>(() =>
            what switch
            {
                "list" => store.ListAsync("", Stop).ToListAsync(Stop).AsTask(),
                "ensure" => store.EnsureContainerAsync(Stop),
                "find" => store.FindAsync("a", Stop),
                "open" => store.OpenAsync("a", 0, 1, Stop),
                "commit" => CommitAsync(store),
                "replace" => store.ReplaceAsync("a", new byte[1], Stop),
                "rehydrate" => store.RehydrateAsync("a", "hot", false, Stop),
                "delete" => store.DeleteAsync("a", Stop),
                _ => store.EnsureChangeableAsync(Stop),
            }
        );

        Assert.Equal(Reason.AccessDenied, exception.Reason);
        Assert.Contains($"the container \"{_container}\" (the control store): it lacks the permission {missing}", exception.Message);
        Assert.DoesNotContain("sig=", exception.ToString());
    }

    [Fact]
    public async Task A_container_that_is_missing_and_may_not_be_made_says_both()
    {
        var server = await azurite.StartedAsync();
        var container = new BlobContainerClient(
            server.ConnectionString,
            _container,
            new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04)
        );
        await using var store = Open(container.GenerateSasUri(BlobContainerSasPermissions.All, DateTimeOffset.UtcNow.AddHours(1)));

        var exception = await Assert.ThrowsAsync<StorageException>(() => store.EnsureContainerAsync(Stop));

        Assert.Equal(Reason.ContainerMissing, exception.Reason);
        Assert.Contains($"the container \"{_container}\" (the control store) does not exist", exception.Message);
        Assert.Contains("It could not be created either", exception.Message);
    }

    [Fact]
    public async Task A_place_in_which_nothing_can_be_overwritten_is_no_side()
    {
        using var service = new StubHttpServer(409, "BlobImmutableDueToPolicy");
        await using var store = Open(new Uri(service.Endpoint, "account/container?sig=secret"));

        var exception = await Assert.ThrowsAsync<StorageException>(() => store.EnsureChangeableAsync(Stop));

        Assert.Equal(Reason.AccessDenied, exception.Reason);
        Assert.Contains("give another place for them, with archive.controlStore in the job file, or --control-store", exception.Message);
    }

    [Theory]
    [InlineData("AuthorizationFailure", "network rules")]
    [InlineData("AuthorizationResourceTypeMismatch", "\"srt\" needs container (c) and object (o)")]
    [InlineData("AuthorizationSourceIPMismatch", "\"sip\"")]
    [InlineData("KeyBasedAuthenticationNotPermitted", "leave connectionString and sas out")]
    [InlineData("AuthenticationFailed", "the signature ended at 2020-01-01 00:00:00Z")]
    [InlineData("SomethingNew", "permission read (r), perhaps")]
    public async Task What_else_may_be_wrong_is_said_too(string code, string words)
    {
        using var service = new StubHttpServer(403, code);
        await using var store = Open(new Uri(service.Endpoint, "account/container?sr=c&se=2020-01-01&sig=secret"));

        var exception = await Assert.ThrowsAsync<StorageException>(() => store.FindAsync("a", Stop));

        Assert.Equal(Reason.AccessDenied, exception.Reason);
        Assert.Contains(words, exception.Message);
    }

    private AzureBlobStore Open(Uri signed) =>
        new(AzureBlobOptions.FromSignedUrl(signed) with { Role = "the control store", Retries = 0 }, _spool.FullName);

    private async Task<BlobContainerClient> MadeAsync()
    {
        var server = await azurite.StartedAsync();
        var container = new BlobContainerClient(
            server.ConnectionString,
            _container,
            new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04)
        );
        await container.CreateAsync(cancellationToken: Stop);
        return container;
    }

    private static async Task CommitAsync(AzureBlobStore store)
    {
        await using var draft = await store.DraftAsync(Stop);
        await draft.Content.WriteAsync(new byte[9 << 20], Stop);
        await draft.CommitAsync("b", Stop);
    }
}
