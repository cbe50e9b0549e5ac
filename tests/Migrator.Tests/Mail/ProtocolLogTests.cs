using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Mail.Connections;
using Migrator.Mail.Imap;
using Migrator.Mail.Pop3;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Mail;

/// <summary>Connections that are written down: what was said is there, credentials and mail are not.</summary>
public sealed class ProtocolLogTests(DovecotFixture servers) : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("protocol");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ProtocolLogs Logs => new(_directory.FullName, TimeProvider.System);

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(AuthMethod.Login, "LOGIN ***")]
    [InlineData(AuthMethod.Plain, "AUTHENTICATE PLAIN ***")]
    [InlineData(AuthMethod.CramMd5, "AUTHENTICATE CRAM-MD5 ***")]
    [InlineData(AuthMethod.ScramSha256, "AUTHENTICATE SCRAM-SHA-256 ***")]
    public async Task IMAP_logs_in_without_a_trace_of_its_password(AuthMethod auth, string shown)
    {
        var server = Harness.Server(servers.Old.ImapPort, "ann", null) with { Auth = auth };

        await using (var session = await new ImapConnector(server, DovecotServer.Password, null, Logs).OpenSourceAsync(Stop))
            await session.ListFoldersAsync(Stop);
        await Assert.ThrowsAsync<MailException>(() => new ImapConnector(server, "wrong", null, Logs).OpenSourceAsync(Stop));

        var text = Written();
        Assert.Contains(shown, text);
        Assert.Contains(" C: ", text);
        Assert.Contains("LIST", text);
        NoCredentials(text, "ann");
    }

    [Theory]
    [InlineData(AuthMethod.Login, "PASS ***")]
    [InlineData(AuthMethod.Plain, "AUTH PLAIN ***")]
    [InlineData(AuthMethod.ScramSha1, "AUTH SCRAM-SHA-1 ***")]
    public async Task POP3_logs_in_likewise_and_leaves_messages_out(AuthMethod auth, string shown)
    {
        var box = new Pop3Box(servers.Old);
        await using (var imap = await box.ImapAsync())
            await FillAsync(imap, "INBOX", 0, 2);

        await using (
            var session = await new Pop3Connector(
                box.Address() with
                {
                    Auth = auth,
                },
                DovecotServer.Password,
                box.UidMap,
                TimeProvider.System,
                Logs
            ).OpenSourceAsync(Stop)
        )
        {
            await session.OpenAsync(FolderPath.Inbox, Stop);
            await session.FetchAsync(await session.ListUidsAsync(0, Stop), new ReceivedMail(), Stop);
        }

        var text = Written();
        Assert.Contains(shown, text);
        Assert.Contains("C: RETR 2", text);
        Assert.Contains("bytes]", text);
        Assert.DoesNotContain("Letter 1", text);
        NoCredentials(text, box.User);
    }

    [Theory]
    [InlineData(new string[0], "APPEND INBOX")]
    [InlineData(new[] { "MULTIAPPEND" }, "C: P1 APPEND")]
    public async Task A_migration_is_written_down_without_its_mail(string[] hidden, string shown)
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(Hidden: hidden));
        await using var harness = new Harness(servers.Old, target, servers.Old.ImapPort, target.ImapPort);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 20, size: 3000);
        var logs = Logs;

        var report = await harness.RunAsync(
            Stop,
            endpoints: new MailboxEndpoints(
                (_, stop) => new ImapConnector(harness.Job.Source, DovecotServer.Password, null, logs).OpenSourceAsync(stop),
                new ImapConnector(harness.Job.Target, DovecotServer.Password, null, logs).OpenTargetAsync
            )
        );

        Assert.Equal(20, report.Total.Delivered);
        var text = Written();
        Assert.Contains("UID FETCH", text);
        Assert.Contains(shown, text);
        Assert.Contains("APPENDUID", text);
        Assert.DoesNotContain("Subject:", text);
        Assert.All(Enumerable.Range(0, 20), number => Assert.DoesNotContain(new string((char)('a' + number), 10), text));
        NoCredentials(text, harness.SourceUser);
        NoCredentials(text, harness.TargetUser);
    }

    [Fact]
    public async Task Only_the_owner_may_read_them()
    {
        await using (
            await new ImapConnector(
                Harness.Server(servers.Old.ImapsPort, "ann", servers.Old.Fingerprint),
                DovecotServer.Password,
                null,
                Logs
            ).OpenSourceAsync(Stop)
        ) { }

        Assert.All(_directory.GetFiles(), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
    }

    private string Written() =>
        string.Concat(_directory.GetFiles().OrderBy(file => file.Name).Select(file => File.ReadAllText(file.FullName)));

    // The tests' password is too short to be replaced by itself: here it has to be left out where it stands.
    private static void NoCredentials(string text, string user)
    {
        Assert.DoesNotContain("\"pass\"", text);
        Assert.DoesNotContain(" pass\n", text);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0pass")), text);
        Assert.DoesNotContain($"{user} pass", text);
        // Nothing of a challenge or its answer.
        Assert.DoesNotMatch(@"(?m)^\S+ [CS]: (\+ )?[A-Za-z0-9+/]{16,}=*$", text);
    }
}
