using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>Others get the rights on folders of the target that they have at the source (RFC 4314).</summary>
public sealed class AccessTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rights_are_added_only_where_the_job_says_so_and_none_is_taken_away()
    {
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Acl: true));
        await using var @new = await DovecotServer.StartAsync(new DovecotOptions(Acl: true));
        await using var harness = new Harness(old, @new);
        await using var source = await harness.SourceAsync();
        await using var target = await harness.TargetAsync();
        await source.CreateAsync("Team");
        await FillAsync(source, "Team", 0, 2);
        await source.RunAsync("SETACL Team bob lrs");
        await source.RunAsync("SETACL Team dave lrswite");
        await source.RunAsync("SETACL INBOX eve lr");
        await target.CreateAsync("Team");
        await target.RunAsync("SETACL Team bob lw");
        await target.RunAsync("SETACL Team frank lrs");
        var owner = await RightsAsync(target, "Team", harness.TargetUser);

        var without = await harness.RunAsync(Stop);
        var before = await RightsAsync(target, "Team", "dave");
        Copy(harness);
        var first = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);

        Assert.Equal("", before);
        Assert.DoesNotContain(without.Notices, notice => notice.Contains("rights"));
        Assert.All([first, again], report => Assert.Equal(RunOutcome.Complete, report.Outcome));
        Assert.Equal("lrsw", await RightsAsync(target, "Team", "bob"));
        Assert.Equal("eilrstw", await RightsAsync(target, "Team", "dave"));
        Assert.Equal("lrs", await RightsAsync(target, "Team", "frank"));
        Assert.Equal("lr", await RightsAsync(target, "INBOX", "eve"));
        Assert.Equal(owner, await RightsAsync(target, "Team", harness.TargetUser));
        // The owner of the source is nobody there.
        Assert.Equal("", await RightsAsync(target, "Team", harness.SourceUser));
        Assert.Contains("Rights on 2 folders of the target were given as at the source: bob, dave, eve.", first.Notices);
        Assert.DoesNotContain(again.Notices, notice => notice.Contains("rights"));
    }

    [Fact]
    public async Task Identifiers_are_mapped_and_those_that_mean_many_or_deny_are_left_out_and_named()
    {
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Acl: true, AclForAnyone: true));
        await using var @new = await DovecotServer.StartAsync(new DovecotOptions(Acl: true, AclForAnyone: true));
        await using var harness = new Harness(old, @new);
        await using var source = await harness.SourceAsync();
        await using var target = await harness.TargetAsync();
        foreach (var entry in new[] { "bob lrs", "-dave w", "anyone l", "$staff lr", "$sales lr" })
            await source.RunAsync($"SETACL INBOX {entry}");
        Copy(harness, ("bob", "bob@new.example"), ("$sales", "$vendors"));

        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal("lrs", await RightsAsync(target, "INBOX", "bob@new.example"));
        Assert.Equal("lr", await RightsAsync(target, "INBOX", "$vendors"));
        foreach (var other in new[] { "bob", "-dave", "dave", "anyone", "$staff", "$sales" })
            Assert.Equal("", await RightsAsync(target, "INBOX", other));
        Assert.Contains(
            report.Notices,
            notice => notice.StartsWith("Rights of these are not copied: $staff, -dave, anyone.", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task What_the_target_refuses_is_named_and_fails_nothing()
    {
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Acl: true, AclForAnyone: true));
        await using var @new = await DovecotServer.StartAsync(new DovecotOptions(Acl: true));
        await using var harness = new Harness(old, @new);
        await using var source = await harness.SourceAsync();
        await using var target = await harness.TargetAsync();
        var many = Enumerable.Range(0, 8).Select(number => $"many{number}").ToList();
        foreach (var folder in new[] { "A", "B", "C", "D" })
        {
            await source.CreateAsync(folder);
            foreach (var entry in many.Append("anyone").Append("zoe"))
                await source.RunAsync($"SETACL {folder} {entry} l");
        }
        Copy(harness, [("anyone", "anyone"), .. many.Select(name => (name, $"#{name}"))]);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        foreach (var folder in new[] { "A", "B", "C", "D" })
            Assert.Equal("l", await RightsAsync(target, folder, "zoe"));
        Assert.Equal(20, report.Notices.Count(notice => notice.Contains("did not get the rights \"l\"")));
        Assert.Contains(report.Notices, notice => notice.Contains("A: anyone did not get the rights \"l\": "));
        Assert.Contains(
            report.Notices,
            notice => notice.EndsWith("It gets none on further folders in this run.", StringComparison.Ordinal)
        );
        Assert.Contains(
            report.Notices,
            notice => notice.EndsWith("further refusals of access rights are not named.", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_a_server_has_no_access_control_lists_a_notice_says_so(bool source)
    {
        await using var other = await DovecotServer.StartAsync(new DovecotOptions(Acl: true));
        await using var harness = source ? new Harness(servers.Old, other) : new Harness(other, servers.New);
        await using (var imap = await harness.SourceAsync())
        {
            await FillAsync(imap, "INBOX", 0, 1);
            if (!source)
                await imap.RunAsync("SETACL INBOX bob lr");
        }
        Copy(harness);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal(
            [$"Access rights are not copied: the {(source ? "source" : "target")} has no access control lists (ACL, RFC 4314)."],
            report.Notices.Where(notice => notice.Contains("ccess"))
        );
    }

    [Fact]
    public async Task Rights_on_folders_of_others_stay_where_they_are()
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
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Acl: true, AclForAnyone: true, Namespaces: namespaces));
        await using var @new = await DovecotServer.StartAsync(new DovecotOptions(Acl: true, AclForAnyone: true));
        await using var harness = new Harness(old, @new);
        var info = Path.Combine(old.MailDirectory, harness.SourceUser, "Public", ".Info");
        foreach (var part in new[] { "cur", "new", "tmp" })
            Directory.CreateDirectory(Path.Combine(info, part));
        await File.WriteAllTextAsync(Path.Combine(info, "dovecot-acl"), "anyone lrwstipekxa\nuser=zoe lr\n", Stop);
        old.TakeOver(harness.SourceUser);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "Public/Info", 0, 2);
            await source.RunAsync("SETACL INBOX zoe lr");
            Assert.Equal("lr", await RightsAsync(source, "Public/Info", "zoe"));
        }
        Copy(harness, ("anyone", "anyone"));
        harness.Job = harness.Job with
        {
            Folders = harness.Job.Folders with
            {
                Namespaces = new HashSet<NamespaceKind> { NamespaceKind.Private, NamespaceKind.Public },
            },
        };

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 2), (report.Outcome, report.Total.Delivered));
        await using var target = await harness.TargetAsync();
        Assert.Equal("lr", await RightsAsync(target, "INBOX", "zoe"));
        Assert.Equal("", await RightsAsync(target, "Public/Info", "zoe"));
        Assert.Equal("", await RightsAsync(target, "Public/Info", "anyone"));
    }

    [Fact]
    public async Task A_folder_in_which_nothing_changed_is_asked_for_its_rights_and_not_opened()
    {
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Acl: true));
        await using var @new = await DovecotServer.StartAsync(new DovecotOptions(Acl: true));
        await using var harness = new Harness(old, @new);
        await using (var source = await harness.SourceAsync())
        {
            await source.CreateAsync("Team");
            await FillAsync(source, "Team", 0, 1);
            await FillAsync(source, "INBOX", 2, 1);
            await source.RunAsync("SETACL Team bob lr");
        }
        Copy(harness);
        await harness.RunAsync(Stop);
        var (atSource, atTarget) = (new List<string>(), new List<string>());
        await using var first = Watched(old, atSource);
        await using var second = Watched(@new, atTarget);
        harness.Job = harness.Job with
        {
            Source = Harness.Server(first.Port, harness.SourceUser, null),
            Target = Harness.Server(second.Port, harness.TargetUser, null),
        };
        await harness.RunAsync(Stop);
        await harness.RunAsync(Stop);
        var with = await CommandsAsync();
        harness.Job = harness.Job with { Folders = FolderRules.All };

        var without = await CommandsAsync();

        Assert.Equal((2, 1), (with.Source.Count(IsGetAcl), with.Target.Count(IsGetAcl)));
        Assert.Equal(without.Source, with.Source.Where(name => !IsGetAcl(name)));
        Assert.Equal(without.Target, with.Target.Where(name => !IsGetAcl(name)));

        static bool IsGetAcl(string command) => command.StartsWith("GETACL", StringComparison.Ordinal);

        async Task<(List<string> Source, List<string> Target)> CommandsAsync()
        {
            atSource.Clear();
            atTarget.Clear();
            await harness.RunAsync(Stop);
            return (Names(atSource), Names(atTarget));
        }

        // Without the login, which has other random words each time.
        static List<string> Names(IEnumerable<string> sent) =>
            [
                .. sent.SelectMany(text => text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
                    .Select(line => line[(line.IndexOf(' ') + 1)..])
                    .SkipWhile(line => !line.StartsWith("LIST", StringComparison.Ordinal)),
            ];
    }

    [Fact]
    public async Task To_Cyrus_and_back()
    {
        await using var cyrus = await CyrusServer.StartAsync("ann");
        await using var dovecot = await DovecotServer.StartAsync(new DovecotOptions(Acl: true));
        await using var there = new Harness(dovecot, servers.New);
        await using var back = new Harness(servers.Old, dovecot);
        await using var ann = await cyrus.LogInAsync("ann");
        await using (var source = await there.SourceAsync())
        {
            await source.CreateAsync("Team");
            await FillAsync(source, "Team", 0, 1);
            await source.RunAsync("SETACL Team bob lrswipkxte");
        }
        Copy(there);
        Copy(back);
        there.Job = there.Job with { Target = Harness.Server(cyrus.Port, "ann", null) };
        back.Job = back.Job with { Source = Harness.Server(cyrus.Port, "ann", null) };

        var first = await there.RunAsync(Stop);
        var before = await RightsAsync(ann, "INBOX/Team", "ann");
        var second = await back.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, RunOutcome.Complete), (first.Outcome, second.Outcome));
        Assert.Equal("eiklprstwx", await RightsAsync(ann, "INBOX/Team", "bob"));
        Assert.Equal(before, await RightsAsync(ann, "INBOX/Team", "ann"));
        await using var target = await back.TargetAsync();
        Assert.Equal("eiklprstwx", await RightsAsync(target, "Team", "bob"));
    }

    private static void Copy(Harness harness, params (string From, string To)[] identifiers) =>
        harness.Job = harness.Job with
        {
            Folders = harness.Job.Folders with { Access = new AccessRules(identifiers.ToDictionary(pair => pair.From, pair => pair.To)) },
        };

    private static LoopbackProxy Watched(DovecotServer server, List<string> commands) =>
        new(server.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                lock (commands)
                {
                    if (!fromServer)
                        commands.Add(text);
                }
            },
        };

    /// <returns>In the order of letters, without what create and delete were once. Empty where the identifier has no entry.</returns>
    private static async Task<string> RightsAsync(RawImap imap, string folder, string identifier)
    {
        // * ACL folder identifier rights identifier rights
        var words = (await imap.SaidAsync($"GETACL {folder}")).Split('\n')[0].Replace("\"", "").Split(' ');
        var at = Array.LastIndexOf(words, identifier);
        return at < 3 ? "" : string.Concat(words[at + 1].Except("cd").Order());
    }
}
