using System.Text;
using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>Imports as a user meets them.</summary>
public sealed class ImportCommandTests(DovecotFixture servers)
{
    [Fact]
    public async Task A_failure_names_the_file_and_not_a_number()
    {
        await using var mail = new Harness(servers.Old, servers.New);
        Write(mail, "Letters/1.eml", "Subject: one\r\n\r\none\r\n");
        Write(mail, "Letters/empty.eml", "");
        Write(mail, "Letters/outlook.msg", "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1");

        var (code, output, errors) = await ImportAsync(mail, "eml");

        Assert.Equal((ExitCode.Incomplete, ""), (code, errors));
        Assert.Contains("Letters/empty.eml", output);
        Assert.Contains("it is empty (0 bytes)", output);
        Assert.Contains("Letters/outlook.msg", output);
        Assert.Contains("file-unreadable: The detail names the file", output);
        Assert.Contains("Not complete: 2 messages failed", output);
        Assert.DoesNotContain("UID", output);
        Assert.DoesNotContain("administrator", output);
    }

    [Fact]
    public async Task What_is_said_about_the_files_is_in_the_report()
    {
        await using var mail = new Harness(servers.Old, servers.New);
        Write(mail, "Inbox", "From \r\nSubject: one\r\nDate: Tue, 3 Mar 2015 09:10:11 +0100\r\n\r\none\r\n\r\n");
        Write(mail, "Local/cur/1.a:2,S", "Subject: two\n\ntwo\n");
        Write(mail, "readme.txt", "x");

        var (code, output, _) = await ImportAsync(mail, "mbox", "--json");
        var report = JsonDocument.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;

        Assert.Equal(ExitCode.Incomplete, code);
        var text = report.GetRawText();
        Assert.Contains("mail in another format than was asked for", text);
        Assert.Contains("Not taken for mail: readme.txt.", text);
        // The snapshot too: a restore from it would miss as much.
        Assert.Contains(", partial: 1 messages", text);
        Assert.Contains("Date header 1", text);
    }

    [Fact]
    public async Task An_import_that_finds_nothing_is_no_success_and_says_what_there_is()
    {
        await using var mail = new Harness(servers.Old, servers.New);
        Write(mail, "cur/1.a:2,S", "Subject: x\n\nx\n");

        var (code, output, errors) = await ImportAsync(mail, "mbox");

        Assert.NotEqual(ExitCode.Success, code);
        Assert.DoesNotContain("Complete", output);
        Assert.Contains("there are 1 like a Maildir (--format maildir)", errors);
        Assert.Contains("[nothing-to-import]", errors);
    }

    [Fact]
    public async Task Files_come_to_an_account_once_however_often_they_are_imported()
    {
        await using var mail = new Harness(servers.Old, servers.New);
        Write(
            mail,
            "Inbox/cur/a1.eml",
            "X-Mozilla-Status: 0005\r\nReceived: from a by b; Tue, 03 Mar 2015 09:10:11 +0100\r\nSubject: a\r\n\r\na\r\n"
        );
        Write(
            mail,
            "Archives.sbd/2020.sbd/Work/cur/c1.eml",
            "X-Mozilla-Status: 0001\r\nReceived: from a by b; Tue, 03 Mar 2015 09:10:12 +0100\r\nSubject: c\r\n\r\nc\r\n"
        );
        string[] import =
        [
            "import",
            Files(mail),
            "--format",
            "maildir",
            "--to",
            $"imaps://{mail.TargetUser}@localhost:{mail.New.ImapsPort}?fingerprint={mail.New.Fingerprint}",
        ];

        var first = await MigratorProcess.RunAsync(mail.State, import);
        var again = await MigratorProcess.RunAsync(mail.State, import);

        Assert.True(first.Code == ExitCode.Success, first.Output + first.Errors);
        Assert.Contains("2 found = 2 copied", first.Output);
        Assert.Contains("2 found = 2 already there", again.Output);
        var target = await mail.TargetContentAsync();
        Assert.Equal(
            ("\\Flagged \\Seen", "2015-03-03T08:10:11"),
            Assert.Single(target.Folders["INBOX"].Select(message => (message.Flags, message.Date)))
        );
        Assert.Single(target.Folders["Archives/2020/Work"]);
    }

