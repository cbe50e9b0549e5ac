using Migrator.Core.Mail;
using Migrator.Files;
using Migrator.Files.Reading;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>Files that other programs wrote.</summary>
public sealed class ForeignFilesTests : IDisposable
{
    private static readonly DateTimeOffset s_date = new(2021, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private readonly FileHarness _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Thunderbird()
    {
        _files.Write(
            "Inbox",
            """
            From - Sun Mar 14 15:09:26 2021
            X-Mozilla-Status: 0005
            X-Mozilla-Keys: $label1 todo      
            Subject: one
            Date: Mon, 1 Jan 2024 10:00:00 +0100

            >From me to you

            From here on it is body.
            >>From afar

            From - Thu Jan  1 00:00:00 1970
            X-Mozilla-Status: 0008
            Subject: two
            Date: Mon, 1 Jan 2024 10:00:00 +0100

            no line end
            """.ReplaceLineEndings("\n")
        );
        _files.Write("Inbox.msf", "");
        _files.Write("msgFilterRules.dat", "version=\"9\"\n");
        _files.Write("Trash", "");
        _files.Write("Inbox.sbd/Work", "From - Sun Mar 14 15:09:26 2021\r\nSubject: three\r\n\r\nbody\r\n\r\n");
        _files.Write("Local.sbd/notes", "no mail at all\n");

        await using var source = await _files.OpenAsync(FileFormat.Mbox);
        var inbox = await Letter.ReadAsync(source, "INBOX");

        Assert.Equal(["INBOX", "INBOX/Work", "Trash"], await FoldersAsync(source));
        Assert.Equal(["Local.sbd/notes"], source.PassedOver);
        Assert.Equal(
            "X-Mozilla-Status: 0005\r\nX-Mozilla-Keys: $label1 todo      \r\nSubject: one\r\nDate: Mon, 1 Jan 2024 10:00:00 "
                + "+0100\r\n\r\n>From me to you\r\n\r\nFrom here on it is body.\r\n>>From afar\r\n",
            inbox[0].Text
        );
        Assert.Equal("X-Mozilla-Status: 0008\r\nSubject: two\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\n\r\nno line end", inbox[1].Text);
        Assert.Equal(["$label1 todo \\Flagged \\Seen", "\\Deleted"], inbox.Select(letter => letter.Flags));
        Assert.Equal(
            [new DateTimeOffset(2021, 3, 14, 15, 9, 26, TimeSpan.Zero), new DateTimeOffset(2024, 1, 1, 10, 0, 0, TimeSpan.FromHours(1))],
            inbox.Select(letter => letter.Date)
        );
        Assert.Equal("Subject: three\r\n\r\nbody\r\n", Assert.Single(await Letter.ReadAsync(source, "INBOX/Work")).Text);
        Assert.Empty(await Letter.ReadAsync(source, "Trash"));
    }

    [Fact]
    public async Task Mboxes_of_mutt_and_others()
    {
        _files.Write(
            "archive/2020.mbox",
            "From ann@example.org Tue, x\nSubject: a\nDate: Wed, 3 Feb 2021 04:05:06 +0000\nStatus: RO\nX-Status: "
                + "AF\nX-Keywords: Work (bad) $Junk\n\nx\n\n\n"
        );
        _files.Write(
            "Apple.mbox/mbox",
            "\nFrom a@b Wed Feb  3 05:05:06 +0100 2021\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n\n\nFrom a@b Wed Feb  3 04:05 "
                + "2021\n\nno head\n"
        );

        await using var source = await _files.OpenAsync(FileFormat.Mbox);

        Assert.Equal(["Apple", "archive/2020"], await FoldersAsync(source));
        Assert.Equal(
            [
                new Letter(
                    1,
                    "Subject: a\r\nDate: Wed, 3 Feb 2021 04:05:06 +0000\r\nStatus: RO\r\nX-Status: AF\r\nX-Keywords: Work "
                        + "(bad) $Junk\r\n\r\nx\r\n\r\n",
                    "$Junk Work \\Answered \\Flagged \\Seen",
                    s_date
                ),
            ],
            await Letter.ReadAsync(source, "archive/2020")
        );
        var apple = await Letter.ReadAsync(source, "Apple");
        Assert.Equal(["Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\n", "\r\nno head\r\n"], apple.Select(letter => letter.Text));
        Assert.Equal([s_date, s_date.AddSeconds(-6)], apple.Select(letter => letter.Date));
        Assert.Equal("Grüße", Assert.Single(await source.FetchSubjectsAsync([1, 2], TestContext.Current.CancellationToken)).Value);
    }

    [Fact]
    public async Task A_single_mbox_file()
    {
        var path = _files.Write("All mail.mbox", "From a@b Wed Feb  3 04:05:06 2021\n\nx\n");
        _files.Write("other", "From a@b Wed Feb  3 04:05:06 2021\n\ny\n");

        await using var source = await FileSource.OpenAsync(path, FileFormat.Mbox, TestContext.Current.CancellationToken);

        Assert.Equal(["All mail"], await FoldersAsync(source));
        Assert.Equal("\r\nx\r\n", Assert.Single(await Letter.ReadAsync(source, "All mail")).Text);
    }

    [Fact]
    public async Task Maildir_of_Dovecot()
    {
        _files.Write("cur/1612325106.M9P1.host,S=14,W=16:2,FSab", "Subject: x\n\ny\r\n", s_date);
        _files.Write("cur/999.M1P1.host:2,DPRT", "\r\n", s_date);
        _files.Write("new/1612325107.M1P1.host", "\nnew", s_date);
        _files.Write("tmp/1612325108.M1P1.host", "half");
        _files.Write("dovecot-keywords", "0 $Junk\n1 todo\n");
        _files.Write("subscriptions", "V\t2\n\nArchive\t2020\n");
        _files.Write(".Archive.2020/cur/1.a:2,", "x\n", s_date);
        _files.Write(".Gr&APwA3w-e/new/1.a", "x\n", s_date);
        _files.Write("sieve/main.sieve", "keep;");

        await using var source = await _files.OpenAsync(FileFormat.Maildir);
        var folders = await source.ListFoldersAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["INBOX", "Archive/2020", "Grüße"], folders.Select(folder => folder.Path.ToString()));
        Assert.Equal([false, true, false], folders.Select(folder => folder.Subscribed));
        Assert.Equal(
            [
                new Letter(1, "\r\n", "$Forwarded \\Answered \\Deleted \\Draft", s_date),
                new Letter(2, "Subject: x\r\n\r\ny\r\n", "$Junk todo \\Flagged \\Seen", s_date),
                new Letter(3, "\r\nnew", "", s_date),
            ],
            await Letter.ReadAsync(source, "INBOX")
        );
    }

