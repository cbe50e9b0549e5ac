using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Files;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>An export that somebody did something to.</summary>
public sealed class ChangedExportTests : IDisposable
{
    private readonly FileHarness _files = new();

    public static TheoryData<FileFormat> Formats => [.. Enum.GetValues<FileFormat>()];

    private string SidecarPath => Path.Combine(_files.Root, "migrator-export.jsonl");

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_changed_message_fails_alone(FileFormat format)
    {
        await ExportAsync(format);
        var file = Single("two");
        File.WriteAllText(file, File.ReadAllText(file).Replace("two", "TWO"));

        await using var source = await _files.OpenAsync(format);
        await source.OpenAsync(FolderPath.Inbox, TestContext.Current.CancellationToken);
        var receiver = new Letter.Receiver();
        var failure = await Assert.ThrowsAsync<MailException>(() =>
            source.FetchAsync([1, 2, 3], receiver, TestContext.Current.CancellationToken)
        );

        Assert.Equal(Reason.SourceUnreadable, failure.Reason);
        Assert.Contains("message 2: the file was changed since it was exported", failure.Message);
        Assert.Equal([1u, 3u], receiver.Texts.Keys);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_message_that_is_cut_off_or_gone_fails_alone(FileFormat format)
    {
        await ExportAsync(format);
        var file = Single("three");
        if (format == FileFormat.Mbox)
            File.WriteAllText(file, File.ReadAllText(file)[..^5]);
        else
            File.Delete(file);

        await using var source = await _files.OpenAsync(format);
        await source.OpenAsync(FolderPath.Inbox, TestContext.Current.CancellationToken);
        var receiver = new Letter.Receiver();

        Assert.Equal([1u, 2u, 3u], await source.ListUidsAsync(1, TestContext.Current.CancellationToken));
        Assert.Equal(
            Reason.SourceUnreadable,
            (
                await Assert.ThrowsAsync<MailException>(() => source.FetchAsync([1, 2, 3], receiver, TestContext.Current.CancellationToken))
            ).Reason
        );
        Assert.Equal([1u, 2u], receiver.Texts.Keys);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task What_others_put_there_comes_too(FileFormat format)
    {
        await ExportAsync(format);
        if (format == FileFormat.Mbox)
            File.AppendAllText(Single("one"), "From a@b Wed Feb  3 04:05:06 2021\nSubject: four\n\nfour\n");
        else
            _files.Write(format == FileFormat.Maildir ? "new/1.foreign" : "INBOX/1.eml", "Subject: four\n\nfour\n");
        _files.Write(
            format switch
            {
                FileFormat.Mbox => "Other",
                FileFormat.Maildir => ".Other/cur/1.a:2,",
                _ => "Other/1.eml",
            },
            "From a@b Wed Feb  3 04:05:06 2021\n\nx\n"
        );

        await using var source = await _files.OpenAsync(format);
        var letters = await Letter.ReadAsync(source, "INBOX");

        Assert.Equal(["one", "two", "three", "Subject: four\r\n\r\nfour\r\n"], letters.Select(letter => letter.Text));
        Assert.Equal([1u, 2u, 3u, 4u], letters.Select(letter => letter.Uid));
        Assert.Single(await Letter.ReadAsync(source, "Other"));
        Assert.Equal(2, (await source.ListFoldersAsync(TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public async Task Flags_that_a_mail_program_changed_in_a_Maildir_are_the_new_ones()
    {
        await ExportAsync(FileFormat.Maildir);
        var file = Single("two");
        File.Move(file, file.Replace(":2,S", ":2,FR"));

        await using var source = await _files.OpenAsync(FileFormat.Maildir);

        Assert.Equal(["todo", "todo \\Answered \\Flagged", ""], (await Letter.ReadAsync(source, "INBOX")).Select(letter => letter.Flags));
    }

    [Theory]
    [InlineData("cut", "should have 3 lines about INBOX and has 2")]
    [InlineData("torn", "line 4")]
    [InlineData("empty", "the file is empty")]
    [InlineData("newer", "a newer version")]
    [InlineData("outside", "not in this directory")]
    [InlineData("path", "not a folder path")]
    public async Task A_sidecar_that_cannot_be_right_is_refused(string how, string words)
    {
        await ExportAsync(FileFormat.Eml);
        var text = File.ReadAllText(SidecarPath);
        File.WriteAllText(
            SidecarPath,
            how switch
            {
                "cut" => string.Join('\n', text.Split('\n').SkipLast(2)),
                "torn" => text[..^20],
                "newer" => text.Replace("\"migratorExport\":1", "\"migratorExport\":2"),
                "outside" => text.Replace("\"place\":\"INBOX\"", "\"place\":\"../INBOX\""),
                "path" => text.Replace("\"path\":\"INBOX\"", "\"path\":\"a//b\"").Replace("\"folder\":\"INBOX\"", "\"folder\":\"a//b\""),
                _ => "",
            }
        );

        var failure = await Assert.ThrowsAsync<MailException>(() => _files.OpenAsync(FileFormat.Eml));

        Assert.Equal(Reason.FilesUnreadable, failure.Reason);
        Assert.Contains(words, failure.Message);
    }

    [Fact]
    public async Task Files_outside_the_directory_are_not_read()
    {
        await ExportAsync(FileFormat.Mbox);
        File.WriteAllText(SidecarPath, File.ReadAllText(SidecarPath).Replace("\"file\":\"INBOX\"", "\"file\":\"../secret\""));

        await using var source = await _files.OpenAsync(FileFormat.Mbox);
        await source.OpenAsync(FolderPath.Inbox, TestContext.Current.CancellationToken);

        Assert.Equal(
            Reason.FilesUnreadable,
            (
                await Assert.ThrowsAsync<MailException>(() =>
                    source.FetchAsync([1], new Letter.Receiver(), TestContext.Current.CancellationToken)
                )
            ).Reason
        );
    }

    [Fact]
    public async Task What_is_not_there_or_of_another_format_is_refused()
    {
        Assert.Equal(Reason.FilesUnreadable, (await Assert.ThrowsAsync<MailException>(() => _files.OpenAsync(FileFormat.Mbox))).Reason);
        await ExportAsync(FileFormat.Maildir);
        Assert.Contains(
            "these files are maildir, not eml",
            (await Assert.ThrowsAsync<MailException>(() => _files.OpenAsync(FileFormat.Eml))).Message
        );

        await using var source = await _files.OpenAsync(FileFormat.Maildir);
        Assert.Equal(
            Reason.FolderMissing,
            (
                await Assert.ThrowsAsync<MailException>(() =>
                    source.OpenAsync(FolderPath.Parse("Nowhere"), TestContext.Current.CancellationToken)
                )
            ).Reason
        );
    }

    private async Task ExportAsync(FileFormat format)
    {
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX", SpecialUse.Inbox);
        inbox.Add("one"u8.ToArray(), "todo");
        inbox.Add("two"u8.ToArray(), "\\Seen todo");
        inbox.Add("three"u8.ToArray());
        await _files.ExportAsync(mailbox, format);
    }

    /// <summary>The file that holds this text.</summary>
    private string Single(string text) =>
        Directory
            .EnumerateFiles(_files.Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Single(path => path != SidecarPath && File.ReadAllText(path, Encoding.Latin1).Contains(text));
}
