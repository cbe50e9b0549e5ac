using Migrator.App.Formatting;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>Folders of all names and kinds, on servers of all customs.</summary>
public sealed class FolderTests(DovecotFixture servers)
{
    private static readonly string[] s_odd =
    [
        "&",
        "a&b",
        "&-",
        "100%",
        "a*b",
        "\"quoted\"",
        "back\\slash",
        " leading",
        "trailing ",
        "two  blanks",
        "emoji 🎉",
        "Gelöschte Elemente",
        "日本語",
        "עברית",
        "e\u0301 combining",
        "é composed",
        "a.b" /* the other server's delimiter */
        ,
        "(brackets)",
        "{5}",
        "-dash",
        "#hash",
        "it's",
        "UPPER",
        "Upper",
        "one",
        "one/two",
        "one/two/three/four/five/six/seven/eight",
        "only/folders/above",
        "INBOX/below",
        "Archive/2024/Größe & Ordnung",
        new('x', 180),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_name_arrives_as_it_was_with_its_mail_and_subscription()
    {
        // Listed as text, so that a "." in a name is one: Maildir++ would take it for a level.
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Format: "sdbox"));
        await using var @new = await DovecotServer.StartAsync(new DovecotOptions(Format: "sdbox"));
        await using var harness = new Harness(old, @new);
        await ArrangeAsync(harness, s_odd);

        var report = await harness.RunAsync(Stop);