    [Theory]
    [InlineData("X-Mozilla-Status: 0000\r\n", "X-Mozilla-Status: 0001\r\n")]
    [InlineData("", "Status: RO\nX-UID: 7\n")]
    public async Task An_mbox_that_a_mail_program_wrote_flags_into_is_not_imported_twice(string unread, string read)
    {
        await using var mail = new Harness(servers.Old, servers.New);
        string[] import =
        [
            "import",
            Files(mail),
            "--format",
            "mbox",
            "--to",
            $"imaps://{mail.TargetUser}@localhost:{mail.New.ImapsPort}?fingerprint={mail.New.Fingerprint}",
        ];
        Write(mail, "Letters", Letter(1, unread) + Letter(2, unread) + Letter(3, unread));

        var first = await MigratorProcess.RunAsync(mail.State, import);
        Write(mail, "Letters", Letter(1, unread) + Letter(2, read) + Letter(3, read) + Letter(4, unread));
        var second = await MigratorProcess.RunAsync(mail.State, import);
        Write(mail, "Letters", Letter(1, read) + Letter(2, read) + Letter(3, unread) + Letter(4, read));
        var third = await MigratorProcess.RunAsync(mail.State, import);
        // The checkpoint is lost.
        var fourth = await MigratorProcess.RunAsync(Directory.CreateDirectory(Path.Combine(mail.State, "new")).FullName, import);

        Assert.All([first, second, third, fourth], run => Assert.True(run.Code == ExitCode.Success, run.Output + run.Errors));
        Assert.Contains("4 found = 1 copied + 3 already there", second.Output);
        Assert.Contains("4 found = 4 already there", third.Output);
        Assert.Contains("4 found = 4 already there", fourth.Output);
        var letters = (await mail.TargetContentAsync()).Folders["Letters"];
        Assert.Equal(["\\Seen", "\\Seen", "\\Seen", "\\Seen"], letters.Select(letter => letter.Flags));
    }

    [Fact]
    public async Task Flags_in_an_mbox_hide_neither_a_copy_that_was_altered_nor_one_that_is_marked_as_deleted()
    {
        await using var mail = new Harness(servers.Old, servers.New);
        string[] import =
        [
            "import",
            Files(mail),
            "--format",
            "mbox",
            "--to",
            $"imaps://{mail.TargetUser}@localhost:{mail.New.ImapsPort}?fingerprint={mail.New.Fingerprint}",
        ];
        // Dovecot stores another character in place of a NUL. Three have one date.
        var odd = Letter(1, "").Replace("This is", "This\0is", StringComparison.Ordinal);
        Write(
            mail,
            "Letters",
            odd + Letter(2, "") + Letter(2, "") + Letter(2, "").Replace("letter 2.", "another one.", StringComparison.Ordinal)
        );
        var first = await MigratorProcess.RunAsync(mail.State, import);
        await using (var target = await mail.TargetAsync())
            await target.StoreAsync("Letters", "2", "+FLAGS (\\Deleted)");

        Write(
            mail,
            "Letters",
            odd
                + Letter(2, "Status: RO\n")
                + Letter(2, "Status: RO\n")
                + Letter(2, "Status: RO\n").Replace("letter 2.", "another one.", StringComparison.Ordinal)
                + Letter(3, "")
        );
        var second = await MigratorProcess.RunAsync(mail.State, import);

        Assert.Equal((ExitCode.Incomplete, ExitCode.Incomplete), (first.Code, second.Code));
        Assert.Contains("1 message altered by the target", second.Output);
        // The one that is marked, and the new one.
        Assert.Contains("5 found = 2 copied + 3 already there", second.Output);
    }

    private static string Letter(int number, string flags) =>
        $"From ann@example.org Tue Mar  3 09:10:1{number} 2015\n{flags}From: ann@example.org\nSubject: Letter {number}\n\nThis "
        + $"is letter {number}.\n\n";

    [Fact]
    public async Task A_line_larger_than_the_heap_is_imported()
    {
        const int length = 96 << 20;
        await using var mail = new Harness(servers.Old, servers.New);
        Write(mail, "Inbox", "From a@b Tue Mar  3 09:10:11 2015\nSubject: x\nX-Gmail-Labels: ");
        await using (var file = File.AppendText(Path.Combine(Files(mail), "Inbox")))
        {
            for (var part = 0; part < 2 * length; part += 1 << 20)
                await file.WriteAsync(new string(part == length ? '\n' : 'x', 1 << 20));
        }
        var archive = Path.Combine(mail.State, "archive");
        Assert.Equal(ExitCode.Success, (await MigratorProcess.RunAsync(mail.State, "archive", "init", archive)).Code);

        var (code, output, errors) = await MigratorProcess.RunInAsync(
            length,
            mail.State,
            "import",
            Files(mail),
            "--format",
            "mbox",
            "--to",
            archive
        );

        Assert.True(code == ExitCode.Success, output + errors);
    }

    private static async Task<(int Code, string Output, string Errors)> ImportAsync(Harness mail, string format, params string[] more)
    {
        var archive = Path.Combine(mail.State, "archive");
        Assert.Equal(ExitCode.Success, (await MigratorProcess.RunAsync(mail.State, "archive", "init", archive)).Code);
        return await MigratorProcess.RunAsync(mail.State, ["import", Files(mail), "--format", format, "--to", archive, .. more]);
    }

    private static string Files(Harness mail) => Path.Combine(mail.State, "files");

    private static void Write(Harness mail, string file, string latin1)
    {
        var path = Path.Combine(Files(mail), file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(latin1));
    }
}
