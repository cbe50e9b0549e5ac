using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using Microsoft.Extensions.Configuration;
using Migrator.App.Hosting;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>Archives that a service keeps open from run to run.</summary>
public sealed class OpenArchivesTests(AzuriteFixture azurite) : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("open-archives");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task A_signature_that_was_replaced_counts_from_the_next_run_on()
    {
        var server = await azurite.StartedAsync();
        var container = new BlobContainerClient(
            server.ConnectionString,
            AzuriteServer.NewContainer(),
            new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04)
        );
        await container.CreateAsync(cancellationToken: Stop);
        var file = Path.Combine(_state.FullName, "sas");
        var reference = new ArchiveReference(
            container.Uri.ToString(),
            null,
            SecretReference.Parse($"file:{file}", _state.FullName),
            null,
            null,
            null,
            null,
            new Dictionary<string, string>()
        );
        using var service = CommandContext.Open(_state.FullName, new ConfigurationBuilder().Build(), new OutputOptions(), Stop);
        Sign(1);
        await Run().Archive(reference).CreateAsync(KeyDerivation.Argon2id, 0, Stop);
        var archives = new ArchiveCache();

        var first = await archives.OpenAsync(reference, Run(), Stop);
        Assert.Same(first, await archives.OpenAsync(reference, Run(), Stop));
        Sign(2);
        var second = await archives.OpenAsync(reference, Run(), Stop);

        Assert.NotSame(first, second);
        Assert.Same(second, await archives.OpenAsync(reference, Run(), Stop));
        // One that has ended ends the run with words, and leaves the next one another chance.
        Sign(-1);
        Assert.Equal(
            Reason.AccessDenied,
            (await Assert.ThrowsAsync<StorageException>(() => archives.OpenAsync(reference, Run(), Stop))).Reason
        );
        Sign(3);
        await archives.OpenAsync(reference, Run(), Stop);

        StoreFactory Run() => service.ForRun(service.Paths.Spools).Stores;
        void Sign(int hours)
        {
            var now = DateTimeOffset.UtcNow;
            File.WriteAllText(
                file,
                container
                    .GenerateSasUri(
                        new BlobSasBuilder(
                            BlobContainerSasPermissions.Read
                                | BlobContainerSasPermissions.Write
                                | BlobContainerSasPermissions.List
                                | BlobContainerSasPermissions.Delete,
                            now.AddHours(hours)
                        )
                    )
                    .Query
            );
        }
    }
}
