using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Core.Runs;
using Migrator.Mail.Imap;
using Migrator.Storage.Blobs.Azure;
using Migrator.Storage.Blobs.Files;
using Migrator.Tests.Corpus;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Odd messages into archives and out again, judged by a client that is not the product's.</summary>
public sealed class RoundTripTests(DovecotFixture servers, AzuriteFixture azurite) : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("archive");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("files", null)]
    [InlineData("files", "correct horse")]
    [InlineData("azure", null)]
    [InlineData("azure", "correct horse")]
    public async Task Every_odd_message_comes_out_as_it_went_in(string kind, string? passphrase)
    {
        await using var mail = new Harness(servers.Old, servers.New);
        await using (var imap = await mail.SourceAsync())
        {
            foreach (var message in new[] { OddMessages.Huge }.Concat(OddMessages.All))
            {
                if (message.OnDisk)
                    mail.Old.DeliverRaw(mail.SourceUser, message.Octets, message.Date ?? DateTimeOffset.UnixEpoch.AddYears(40));
                else
                    await imap.AppendAsync("INBOX", message.Octets, message.Flags, message.Date);
            }
        }
        await using var archives = await ArchiveAsync(kind, passphrase);

        var report = await archives.BackUpAsync(mail.Job.Source.Account, mail.Ends.OpenSource, Stop);
        var snapshot = await archives.LatestAsync(mail.Job.Source.Account, Stop);
        var restored = await archives.RestoreAsync(snapshot, mail.Job.Target.Account, mail.Ends.OpenTarget, Stop);

        Assert.Equal((RunOutcome.Complete, OddMessages.All.Count + 1L, true), (report.Outcome, report.Total.Delivered, report.Total.AddsUp));
        Assert.Equal((SnapshotState.Complete, OddMessages.All.Count + 1L), (snapshot.State, snapshot.Messages));
        Assert.Equal(OddMessages.All.Count + 1L, restored.Total.Delivered);
        (await mail.SourceContentAsync()).ShouldEqual(await mail.TargetContentAsync());
    }

    private async Task<ArchiveHarness> ArchiveAsync(string kind, string? passphrase)
    {
        ArchiveHarness archives;
        if (kind == "azure")
        {
            var server = await azurite.StartedAsync();
            var container = AzuriteServer.NewContainer();
            var (store, side) = (new AzureBlobStore(AzureBlobOptions.FromConnectionString(server.ConnectionString, container), _directory.FullName),
                new AzureBlobStore(AzureBlobOptions.FromConnectionString(server.ConnectionString, container + "-side"), _directory.FullName));
            await store.EnsureContainerAsync(Stop);
            await side.EnsureContainerAsync(Stop);
            archives = new ArchiveHarness(store, side, passphrase: passphrase);
        }
        else
        {
            archives = new ArchiveHarness(new FileBlobStore(Path.Combine(_directory.FullName, "a"), TimeProvider.System), new FileBlobStore(Path.Combine(_directory.FullName, "b"), TimeProvider.System), passphrase: passphrase);
        }
        await archives.CreateAsync(Stop);
        return archives;
    }
}
