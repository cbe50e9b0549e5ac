using System.Text;
using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Mail.Pop3;
using Migrator.Storage.Blobs.Azure;
using Migrator.Storage.Blobs.Files;
using Migrator.Tests.Corpus;
using Migrator.Tests.Mail;
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
        await new[] { OddMessages.Huge }.Concat(OddMessages.All).ToList().DeliverAsync(mail.Old, mail.SourceUser);
        await using var archives = await ArchiveAsync(kind, passphrase);

        var report = await archives.BackUpAsync(mail.Job.Source.Account, mail.Ends.OpenSource, Stop);
        var snapshot = await archives.LatestAsync(mail.Job.Source.Account, Stop);
        var restored = await archives.RestoreAsync(snapshot, mail.Job.Target.Account, mail.Ends.OpenTarget, Stop);

        Assert.Equal(
            (RunOutcome.Complete, OddMessages.All.Count + 1L, true),
            (report.Outcome, report.Total.Delivered, report.Total.AddsUp)
        );
        Assert.Equal((SnapshotState.Complete, OddMessages.All.Count + 1L), (snapshot.State, snapshot.Messages));
        Assert.Equal(OddMessages.All.Count + 1L, restored.Total.Delivered);
        (await mail.SourceContentAsync()).ShouldEqual(await mail.TargetContentAsync());
    }

    [Theory]
    [InlineData("files", null)]
    [InlineData("files", "correct horse")]
    [InlineData("azure", null)]
    [InlineData("azure", "correct horse")]
    public async Task Every_odd_message_downloaded_by_POP3_comes_out_as_the_server_gave_it(string kind, string? passphrase)
    {
        var box = new Pop3Box(servers.Old);
        await OddMessages.All.DeliverAsync(servers.Old, box.User);
        var given = await box.ReadAsync(cancellationToken: Stop);
        var restored = DovecotServer.NewUser("restored");
        await using var archives = await ArchiveAsync(kind, passphrase);
        var account = box.Address().Account;

        var report = await archives.BackUpAsync(
            account,
            async (uidMap, stop) =>
                await new Pop3Connector(box.Address(), DovecotServer.Password, uidMap, TimeProvider.System).OpenSourceAsync(stop),
            Stop
        );
        var snapshot = await archives.LatestAsync(account, Stop);
        var received = new ReceivedMail();
        await using (var session = await (await archives.SessionsAsync(snapshot, Stop))(Stop))
        {
            await session.OpenAsync(FolderPath.Inbox, Stop);
            await session.FetchAsync(await session.ListUidsAsync(1, Stop), received, Stop);
        }
        await archives.RestoreAsync(
            snapshot,
            restored,
            new ImapConnector(
                Harness.Server(servers.New.ImapsPort, restored, servers.New.Fingerprint),
                DovecotServer.Password
            ).OpenTargetAsync,
            Stop
        );

        Assert.Equal((RunOutcome.Complete, (long)OddMessages.All.Count), (report.Outcome, report.Total.Delivered));
        // By POP3 and out of the archive: the same bytes, NUL included.
        Assert.Equal(given.Keys, received.Messages.Keys);
        foreach (var (uid, bytes) in given)
            Assert.True(bytes == received.Messages[uid], Difference(uid, bytes, received.Messages[uid]));
        // Restored by IMAP, which has no NUL: what Dovecot stores for it is what it gives by IMAP of the original, too. Nothing else
        // differs.
        Assert.Equal(
            (await MailboxContent.ReadAsync(servers.Old, box.User)).Folders["INBOX"].Select(message => message.Hash),
            (await MailboxContent.ReadAsync(servers.New, restored)).Folders["INBOX"].Select(message => message.Hash)
        );
    }

    private static string Difference(Uid uid, string given, string kept)
    {
        var same = given.Zip(kept).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"UID {uid}: {given.Length} bytes were given, {kept.Length} came out of the archive. From byte {same} on: "
            + $"{Convert.ToHexString(Encoding.Latin1.GetBytes(given[same..]).Take(40).ToArray())}, not "
            + $"{Convert.ToHexString(Encoding.Latin1.GetBytes(kept[same..]).Take(40).ToArray())}.";
    }

    private async Task<ArchiveHarness> ArchiveAsync(string kind, string? passphrase)
    {
        ArchiveHarness archives;
        if (kind == "azure")
        {
            var server = await azurite.StartedAsync();
            var container = AzuriteServer.NewContainer();
            var (store, controlStore) = (
                new AzureBlobStore(AzureBlobOptions.FromConnectionString(server.ConnectionString, container), _directory.FullName),
                new AzureBlobStore(AzureBlobOptions.FromConnectionString(server.ConnectionString, container + "-side"), _directory.FullName)
            );
            await store.EnsureContainerAsync(Stop);
            await controlStore.EnsureContainerAsync(Stop);
            archives = new ArchiveHarness(store, controlStore, passphrase: passphrase);
        }
        else
        {
            archives = new ArchiveHarness(
                new FileBlobStore(Path.Combine(_directory.FullName, "a"), TimeProvider.System),
                new FileBlobStore(Path.Combine(_directory.FullName, "b"), TimeProvider.System),
                passphrase: passphrase
            );
        }
        await archives.CreateAsync(Stop);
        return archives;
    }
}
