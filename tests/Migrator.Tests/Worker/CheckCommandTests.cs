using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Mail;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary><c>migrator check</c> as a user and a script see it, compared with the <c>migrator run</c> after it.</summary>
public sealed class CheckCommandTests(DovecotFixture servers) : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("check");

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task What_POP3_deletion_would_remove_is_what_it_removes()
    {
        var (box, user) = (new Pop3Box(servers.Old), DovecotServer.NewUser("imap"));
        await FillAsync(box, 0, 12);
        string Rest(int days) => $"{Target(user)}, \"deleteAtSourceAfterDays\": {days}";
        var (later, now) = (await JobAsync("later", box, Rest(3)), await JobAsync("now", box, Rest(0)));

        var first = await JsonAsync("check", later);
        var text = await RunAsync("check", later);
        Assert.Empty(Directory.GetFiles(_state.FullName, "*.db"));
        await RunAsync("run", later);
        await using (var target = await servers.New.LogInAsync(user))
            await target.DeleteAsync("INBOX", "3");
        await FillAsync(box, 12, 2);
        var second = await JsonAsync("check", now);
        var deleted = await RunAsync("run", now);

        Assert.Equal((0, 12, 0), SourceDeletionPolicy(first));
        var nextDue = first.GetProperty("removal").GetProperty("nextDue").GetDateTimeOffset();
        Assert.InRange(nextDue, DateTimeOffset.UtcNow.AddDays(2), DateTimeOffset.UtcNow.AddDays(3));
        Assert.Contains("Deletion at the source after 3 days: a run would delete 0 messages", text);
        Assert.Contains("12 messages not due yet, the first on ", text);
        // The copy of one was removed at the target, so that it is not read back and stays.
        Assert.Equal((13, 0, 1), SourceDeletionPolicy(second));
        Assert.Equal((2, 11), (Number(second, "toCopy"), Number(second, "copied")));
        Assert.Equal(1, second.GetProperty("folders")[0].GetProperty("removedAtTarget").GetInt64());
        Assert.Contains("14 found = 2 copied + 11 already there + 1 vanished", deleted);
        Assert.Contains("13 messages deleted at the source", deleted);
    }

    [Fact]
    public async Task A_backup_does_what_was_foretold()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using var source = await harness.SourceAsync();
        await Letters.FillAsync(source, "INBOX", 0, 8);
        await source.CreateAsync("Work");
        await Letters.FillAsync(source, "Work", 20, 3);
        var job = await BackupAsync(harness);
        await RunAsync("archive", "init", job);

        var first = await JsonAsync("check", job);
        var run = await RunAsync("run", job);
        await Letters.FillAsync(source, "INBOX", 8, 4);
        await source.DeleteAsync("INBOX", "1");
        var second = await JsonAsync("check", job);
        var text = await RunAsync("check", job);
        var again = await RunAsync("run", job);

        Assert.Equal((11, 0, 0), (Number(first, "toCopy"), Number(first, "copied"), first.GetProperty("snapshots").GetInt32()));
        Assert.Contains("11 found = 11 stored", run);
        Assert.Equal((4, 10, 1), (Number(second, "toCopy"), Number(second, "copied"), second.GetProperty("snapshots").GetInt32()));
        var bytes = second.GetProperty("total").GetProperty("toCopy").GetProperty("bytes").GetInt64();
        Assert.Equal(Enumerable.Range(8, 4).Sum(number => Letters.Letter(number).Length), bytes);
        Assert.Contains("14 messages", text);
        Assert.Contains("10 messages", text);
        Assert.Matches(@"14 found = 4 stored \+ 10 already there", again);
    }

    [Fact]
    public async Task A_POP3_archive_foretells_what_is_new_and_what_is_deleted()
    {
        var box = new Pop3Box(servers.Old);
        await FillAsync(box, 0, 6);
        var archive = Path.Combine(_state.FullName, "archive");
        await RunAsync("archive", "init", archive);
        var job = await JobAsync(
            "keep",
            box,
            $$"""
            "archive": { "location": "{{archive}}" }, "deleteAtSourceAfterDays": 0
            """,
            backup: true
        );

        var first = await JsonAsync("check", job);
        var run = await RunAsync("run", job);
        await FillAsync(box, 6, 2);
        var second = await JsonAsync("check", job);
        var again = await RunAsync("run", job);

        Assert.Equal((6, (6, 0, 0)), (Number(first, "toCopy"), SourceDeletionPolicy(first)));
        Assert.Contains("6 messages deleted at the source", run);
        Assert.Equal((2, (2, 0, 0)), (Number(second, "toCopy"), SourceDeletionPolicy(second)));
        Assert.Contains("2 messages deleted at the source", again);
    }

    [Fact]
    public async Task A_quota_that_is_too_small_has_the_exit_code_of_the_run()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(QuotaStorage: 20_000));
        await using var harness = new Harness(servers.Old, target);
        await using (var source = await harness.SourceAsync())
            await Letters.FillAsync(source, "INBOX", 0, 20, size: 2000);
        var job = Path.Combine(_state.FullName, "job.json");
        await File.WriteAllTextAsync(
            job,
            $$"""
            {
              "source": {{End(servers.Old, harness.SourceUser, "SOURCE")}},
              "target": {{End(target, harness.TargetUser, "TARGET")}}
            }
            """,
            TestContext.Current.CancellationToken
        );

        var check = await MigratorProcess.RunAsync(_state.FullName, "check", job);
        var json = await MigratorProcess.RunAsync(_state.FullName, "check", job, "--json");
        var run = await MigratorProcess.RunAsync(_state.FullName, "run", job);

        Assert.Equal((ExitCode.Incomplete, ExitCode.Incomplete, ExitCode.Incomplete), (check.Code, json.Code, run.Code));
        Assert.Contains("Logged in to source and target. No changes were made.", check.Output);
        Assert.Contains("Target: no size limit advertised; accepts batches of up to 200 messages.", check.Output);
        Assert.Contains("Problem: Quota \"User quota\": ", check.Output);
        Assert.Contains("The mail does not fit.", check.Output);
        Assert.Contains("A run would not be complete.", check.Output);
        var quota = JsonDocument.Parse(json.Output).RootElement.GetProperty("quotas")[0];
        Assert.Equal("exceeded", quota.GetProperty("verdict").GetString());
        Assert.Equal(20, quota.GetProperty("coming").GetProperty("messages").GetInt32());
    }

    [Fact]
    public async Task One_target_for_two_mailboxes_is_named()
    {
        var user = DovecotServer.NewUser("shared");
        var job = Path.Combine(_state.FullName, "two.json");
        string Mailbox(string name) =>
            $$"""
                { "name": "{{name}}", "source": {{End(servers.Old, DovecotServer.NewUser(name), "SOURCE")}}, {{Target(user)}} }
                """;
        await File.WriteAllTextAsync(
            job,
            $$"""{ "mailboxes": [ {{Mailbox("ann")}}, {{Mailbox("bob")}} ] }""",
            TestContext.Current.CancellationToken
        );

        var check = await MigratorProcess.RunAsync(_state.FullName, "check", job);

        Assert.Equal(ExitCode.Configuration, check.Code);
        Assert.Contains("is the same mailbox as the target of", check.Output + check.Errors);
    }

    private static (long Due, long TooYoung, long NotStored) SourceDeletionPolicy(JsonElement check)
    {
        var removal = check.GetProperty("removal");
        return (Of("due"), Of("tooYoung"), Of("notStored"));

        long Of(string name) => removal.GetProperty(name).GetInt64();
    }

    private static long Number(JsonElement check, string amount) =>
        check.GetProperty("total").GetProperty(amount).GetProperty("messages").GetInt64();

    private static async Task FillAsync(Pop3Box box, int from, int count)
    {
        await using var imap = await box.ImapAsync();
        await Letters.FillAsync(imap, "INBOX", from, count);
    }

    private static string End(DovecotServer server, string user, string end, int pop3Port = 0) =>
        $$"""
            {
              {{(pop3Port > 0 ? "\"protocol\": \"pop3\"," : "")}}
              "host": "localhost", "port": {{(pop3Port > 0 ? pop3Port : server.ImapsPort)}}, "user": "{{user}}",
              "password": "env:MIGRATOR_{{end}}_PASSWORD", "certificate": { "fingerprint": "{{server.Fingerprint}}" }
            }
            """;

    private string Target(string user) => $"\"target\": {End(servers.New, user, "TARGET")}";

    private async Task<string> BackupAsync(Harness harness)
    {
        var file = Path.Combine(_state.FullName, "nightly.json");
        await File.WriteAllTextAsync(
            file,
            $$"""
            { "kind": "backup", "source": {{End(servers.Old, harness.SourceUser, "SOURCE")}}, "archive": { "location": "archive" } }
            """
        );
        return file;
    }

    private async Task<string> JobAsync(string name, Pop3Box box, string rest, bool backup = false)
    {
        var file = Path.Combine(_state.FullName, $"{name}.json");
        await File.WriteAllTextAsync(
            file,
            $$"""
            {
              {{(backup ? "\"kind\": \"backup\"," : "")}}
              "source": {{End(box.Server, box.User, "SOURCE", box.Server.Pop3sPort)}},
              {{rest}}
            }
            """
        );
        return file;
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments) =>
        JsonDocument.Parse(await RunAsync([.. arguments, "--json"])).RootElement;

    private async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output, errors) = await MigratorProcess.RunAsync(_state.FullName, arguments);
        Assert.True(code == ExitCode.Success, $"{string.Join(' ', arguments)}: {code}\n{output}{errors}");
        return output;
    }
}
