using System.Diagnostics;
using System.Net.Sockets;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Files;
using Migrator.Files.Reading;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>Only regular files below the directory are read, whatever somebody put there, and when.</summary>
public sealed class RegularFilesOnlyTests : IDisposable
{
    private const string Mail = "Subject: x\n\nx\n";

    private readonly FileHarness _files = new();
    private readonly string _outside = Directory.CreateTempSubdirectory("migrator-outside-").FullName;

    public void Dispose()
    {
        _files.Dispose();
        Directory.Delete(_outside, recursive: true);
    }

    public static TheoryData<FileFormat> Formats => [.. Enum.GetValues<FileFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Links_pipes_and_sockets_are_left_out_and_said(FileFormat format)
    {
        var (name, text) = format switch
        {
            FileFormat.Mbox => ("", "From a@b Tue Mar  3 09:10:11 2015\n" + Mail),
            FileFormat.Maildir => ("cur/", Mail),
            _ => ("", Mail),
        };
        _files.Write(name + "1.eml", text);
        File.WriteAllText(Path.Combine(_outside, "secret.eml"), text);
        File.CreateSymbolicLink(Path.Combine(_files.Root, name, "2.eml"), Path.Combine(_outside, "secret.eml"));
        Directory.CreateSymbolicLink(Path.Combine(_files.Root, "outside"), _outside);
        Directory.CreateSymbolicLink(Path.Combine(_files.Root, "loop"), _files.Root);
        Make("mkfifo", Path.Combine(_files.Root, name, "3.eml"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_files.Root, name, "4.eml")));

        await using var source = await _files.OpenAsync(format);
        var folders = await source.ListFoldersAsync(TestContext.Current.CancellationToken);
        var letters = await Letter.ReadAsync(source, folders.First(folder => folder.Selectable).Path.ToString());

        Assert.Single(folders);
        Assert.Single(letters);
        string[] links = [name + "2.eml", "loop", "outside"];
        Assert.Contains($"Symbolic links are not followed and were left out: {string.Join(", ", links)}.", source.Findings.Notices);
        Assert.Contains($"Pipes, sockets and devices were left out: {name}3.eml, {name}4.eml.", source.Findings.Notices);
    }

    [Fact]
    public async Task A_file_that_becomes_a_link_after_it_was_listed_is_not_followed()
    {
        var file = _files.Write("a/1.eml", Mail);
        await using var source = await _files.OpenAsync(FileFormat.Eml);
        await source.OpenAsync(FolderPath.Parse("a"), TestContext.Current.CancellationToken);
        File.Move(file, Path.Combine(_outside, "1.eml"));
        File.CreateSymbolicLink(file, Path.Combine(_outside, "1.eml"));

        Assert.Contains("symbolic link", (await FailsAsync(source)).Message);
    }

    [Fact]
    public async Task A_directory_that_becomes_a_link_after_it_was_listed_is_not_followed()
    {
        _files.Write("a/1.eml", Mail);
        await using var source = await _files.OpenAsync(FileFormat.Eml);
        await source.OpenAsync(FolderPath.Parse("a"), TestContext.Current.CancellationToken);
        Directory.Move(Path.Combine(_files.Root, "a"), Path.Combine(_outside, "a"));
        Directory.CreateSymbolicLink(Path.Combine(_files.Root, "a"), Path.Combine(_outside, "a"));

        Assert.Contains("a directory on the way to it is a link", (await FailsAsync(source)).Message);
    }

    [Fact]
    public async Task A_file_that_becomes_a_pipe_after_it_was_listed_is_not_waited_for()
    {
        var file = _files.Write("a/1.eml", Mail);
        await using var source = await _files.OpenAsync(FileFormat.Eml);
        await source.OpenAsync(FolderPath.Parse("a"), TestContext.Current.CancellationToken);
        File.Delete(file);
        Make("mkfifo", file);

        Assert.Contains("not a regular file", (await FailsAsync(source)).Message);
    }

    [Fact]
    public async Task The_directory_that_somebody_names_may_be_a_link()
    {
        _files.Write("1.eml", Mail);
        var link = Path.Combine(_outside, "link");
        Directory.CreateSymbolicLink(link, _files.Root);

        await using var source = await FileSource.OpenAsync(link, FileFormat.Eml, TestContext.Current.CancellationToken);

        Assert.Single(await Letter.ReadAsync(source, "INBOX"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_file_that_changes_meanwhile_fails_by_name(FileFormat format)
    {
        var file = _files.Write(
            format switch
            {
                FileFormat.Mbox => "Inbox",
                FileFormat.Maildir => "cur/1.a:2,",
                _ => "1.eml",
            },
            (format == FileFormat.Mbox ? "From a@b Tue Mar  3 09:10:11 2015\n" : "") + Mail
        );
        await using var source = await _files.OpenAsync(format);
        await source.OpenAsync(FolderPath.Inbox, TestContext.Current.CancellationToken);
        File.AppendAllText(file, "more\n");

        var failure = await FailsAsync(source);

        Assert.Contains($"{Path.GetFileName(file)}: it was changed since the import began", failure.Message);
        Assert.Equal(format == FileFormat.Maildir, await source.ShortfallAsync(TestContext.Current.CancellationToken) is null);
    }

    [Fact]
    public async Task Mail_that_arrives_meanwhile_makes_the_import_incomplete()
    {
        _files.Write("cur/1.a:2,", Mail);
        await using var source = await _files.OpenAsync(FileFormat.Maildir);
        await Letter.ReadAsync(source, "INBOX");
        Assert.Null(await source.ShortfallAsync(TestContext.Current.CancellationToken));

        _files.Write("new/2.a", Mail);
        var shortfall = await source.ShortfallAsync(TestContext.Current.CancellationToken);

        Assert.NotNull(shortfall);
        Assert.StartsWith("Changed while it was imported", source.Findings.Notices[0]);
    }

    private static Task<MailException> FailsAsync(FileSource source) =>
        Assert.ThrowsAsync<MailException>(() => source.FetchAsync([1], new Letter.Receiver(), TestContext.Current.CancellationToken));

    private static void Make(string program, string path)
    {
        using var process = Process.Start(program, [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