    [Fact]
    public async Task Plain_Maildirs_below_one_another()
    {
        _files.Write("Inbox/cur/1.a:2,S", "x\n");
        _files.Write("Work/Projekt Ä/new/1.a", "x\n");
        _files.Write("Work/new/1.a", "x\n");

        await using var source = await _files.OpenAsync(FileFormat.Maildir);

        Assert.Equal(["INBOX", "Work", "Work/Projekt \u00c4"], await FoldersAsync(source));
    }

    [Fact]
    public async Task Eml_files()
    {
        _files.Write("10.eml", "Subject: ten\n\nx\n", s_date);
        _files.Write("9.EML", "Subject: nine\r\n\nx\r", s_date);
        _files.Write("readme.txt", "x");
        _files.Write("Sub folder/Re_ hello.eml", "Subject: hello\n\nx\n", s_date);

        await using var source = await _files.OpenAsync(FileFormat.Eml);

        Assert.Equal(["INBOX", "Sub folder"], await FoldersAsync(source));
        Assert.Equal(["readme.txt"], source.PassedOver);
        Assert.Equal(
            [new Letter(1, "Subject: nine\r\n\r\nx\r", "", s_date), new Letter(2, "Subject: ten\r\n\r\nx\r\n", "", s_date)],
            await Letter.ReadAsync(source, "INBOX")
        );
    }

    [Fact]
    public async Task UIDs_of_a_folder_that_changed_are_said_to_be_others()
    {
        var first = _files.Write("1.eml", "a");
        _files.Write("2.eml", "b");
        var before = await StateAsync();
        var again = await StateAsync();
        File.Delete(first);
        var after = await StateAsync();

        Assert.Equal(before, again);
        Assert.NotEqual(before.UidValidity, after.UidValidity);

        async Task<FolderState> StateAsync()
        {
            await using var source = await _files.OpenAsync(FileFormat.Eml);
            return await source.OpenAsync(FolderPath.Inbox, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<IEnumerable<string>> FoldersAsync(FileSource source) =>
        (await source.ListFoldersAsync(TestContext.Current.CancellationToken))
            .Select(folder => folder.Path.ToString())
            .Order(StringComparer.Ordinal);
}
