using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>Everything below one folder of the target, on real servers.</summary>
public sealed class IntoTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_whole_mailbox_arrives_below_it_and_what_is_there_stays_apart()
    {
        var created = new List<string>();
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            FromServer = text => text.Replace(" SPECIAL-USE", " SPECIAL-USE CREATE-SPECIAL-USE", StringComparison.Ordinal),
            Sees = (fromServer, text) =>
            {
                if (!fromServer && text.Contains(" CREATE ", StringComparison.Ordinal))
                    created.Add(text);
            },
        };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        harness.Job = harness.Job with { Folders = FolderRules.All with { Into = FolderPath.Parse("Old mail") } };
        await ArrangeAsync(harness, "INBOX", "Sent", "Work/2024");
        await using (var target = await harness.TargetAsync())
        {
            await target.CreateAsync("Sent");
            await FillAsync(target, "Sent", 10, 1);
            await FillAsync(target, "INBOX", 20, 1);
        }

        var check = await harness.CheckAsync(Stop);
        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);

        var there = await harness.TargetContentAsync();
        string[] folders = ["INBOX", "Old mail/INBOX", "Old mail/Sent", "Old mail/Work/2024", "Sent"];
        Assert.Equal(folders, there.Folders.Keys.Except(["Old mail", "Old mail/Work"]));
        Assert.Equal([1, 2, 2, 2, 1], folders.Select(folder => there.Folders[folder].Count));
        var source = await harness.SourceContentAsync();
        Assert.Equal(source.Folders["Sent"], there.Folders["Old mail/Sent"]);
        Assert.Equal((6, 6, 0), (check.Folders.Sum(folder => folder.ToCopy.Messages), report.Total.Delivered, again.Total.Delivered));
        Assert.Equal(report.Folders.Select(folder => folder.Target), check.Folders.Select(folder => folder.Target));
        Assert.Equal((RunOutcome.Complete, RunOutcome.Complete), (report.Outcome, again.Outcome));
        Assert.Contains(created, command => command.Contains("Old mail/Sent", StringComparison.Ordinal));
        Assert.DoesNotContain(created, command => command.Contains("USE (", StringComparison.Ordinal));
        Assert.Contains("Old mail/Work/2024", there.Subscribed);
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task Below_INBOX_with_the_targets_delimiter_and_prefix()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(Separator: '.', Prefix: "INBOX."));
        await using var harness = new Harness(servers.Old, target);
        harness.Job = harness.Job with { Folders = FolderRules.All with { Into = FolderPath.Parse("INBOX/Old/mail") } };
        await ArrangeAsync(harness, "INBOX", "Work");

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 4, 0), (report.Outcome, report.Total.Delivered, again.Total.Delivered));
        Assert.Superset(
            new HashSet<string> { "INBOX.Old.mail.INBOX", "INBOX.Old.mail.Work" },
            (await harness.TargetContentAsync()).Folders.Keys.ToHashSet()
        );
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task Cyrus_takes_it_too()
    {
        await using var cyrus = await CyrusServer.StartAsync("ann");
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with
        {
            Target = Harness.Server(cyrus.Port, "ann", null),
            Folders = FolderRules.All with { Into = FolderPath.Parse("Old mail") },
        };
        await ArrangeAsync(harness, "INBOX", "Work/2024");

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 4, 0), (report.Outcome, report.Total.Delivered, again.Total.Delivered));
        await using var imap = await cyrus.LogInAsync("ann");
        Assert.Superset(
            new HashSet<string> { "INBOX/Old mail/INBOX", "INBOX/Old mail/Work/2024" },
            (await MailboxContent.ReadAsync(imap)).Folders.Keys.ToHashSet()
        );
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task Folders_of_everybody_lie_below_it_where_the_job_includes_them()
    {
        const string namespaces = """
            namespace others {
              type = public
              separator = /
              prefix = Public/
              location = maildir:~/Public
              list = yes
            }
            """;
        await using var source = await DovecotServer.StartAsync(new DovecotOptions(Namespaces: namespaces));
        await using var harness = new Harness(source, servers.New);
        harness.Job = harness.Job with
        {
            Folders = FolderRules.All with
            {
                Into = FolderPath.Parse("Old mail"),
                Namespaces = new HashSet<NamespaceKind> { NamespaceKind.Private, NamespaceKind.Public },
                Rename = new Dictionary<string, string> { ["Public"] = "Team" },
            },
        };
        await ArrangeAsync(harness, "INBOX", "Public/Info");

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 4), (report.Outcome, report.Total.Delivered));
        Assert.Equal(2, (await harness.TargetContentAsync()).Folders["Old mail/Team/Info"].Count);
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    /// <summary>Two messages in each.</summary>
    private static async Task ArrangeAsync(Harness harness, params string[] folders)
    {
        await using var source = await harness.SourceAsync();
        foreach (var folder in folders)
        {
            if (folder != "INBOX")
                await source.CreateAsync(folder);
            await source.RunAsync($"SUBSCRIBE {RawImap.Name(folder)}");
            await FillAsync(source, folder, 0, 2);
        }
    }
}
