using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;
using Migrator.Files;
using Migrator.Files.Reading;
using Migrator.Mail.Imap;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>Files that people name: whatever lies there, it is read or refused within moments.</summary>
public sealed class InputFileTests(DovecotFixture servers) : IDisposable
{
    // A reader that waits for a pipe waits for good.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("input");

    public static TheoryData<string> Kinds => OddFile.Kinds;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_secret_is_read_from_a_regular_file_only(string kind)
    {
        var file = OddFile.Make(kind, PathOf("secret"));
        var secrets = new SecretResolver(null, _ => new SettingLookup(null, "there are no settings."));

        var exception = await Assert.ThrowsAsync<ConfigurationException>(() =>
            Soon(() => secrets.Resolve(new SecretReference(SecretSource.File, file), "password of ann"))
        );

        Assert.Contains(OddFile.Words(kind), Assert.Single(exception.Errors).Message);
    }

    [Fact]
    public void A_secret_may_be_a_link_to_a_file_as_containers_mount_it()
    {
        Directory.CreateDirectory(PathOf("..2026"));
        File.WriteAllText(PathOf("..2026/password"), "hunter2\n");
        Directory.CreateSymbolicLink(PathOf("..data"), "..2026");
        File.CreateSymbolicLink(PathOf("password"), "..data/password");

        Assert.Equal("hunter2\n", InputFile.ReadText(PathOf("password"), InputFile.MostOfSecret));
        Assert.Equal("hunter2\n", InputFile.ReadText(PathOf("password"), InputFile.MostOfSecret, root: _directory.FullName));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Authorities_are_read_from_a_regular_file_only(string kind)
    {
        var server = Harness.Server(servers.Old.ImapsPort, "ann", servers.Old.Fingerprint) with
        {
            Trust = new CertificateTrust(null, OddFile.Make(kind, PathOf("ca.pem"))),
        };

        var exception = await Assert.ThrowsAsync<MailException>(() =>
            new ImapConnector(server, DovecotServer.Password).OpenSourceAsync(Stop).WaitAsync(s_patience, Stop)
        );

        Assert.Equal(Reason.TlsUntrusted, exception.Reason);
        Assert.Contains(kind == OddFile.Dangling ? "file not found" : OddFile.Words(kind), exception.Message);
        Assert.Contains("ca.pem", exception.Message);
    }

    [Theory]
    [InlineData(OddFile.Pipe)]
    [InlineData(OddFile.Zeros)]
    [InlineData(OddFile.Full)]
    public async Task A_single_mbox_is_a_regular_file(string kind)
    {
        var file = OddFile.Make(kind, PathOf("mbox"));

        var exception = await Assert.ThrowsAsync<MailException>(() =>
            FileSource.OpenAsync(file, FileFormat.Mbox, Stop).WaitAsync(s_patience, Stop)
        );

        Assert.Contains("pipe, a socket or a device", exception.Message);
    }

    [Fact]
    public void A_link_that_leads_out_of_the_directory_is_refused_with_its_target()
    {
        var root = _directory.CreateSubdirectory("root").FullName;
        File.WriteAllText(PathOf("outside"), "x");
        File.CreateSymbolicLink(Path.Combine(root, "link"), "../outside");
        Directory.CreateSymbolicLink(Path.Combine(root, "below"), _directory.FullName);
        Directory.CreateSymbolicLink(PathOf("other-name"), root);
        File.WriteAllText(Path.Combine(root, "inside"), "y");

        Assert.All(
            ["link", "below/outside"],
            name =>
                Assert.Contains(
                    $"leads out of the directory {root}, to {PathOf("outside")}",
                    Assert.Throws<IOException>(() => InputFile.ReadAll(Path.Combine(root, name), 10, root)).Message
                )
        );
        // The root itself may be named by a link.
        Assert.Equal("y", InputFile.ReadText(PathOf("other-name/inside"), 10, root: PathOf("other-name")));
    }

    [Fact]
    public void A_file_of_the_limit_is_read_and_one_beyond_it_is_not()
    {
        File.WriteAllBytes(PathOf("file"), new byte[1 << 20]);

        Assert.Equal(1 << 20, InputFile.ReadAll(PathOf("file"), 1 << 20).Length);
        Assert.Contains("larger than 512 KiB", Assert.Throws<IOException>(() => InputFile.ReadAll(PathOf("file"), 512 << 10)).Message);
        // It says that it holds nothing.
        Assert.NotEmpty(InputFile.ReadText("/proc/self/status", 1 << 20, Encoding.UTF8));
    }

    private static Task<T> Soon<T>(Func<T> read) => Task.Run(read, Stop).WaitAsync(s_patience, Stop);

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);
}
