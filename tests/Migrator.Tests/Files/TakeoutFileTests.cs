using Migrator.Core.Mail;
using Migrator.Files;
using Migrator.Files.Reading;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>A Google Takeout: one file for all folders, which are labels.</summary>
public sealed class TakeoutFileTests : IDisposable
{
    private readonly FileHarness _files = new();

    public void Dispose() => _files.Dispose();

    public static TheoryData<string, string, string> Labels =>
        new()
        {
            { "Inbox,Unread", "INBOX", "" },
            { "Inbox,Opened,Starred,Important,Category Updates", "INBOX", "\\Flagged \\Seen" },
            { "Sent,Opened", "Sent", "\\Seen" },
            { "Draft", "Drafts", "\\Draft \\Seen" },
            { "Trash,Projekt A", "Trash", "\\Seen" },
            { "Spam,Unread", "Junk", "" },
            { "Archived,Opened", "Archive", "\\Seen" },
            { "Archived,Work/Clients,Opened", "Work/Clients", "\\Seen" },
            { "=?UTF-8?Q?Entw=C3=BCrfe,Projekt_A?=", "Drafts", "\\Draft \\Seen" },
            { "=?UTF-8?Q?Gel=C3=B6scht?=,\r\n =?UTF-8?Q?_Ungelesen?=", "Gel\u00f6scht", "" },
            { "\"A, B\",Opened", "A, B", "\\Seen" },
            { "Posteingang,=?UTF-8?Q?Ge=C3=B6ffnet?=", "INBOX", "\\Seen" },
        };

    [Theory]
    [MemberData(nameof(Labels))]
    public async Task Labels_become_one_folder_and_flags(string labels, string folder, string flags)
    {
        _files.Write("All mail.mbox", Mail(1, labels));

        await using var source = await _files.OpenAsync(FileFormat.Mbox);

        Assert.Equal(folder, Assert.Single(await source.ListFoldersAsync(TestContext.Current.CancellationToken)).Path.ToString());
        Assert.Equal(flags, Assert.Single(await Letter.ReadAsync(source, folder)).Flags);
        Assert.Contains(
            source.Findings.Notices,
            notice => notice.StartsWith("Gmail's labels became folders and flags", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_message_is_there_once_whatever_labels_and_files_it_is_in()
    {
        _files.Write("Work.mbox", Mail(1, "Inbox,Work,Home") + Mail(2, "Work"));
        _files.Write("Home.mbox", Mail(1, "Inbox,Work,Home") + Mail(3, "Home"));

        await using var source = await _files.OpenAsync(FileFormat.Mbox);

        Assert.Equal(
            ["Home", "INBOX", "Work"],
            (await source.ListFoldersAsync(TestContext.Current.CancellationToken))
                .Select(folder => folder.Path.ToString())
                .Order(StringComparer.Ordinal)
        );
        foreach (var folder in (string[])["Home", "INBOX", "Work"])
            Assert.Single(await Letter.ReadAsync(source, folder));
        Assert.Contains(
            source.Findings.Notices,
            notice => notice.StartsWith("Messages that several files of a Takeout contain were imported once: ", StringComparison.Ordinal)
        );
        Assert.Contains(
            source.Findings.Notices,
            notice => notice.StartsWith("Messages with more labels than the folder they went to", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Folders_have_the_use_that_their_label_has()
    {
        _files.Write("All mail.mbox", Mail(1, "Sent") + Mail(2, "Spam") + Mail(3, "Inbox"));

        await using var source = await _files.OpenAsync(FileFormat.Mbox);

        Assert.Equal(
            [SpecialUse.Inbox, SpecialUse.Sent, SpecialUse.Junk],
            (await source.ListFoldersAsync(TestContext.Current.CancellationToken)).Select(folder => folder.Use).Order()
        );
    }

    [Fact]
    public async Task Labels_can_be_ignored()
    {
        _files.Write("All mail.mbox", Mail(1, "Sent") + Mail(2, "Inbox,Unread"));

        await using var source = await FileSource.OpenAsync(
            _files.Root,
            FileFormat.Mbox,
            TestContext.Current.CancellationToken,
            labels: false
        );

        Assert.Equal(["", ""], (await Letter.ReadAsync(source, "All mail")).Select(letter => letter.Flags));
    }

    private static string Mail(int number, string labels) =>
        $"From 150000000000000000{number}@xxx Tue Mar 03 08:10:11 +0000 2015\r\n"
        + $"X-GM-THRID: 150000000000000000{number}\r\nX-Gmail-Labels: {labels}\r\nSubject: {number}\r\n\r\ntext\r\n\r\n";
}
