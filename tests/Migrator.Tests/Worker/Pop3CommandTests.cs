using Migrator.App.Output;
using Migrator.Tests.Mail;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>POP3 boxes into archives and into IMAP folders, and what is deleted at the server when.</summary>
public sealed class Pop3CommandTests(DovecotFixture servers) : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("pop3");

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task A_box_becomes_a_folder_and_stays_as_it_is()
    {
        var (box, user) = (new Pop3Box(servers.Old), DovecotServer.NewUser("imap"));
        await FillAsync(box, 0, 30);
        var job = await JobAsync(
            "to-imap",
            box,
            $$"""
            "target": { "host": "localhost", "port": {{servers.New.ImapsPort}},
                "user": "{{user}}", "password": "env:MIGRATOR_TARGET_PASSWORD",
                "certificate": { "fingerprint": "{{servers.New.Fingerprint}}" } },
            "folders": { "rename": { "INBOX": "Old mail" } }
            """
        );

        var first = await RunAsync("run", job);
        await FillAsync(box, 30, 5);
        var second = await RunAsync("run", job);
        var third = await RunAsync("run", job);

        Assert.Contains("30 found = 30 copied", first);
        Assert.Contains("from the Received header of 30 messages", first);
        Assert.Contains("35 found = 5 copied + 30 already there", second);
        Assert.Contains("35 found = 35 already there", third);
        Assert.Equal(35, await CountAsync(box));
        var there = (await MailboxContent.ReadAsync(servers.New, user)).Folders["Old mail"];
        Assert.Equal(
            (await MailboxContent.ReadAsync(servers.Old, box.User)).Folders["INBOX"].Select(message => message.Hash),
            there.Select(message => message.Hash)
        );
        // No INTERNALDATE comes by POP3: the day of the topmost Received header stands for it.
        Assert.All(there, message => Assert.Contains("2024", message.Date));
        await RunAsync("verify", job);
    }

    [Fact]
    public async Task What_the_target_has_whole_is_deleted_at_the_source_when_it_is_due()
    {
        var (box, user) = (new Pop3Box(servers.Old), DovecotServer.NewUser("imap"));
        await FillAsync(box, 0, 12);
        string Rest(int days) =>
            $$"""
                "target": { "host": "localhost", "port": {{servers.New.ImapsPort}},
                    "user": "{{user}}", "password": "env:MIGRATOR_TARGET_PASSWORD",
                    "certificate": { "fingerprint": "{{servers.New.Fingerprint}}" } },
                "deleteAtSourceAfterDays": {{days}}
                """;

        await RunAsync("run", await JobAsync("later", box, Rest(3)));
        Assert.Equal(12, await CountAsync(box));
        // One copy is not what it should be any more, and one is gone: both stay on the server.
        await using (var target = await servers.New.LogInAsync(user))
            await target.DeleteAsync("INBOX", "3");
        var deleted = await RunAsync("run", await JobAsync("now", box, Rest(0)));

        Assert.Contains("11 messages deleted at the source", deleted);
        Assert.Equal(1, await CountAsync(box));
    }

    [Fact]
    public async Task An_archive_gathers_what_the_server_has_and_had()
    {
        var box = new Pop3Box(servers.Old);
        await FillAsync(box, 0, 20);
        var before = (await MailboxContent.ReadAsync(servers.Old, box.User)).Folders["INBOX"].Select(message => message.Hash).ToList();
        var archive = Path.Combine(_state.FullName, "archive");
        await RunAsync("archive", "init", archive);

        var keeping = await JobAsync("keep", box, $"\"archive\": {{ \"location\": \"{archive}\" }}", backup: true);
        var first = await RunAsync("run", keeping);
        var again = await RunAsync("run", keeping);
        var deleting = await JobAsync(
            "delete",
            box,
            $"\"archive\": {{ \"location\": \"{archive}\" }}, \"deleteAtSourceAfterDays\": 0",
            backup: true
        );
        var removed = await RunAsync("run", deleting);
        Assert.Equal(0, await CountAsync(box));
        await FillAsync(box, 20, 3);
        before.AddRange((await MailboxContent.ReadAsync(servers.Old, box.User)).Folders["INBOX"].Select(message => message.Hash));
        var last = await RunAsync("run", deleting);

        Assert.Contains("20 found = 20 stored", first);
        Assert.Contains("No changes since snapshot", again);
        Assert.Contains("20 messages deleted at the source", removed);
        Assert.Contains("complete: 23 messages", last);
        var user = DovecotServer.NewUser("restored");
        await RunAsync(
            "restore",
            archive,
            "--to",
            $"imaps://{user}@localhost:{servers.New.ImapsPort}?fingerprint={servers.New.Fingerprint}"
        );
        Assert.Equal(before, (await MailboxContent.ReadAsync(servers.New, user)).Folders["INBOX"].Select(message => message.Hash));
        await RunAsync("archive", "check", archive, "--read-data");
    }

    [Fact]
    public async Task What_the_archive_cannot_give_back_stays_on_the_server()
    {
        var box = new Pop3Box(servers.Old);
        await FillAsync(box, 0, 10);
        var archive = Path.Combine(_state.FullName, "archive");
        await RunAsync("archive", "init", archive);
        await RunAsync("run", await JobAsync("keep", box, $"\"archive\": {{ \"location\": \"{archive}\" }}", backup: true));
        var pack = Directory.GetFiles(Path.Combine(archive, "packs"), "*", SearchOption.AllDirectories).Single();
        await using (var file = File.OpenWrite(pack))
        {
            file.Position = 100;
            file.Write("damage"u8);
        }

        var deleted = await RunAsync(
            "run",
            await JobAsync("delete", box, $"\"archive\": {{ \"location\": \"{archive}\" }}, \"deleteAtSourceAfterDays\": 0", backup: true)
        );

        Assert.Contains("stays on the server", deleted);
        Assert.Equal(1, await CountAsync(box));
    }

    [Fact]
    public async Task Lists_that_are_lost_are_made_anew()
    {
        var box = new Pop3Box(servers.Old);
        await FillAsync(box, 0, 10);
        var archive = Path.Combine(_state.FullName, "archive");
        await RunAsync("archive", "init", archive);
        var job = await JobAsync("keep", box, $"\"archive\": {{ \"location\": \"{archive}\" }}", backup: true);
        await RunAsync("run", job);
        Directory.Delete(Path.Combine(archive, "pages"), recursive: true);

        var loud = await MigratorProcess.RunAsync(_state.FullName, "run", job);
        var repair = await MigratorProcess.RunAsync(_state.FullName, "archive", "repair", archive);
        var after = await RunAsync("run", job);

        Assert.Equal(ExitCode.Incomplete, loud.Code);
        Assert.Contains("archive repair", loud.Output + loud.Errors);
        Assert.Equal(ExitCode.Incomplete, repair.Code);
        Assert.Contains("complete: 10 messages", after);
        var user = DovecotServer.NewUser("restored");
        await RunAsync(
            "restore",
            archive,
            "--to",
            $"imaps://{user}@localhost:{servers.New.ImapsPort}?fingerprint={servers.New.Fingerprint}"
        );
        Assert.Equal(10, (await MailboxContent.ReadAsync(servers.New, user)).Count);
    }

    private static async Task FillAsync(Pop3Box box, int from, int count)
    {
        await using var imap = await box.ImapAsync();
        for (var number = from; number < from + count; number++)
            await imap.AppendAsync("INBOX", [.. "Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0100\r\n"u8, .. Letters.Letter(number)]);
    }

    private static async Task<int> CountAsync(Pop3Box box) => (await MailboxContent.ReadAsync(box.Server, box.User)).Count;

    private async Task<string> JobAsync(string name, Pop3Box box, string rest, bool backup = false)
    {
        var file = Path.Combine(_state.FullName, $"{name}.json");
        await File.WriteAllTextAsync(
            file,
            $$"""
            {
              {{(backup ? "\"kind\": \"backup\"," : "")}}
              "source": { "protocol": "pop3", "host": "localhost", "port": {{box.Server.Pop3sPort}},
                  "user": "{{box.User}}", "password": "env:MIGRATOR_SOURCE_PASSWORD",
                  "certificate": { "fingerprint": "{{box.Server.Fingerprint}}" } },
              {{rest}}
            }
            """
        );
        return file;
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output, errors) = await MigratorProcess.RunAsync(_state.FullName, arguments);
        Assert.True(code == ExitCode.Success, $"{string.Join(' ', arguments)}: {code}\n{output}{errors}");
        return output;
    }
}
