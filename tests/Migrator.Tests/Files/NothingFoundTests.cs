using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Files;
using Migrator.Files.Reading;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>An import that finds nothing is not a success, and says what there is instead.</summary>
public sealed class NothingFoundTests : IDisposable
{
    private readonly FileHarness _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(FileFormat.Mbox, "cur/1.a:2,S", "Subject: x\n\nx\n", "1 like a Maildir (--format maildir)")]
    [InlineData(FileFormat.Maildir, "Inbox", "From \nSubject: x\n\nx\n", "1 like an mbox (--format mbox)")]
    [InlineData(FileFormat.Maildir, "a/1.EML", "Subject: x\n\nx\n", "1 with one message (--format eml)")]
    [InlineData(FileFormat.Eml, "a/Sent.mbox", "From a@b Tue Mar  3 09:10:11 2015\nSubject: x\n\nx\n", "1 like an mbox (--format mbox)")]
    [InlineData(FileFormat.Eml, "notes.txt", "x", "1 other file")]
    [InlineData(FileFormat.Mbox, "Inbox", "", "1 other file")]
    public async Task What_is_there_instead_is_said(FileFormat format, string file, string text, string words)
    {
        _files.Write(file, text);

        Assert.Contains(words, (await FailsAsync(format)).Message);
    }

    [Theory]
    [InlineData(FileFormat.Mbox)]
    [InlineData(FileFormat.Maildir)]
    [InlineData(FileFormat.Eml)]
    public async Task An_empty_directory_is_said_to_be_empty(FileFormat format)
    {
        Directory.CreateDirectory(_files.Root);

        Assert.EndsWith("it is empty.", (await FailsAsync(format)).Message);
    }

    [Theory]
    [InlineData(FileFormat.Mbox, "Inbox", "From \nSubject: x\n\nx\n", "Sub/cur/1.a:2,S", "Subject: x\n\nx\n")]
    [InlineData(FileFormat.Mbox, "Inbox", "From \nSubject: x\n\nx\n", "old.pst", "!BDN")]
    [InlineData(FileFormat.Maildir, "cur/1.a:2,S", "Subject: x\n\nx\n", "Archive", "From \nSubject: x\n\nx\n")]
    [InlineData(FileFormat.Eml, "1.eml", "Subject: x\n\nx\n", "Sub/cur/1.a:2,S", "Subject: x\n\nx\n")]
    [InlineData(FileFormat.Eml, "1.eml", "Subject: x\n\nx\n", "Archive", "From a@b Tue Mar  3 09:10:11 2015\nSubject: x\n\nx\n")]
    public async Task Mail_in_another_format_beside_it_makes_the_import_incomplete(
        FileFormat format,
        string file,
        string text,
        string other,
        string otherText
    )
    {
        _files.Write(file, text);
        _files.Write(other, otherText);

        await using var source = await _files.OpenAsync(format);

        Assert.NotNull(source.Findings.Shortfall);
        Assert.Equal(
            $"Not imported: mail in another format than was asked for; import it separately, with the --format that it has: {other}.",
            source.Findings.Notices[0]
        );
    }

    [Theory]
    [InlineData(
        FileFormat.Maildir,
        "cur/1.a:2,S",
        "Subject: x\n\nx\n",
        ".a..b/cur/1.b:2,S",
        "Subject: x\n\nx\n",
        "a level of the folder's name is empty"
    )]
    [InlineData(FileFormat.Mbox, "Inbox", "From \nSubject: x\n\nx\n", "Sent.gz", "x", "packed")]
    [InlineData(FileFormat.Mbox, "Inbox", "From \nSubject: x\n\nx\n", "takeout.zip", "x", "packed")]
    [InlineData(
        FileFormat.Mbox,
        "Inbox",
        "From \nSubject: x\n\nx\n",
        "Broken",
        "junk\nFrom a@b Tue Mar  3 09:10:11 2015\nSubject: x\n\nx\n",
        "another format"
    )]
    [InlineData(FileFormat.Mbox, "Inbox", "From \nSubject: x\n\nx\n", "1", "Return-Path: <a@b>\nSubject: x\n\nx\n", "another format")]
    [InlineData(FileFormat.Eml, "1.eml", "Subject: x\n\nx\n", "2", "Received: by x\nSubject: x\n\nx\n", "another format")]
    public async Task What_may_hold_mail_and_is_left_out_makes_the_import_incomplete(
        FileFormat format,
        string file,
        string text,
        string other,
        string otherText,
        string why
    )
    {
        _files.Write(file, text);
        _files.Write(other, otherText);

        await using var source = await _files.OpenAsync(format);

        Assert.Contains(why, source.Findings.Shortfall, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_of_an_empty_mailbox_is_whole()
    {
        var mailbox = new Memory.MemoryMailSource();
        mailbox.Add("INBOX", SpecialUse.Inbox);

        await _files.ShouldComeBackAsync(mailbox, FileFormat.Maildir);
    }

    [Fact]
    public async Task One_file_of_an_export_is_as_exact_as_all_of_it()
    {
        var mailbox = new Memory.MemoryMailSource();
        mailbox.Add("INBOX", SpecialUse.Inbox);
        mailbox
            .Add("Work")
            .Add(
                "Subject: x\r\n\r\nFrom x\r\n"u8.ToArray(),
                "\\Seen todo",
                new DateTimeOffset(2021, 2, 3, 4, 5, 6, TimeSpan.FromHours(1)),
                uid: 9
            );
        await _files.ExportAsync(mailbox, FileFormat.Mbox);

        await using var source = await FileSource.OpenAsync(
            Path.Combine(_files.Root, "Work"),
            FileFormat.Mbox,
            TestContext.Current.CancellationToken
        );

        Assert.Equal(
            [new Letter(9, "Subject: x\r\n\r\nFrom x\r\n", "todo \\Seen", new DateTimeOffset(2021, 2, 3, 4, 5, 6, TimeSpan.FromHours(1)))],
            await Letter.ReadAsync(source, "Work")
        );
        Assert.Single(await source.ListFoldersAsync(TestContext.Current.CancellationToken));
    }

    private async Task<MailException> FailsAsync(FileFormat format)
    {
        var failure = await Assert.ThrowsAsync<MailException>(() => _files.OpenAsync(format));
        Assert.Equal(Reason.NothingToImport, failure.Reason);
        return failure;
    }
}