        var source = await harness.SourceContentAsync();
        Assert.Superset(s_odd.ToHashSet(), source.Folders.Keys.ToHashSet());
        source.ShouldEqual(await harness.TargetContentAsync());
        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task Delimiter_and_prefix_are_the_targets_own()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(Separator: '.', Prefix: "INBOX."));
        await using var harness = new Harness(servers.Old, target);
        await ArrangeAsync(harness, ["Work", "Work/2024/Q1", "Grüße"]);

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);

        var (source, there) = (await harness.SourceContentAsync(), await harness.TargetContentAsync());
        // Work/2024 holds only folders at the source, and does so here.
        Assert.Equal(["INBOX", "INBOX.Grüße", "INBOX.Work", "INBOX.Work.2024.Q1"], there.Folders.Keys);
        Assert.Equal(source.Count, there.Count);
        Assert.Contains("INBOX.Work.2024.Q1", there.Subscribed);
        Assert.Equal(0, again.Total.Delivered);
        Assert.Equal(RunOutcome.Complete, report.Outcome);
    }

    [Fact]
    public async Task A_level_that_holds_only_folders_does_not_become_a_folder_for_mail()
    {
        // In Maildir++ a level exists only by what is below it.
        await using var harness = new Harness(servers.Old, servers.New);
        await ArrangeAsync(harness, ["bare/deep/leaf", "bare/deep/other"]);

        await harness.RunAsync(Stop);

        var there = await harness.TargetContentAsync();
        Assert.Equal(["INBOX", "bare/deep/leaf", "bare/deep/other"], there.Folders.Keys);
        (await harness.SourceContentAsync()).ShouldEqual(there);
    }

    [Fact]
    public async Task A_folder_that_another_session_creates_meanwhile_is_no_failure()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await ArrangeAsync(harness, ["race"]);
        var created = 0;
        await using var other = await harness.TargetAsync();
        // Without the response code that would tell: Cyrus gives none.
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            FromServer = text => text.Replace("[ALREADYEXISTS] ", "", StringComparison.Ordinal),
            Sees = (fromServer, text) =>
            {
                // Just before the product's own command gets there.
                if (fromServer || !text.Contains(" CREATE race\r\n", StringComparison.Ordinal) || Interlocked.Exchange(ref created, 1) == 1)
                    return;
                other.RunAsync("CREATE race").GetAwaiter().GetResult();
            },
        };
        harness.Job = harness.Job with { Target = Harness.Server(proxy.Port, harness.TargetUser, null) };

        var report = await harness.RunAsync(Stop);

        Assert.Equal((1, RunOutcome.Complete), (created, report.Outcome));
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task Prefix_and_delimiter_of_the_source_do_not_stay()
    {
        await using var source = await DovecotServer.StartAsync(new DovecotOptions(Separator: '.', Prefix: "INBOX."));
        await using var harness = new Harness(source, servers.New);
        await ArrangeAsync(harness, ["INBOX.Work", "INBOX.Work.2024"]);

        await harness.RunAsync(Stop);

        var there = await harness.TargetContentAsync();
        Assert.Equal(["INBOX", "Work", "Work/2024"], there.Folders.Keys);
    }

    [Theory]
    [InlineData("INBOX.inbox.x", "INBOX.INBOX.x")]
    [InlineData("INBOX.INBOY", "INBOX.X")]
    public async Task Folders_that_have_one_path_without_prefix_or_case_are_all_copied(params string[] folders)
    {
        await using var source = await DovecotServer.StartAsync(new DovecotOptions(Separator: '.', Prefix: "INBOX."));
        // Courier has a folder INBOX in INBOX where a client made one; Dovecot refuses the name.
        var renames = folders.Contains("INBOX.INBOY");
        await using var proxy = new LoopbackProxy(source.ImapPort)
        {
            FromServer = renames ? text => text.Replace("INBOX.INBOY", "INBOX.INBOX", StringComparison.Ordinal) : null,
            FromClient = renames ? text => text.Replace("INBOX.INBOX", "INBOX.INBOY", StringComparison.Ordinal) : null,
        };
        await using var harness = new Harness(source, servers.New, proxy.Port, servers.New.ImapPort);
        await ArrangeAsync(harness, folders);

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);

        Assert.Equal(
            (RunOutcome.Complete, 6, 6, 6),
            (report.Outcome, report.Total.Found, report.Total.Delivered, again.Total.AlreadyThere)
        );
        Assert.Equal(3, (await harness.TargetContentAsync()).Folders.Count(folder => folder.Value.Count == 2));
    }

    [Fact]
    public async Task A_name_that_holds_the_targets_delimiter_is_changed_and_said()
    {
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Format: "sdbox"));
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(Separator: '.'));
        await using var harness = new Harness(old, target);
        await ArrangeAsync(harness, ["a.b"]);

        var report = await harness.RunAsync(Stop);

        Assert.Contains("a_b", (await harness.TargetContentAsync()).Folders.Keys);
        Assert.Contains(report.Notices, notice => notice.Contains("a.b becomes a_b", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_with_a_character_that_the_target_takes_in_no_name_is_changed_and_said()
    {
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Format: "sdbox"));
        // Maildir++ cannot hold a dot in a name, whatever the delimiter is over IMAP.
        await using var harness = new Harness(old, servers.New);
        await ArrangeAsync(harness, ["Example.com", "Example.com/Sales (EU)", "what?!"]);

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 0), (again.Outcome, again.Total.Delivered));
        Assert.Superset(
            new HashSet<string> { "Example_com", "Example_com/Sales (EU)", "what?!" },
            (await harness.TargetContentAsync()).Folders.Keys.ToHashSet()
        );
        Assert.Contains(
            report.Notices,
            notice => notice.Contains("Example.com/Sales (EU) becomes Example_com/Sales (EU)", StringComparison.Ordinal)
        );
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task Special_use_is_kept_and_followed()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await ArrangeAsync(harness, ["Sent", "Drafts", "Trash"]);

        await harness.RunAsync(Stop);

        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
        await using var imap = await harness.TargetAsync();
        Assert.Contains(await imap.RunAsync("LIST \"\" \"Sent\""), response => response.Text.Contains("\\Sent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_for_its_use_that_the_target_gets_later_does_not_get_the_mail_again()
    {
        // What the target calls its folder for sent mail: none at first, then another than the one that was copied.
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            FromServer = text => text.Replace("\\Sent", "\\Sint", StringComparison.Ordinal),
        };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        harness.Job = harness.Job with { Folders = FolderRules.All with { Exclude = ["INBOX"] } };
        await ArrangeAsync(harness, ["Sent"]);
        await harness.RunAsync(Stop);
        await using (var target = await harness.TargetAsync())
            await target.CreateAsync("Outbox");
        proxy.FromServer = text =>
            text.Replace("\\Sent) \"/\" Sent", ") \"/\" Sent", StringComparison.Ordinal)
                .Replace(") \"/\" Outbox", " \\Sent) \"/\" Outbox", StringComparison.Ordinal);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((0, 2), (report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Contains(report.Notices, notice => notice.StartsWith("Sent stays in Sent", StringComparison.Ordinal));
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task Special_use_is_asked_for_at_creation_where_the_server_takes_it()
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
        await ArrangeAsync(harness, ["Drafts", "Plain"]);

        var report = await harness.RunAsync(Stop);

        Assert.Contains(created, command => command.Contains("CREATE Drafts (USE (\\Drafts))", StringComparison.Ordinal));
        // This server does not take it after all: the folder is there nevertheless.
        Assert.Equal(RunOutcome.Complete, report.Outcome);
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task A_subscription_that_is_refused_leaves_no_mail_behind()
    {
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            FromClient = text => text.Replace(" SUBSCRIBE ", " SUBSCRIBX ", StringComparison.Ordinal),
        };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness, ["Work"]);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 4), (report.Outcome, report.Total.Delivered));
        Assert.Contains(report.Notices, notice => notice.Contains("subscribing to Work", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rules_leave_out_and_merge()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await ArrangeAsync(harness, ["Junk", "Junk/older", "Work", "Job"]);
        harness.Job = harness.Job with
        {
            Folders = FolderRules.All with
            {
                Exclude = ["Junk", "Junk/**"],
                Rename = new Dictionary<string, string> { ["Job"] = "Work" },
            },
        };

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);

        var there = await harness.TargetContentAsync();
        Assert.Equal(["INBOX", "Work"], there.Folders.Keys);
        Assert.Equal(4, there.Folders["Work"].Count);
        Assert.Equal((10, 6, 4), (report.Total.Found, report.Total.Delivered, report.Total.Skipped));
        Assert.Equal((0, 6), (again.Total.Delivered, again.Total.AlreadyThere));
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task Patterns_rename_and_check_run_and_verify_agree()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await ArrangeAsync(harness, ["Projekte/A", "Projekte/A/deep", "Archiv 2023", "Archiv 2024", "Work"]);
        harness.Job = harness.Job with
        {
            Folders = FolderRules.All with
            {
                Rename = new Dictionary<string, string> { ["Archiv 2023"] = "Attic" },
                RenamePatterns = [new FolderPattern("Projekte/*", "Projects/$1"), new FolderPattern("Archiv *", "Archive/$1")],
            },
        };

        var check = await harness.CheckAsync(Stop);
        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);

        string[] folders = ["Archive/2024", "Attic", "INBOX", "Projects/A", "Projects/A/deep", "Work"];
        Assert.Equal(folders, (await harness.TargetContentAsync()).Folders.Keys.Except(["Archive", "Projects"]));
        Assert.Equal(folders, check.Folders.Select(folder => folder.Target.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal((12, 0, RunOutcome.Complete), (report.Total.Delivered, again.Total.Delivered, again.Outcome));
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    /// <summary>Two messages in each, the same two everywhere.</summary>
    private static async Task ArrangeAsync(Harness harness, IReadOnlyList<string> folders)
    {
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 2);
        foreach (var folder in folders)
        {
            await source.CreateAsync(folder);
            await source.RunAsync($"SUBSCRIBE {RawImap.Name(folder)}");
            await FillAsync(source, folder, 0, 2);
        }
    }
}
