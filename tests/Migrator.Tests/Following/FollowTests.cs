using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Following;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Following;

/// <summary>What is moved and deleted at the source is moved and deleted at the target, where nobody has touched the copy, and only
/// there.</summary>
public sealed class FollowTests(DovecotFixture servers)
{
    private const string Place = "Deleted at the source";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_deleted_goes_to_a_folder_of_ours_where_the_target_has_no_trash()
    {
        await using var harness = await CopiedAsync();
        await DeleteAtSourceAsync(harness, "INBOX", "2");

        var report = await harness.RunAsync(Stop);

        var there = await harness.TargetContentAsync();
        Assert.Equal((RunOutcome.Complete, new FollowResult { Deleted = 1 }), (report.Outcome, report.Followed));
        Assert.Equal((9, 1), (there.Folders["INBOX"].Count, there.Folders[Place].Count));
        Assert.Equal(Hash(1), there.Folders[Place].Single().Hash);
        await ShouldRestAsync(harness);
    }

    [Fact]
    public async Task It_goes_to_the_trash_of_the_target()
    {
        await using var @new = await DovecotServer.StartAsync();
        await using var harness = await CopiedAsync(target: @new, arrange: target => target.CreateAsync("Trash"));
        await DeleteAtSourceAsync(harness, "INBOX", "2,3");

        // More than a tenth of the folder.
        var held = await harness.RunAsync(Stop);
        harness.Job = Allowing(harness.Job);
        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, new FollowResult { Held = 2 }), (held.Outcome, held.Followed));
        Assert.Equal((RunOutcome.Complete, new FollowResult { Deleted = 2 }), (report.Outcome, report.Followed));
        var there = await harness.TargetContentAsync();
        Assert.Equal((8, 2), (there.Folders["INBOX"].Count, there.Folders["Trash"].Count));
        Assert.DoesNotContain(Place, there.Folders.Keys);
        await ShouldRestAsync(harness);
    }

    [Theory]
    [InlineData(DeletionMode.Folder)]
    [InlineData(DeletionMode.Mark)]
    [InlineData(DeletionMode.Expunge)]
    [InlineData(DeletionMode.Keep)]
    public async Task A_deletion_is_followed_as_the_job_says(DeletionMode mode)
    {
        await using var harness = await CopiedAsync(new FollowRules { Deletions = mode, Folder = new(["Aside", "Gone"]) });
        await DeleteAtSourceAsync(harness, "INBOX", "4");

        var report = await harness.RunAsync(Stop);

        var there = (await harness.TargetContentAsync()).Folders;
        Assert.Equal((RunOutcome.Complete, mode == DeletionMode.Keep ? 0 : 1), (report.Outcome, report.Followed!.Value.Deleted));
        Assert.Equal(mode is DeletionMode.Folder or DeletionMode.Expunge ? 9 : 10, there["INBOX"].Count);
        Assert.Equal(
            mode == DeletionMode.Mark ? [Hash(3)] : [],
            there["INBOX"].Where(message => message.Flags.Contains("Deleted")).Select(message => message.Hash)
        );
        Assert.Equal(
            mode == DeletionMode.Folder ? [Hash(3)] : [],
            there.GetValueOrDefault("Aside/Gone", []).Select(message => message.Hash)
        );
        await ShouldRestAsync(harness);
    }

    [Fact]
    public async Task What_was_moved_is_moved_and_not_sent_again()
    {
        await using var harness = await CopiedAsync();
        await MoveAtSourceAsync(harness, "INBOX", "1:5", "Work");
        await using (var source = await harness.SourceAsync())
        {
            await source.StoreAsync("Work", "3:4", "+FLAGS (\\Flagged)");
            await source.StoreAsync("Work", "4", "-FLAGS (\\Seen)");
        }

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, new FollowResult { Moved = 5 }), (report.Outcome, report.Followed));
        Assert.Equal((0, 12), (report.Total.Delivered, report.Total.AlreadyThere));
        await ShouldBeTheSameAsync(harness);
        await ShouldRestAsync(harness);
    }

    [Fact]
    public async Task Moved_away_and_back_and_on_it_is_where_the_source_has_it()
    {
        await using var harness = await CopiedAsync();
        await MoveAtSourceAsync(harness, "INBOX", "5", "Work");
        await MoveAtSourceAsync(harness, "Work", "3", "INBOX");
        Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);
        await ShouldBeTheSameAsync(harness);

        await MoveAtSourceAsync(harness, "INBOX", "11", "Work");
        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, new FollowResult { Moved = 1 }, 0), (report.Outcome, report.Followed, report.Total.Delivered));
        await ShouldBeTheSameAsync(harness);
        await ShouldRestAsync(harness);
    }

    [Fact]
    public async Task Of_twins_as_many_are_deleted_as_at_the_source()
    {
        await using var harness = await CopiedAsync(arrangeSource: async source =>
        {
            for (var twin = 0; twin < 3; twin++)
                await source.AppendAsync("Work", Letter(50), "", DateTimeOffset.UnixEpoch.AddDays(1));
        });
        await DeleteAtSourceAsync(harness, "Work", "4");
        await MoveAtSourceAsync(harness, "Work", "3", "INBOX");

        var report = await harness.RunAsync(Stop);

        Assert.Equal(new FollowResult { Moved = 1, Deleted = 1 }, report.Followed);
        await ShouldBeTheSameAsync(harness, but: Place);
    }

    [Theory]
    [InlineData("flags")]
    [InlineData("place")]
    [InlineData("brought")]
    public async Task What_somebody_has_touched_stays_and_is_named(string touched)
    {
        await using var harness = await CopiedAsync(arrange: async target =>
        {
            if (touched == "brought")
                await target.AppendAsync("INBOX", Letter(1), "", DateTimeOffset.UnixEpoch.AddDays(10_001));
        });
        await using (var target = await harness.TargetAsync())
        {
            if (touched == "flags")
                await target.StoreAsync("INBOX", "2", "+FLAGS (\\Flagged)");
            if (touched == "place")
            {
                await target.CreateAsync("Mine");
                await target.RunAsync("SELECT INBOX");
                await target.RunAsync("UID MOVE 2 Mine");
            }
        }
        var before = await harness.TargetContentAsync();
        await DeleteAtSourceAsync(harness, "INBOX", "2");

        var report = await harness.RunAsync(Stop);

        (await harness.TargetContentAsync()).ShouldEqual(before);
        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal(new FollowResult { Kept = touched == "place" ? 0 : 1 }, report.Followed);
        var kept = report.Differences.Where(difference => difference.Kind == DifferenceKind.Kept);
        Assert.Equal(touched == "place" ? [] : [2u], kept.Select(difference => difference.Uid!.Value.Value));
        await harness.RunAsync(Stop);
        (await harness.TargetContentAsync()).ShouldEqual(before);
    }

    [Fact]
    public async Task What_somebody_has_touched_is_named_by_each_run_and_deleted_once_it_is_as_it_was()
    {
        await using var harness = await CopiedAsync();
        await using (var target = await harness.TargetAsync())
            await target.StoreAsync("INBOX", "2:4", "+FLAGS (\\Flagged)");
        await DeleteAtSourceAsync(harness, "INBOX", "2:4");

        // It is no deletion that would count towards the limit.
        await DeleteAtSourceAsync(harness, "INBOX", "6");
        var first = await harness.RunAsync(Stop);
        var second = await harness.RunAsync(Stop);
        await using (var target = await harness.TargetAsync())
            await target.StoreAsync("INBOX", "3", "-FLAGS (\\Flagged)");
        var third = await harness.RunAsync(Stop);

        Assert.Equal(
            [new FollowResult { Deleted = 1, Kept = 3 }, new FollowResult { Kept = 3 }, new FollowResult { Deleted = 1, Kept = 2 }],
            [first.Followed, second.Followed, third.Followed]
        );
        Assert.All([first, second, third], report => Assert.Equal(RunOutcome.Complete, report.Outcome));
    }

    [Fact]
    public async Task What_somebody_has_touched_is_not_moved_and_comes_to_its_new_place_as_well()
    {
        await using var harness = await CopiedAsync();
        await using (var target = await harness.TargetAsync())
            await target.StoreAsync("INBOX", "2", "+FLAGS (\\Flagged)");
        await MoveAtSourceAsync(harness, "INBOX", "2", "Work");

        var report = await harness.RunAsync(Stop);

        var there = (await harness.TargetContentAsync()).Folders;
        Assert.Equal((new FollowResult { Kept = 1 }, 1), (report.Followed, report.Total.Delivered));
        Assert.Contains(there["INBOX"], message => message.Hash == Hash(1) && message.Flags.Contains("Flagged"));
        Assert.Contains(there["Work"], message => message.Hash == Hash(1));
    }

    [Fact]
    public async Task More_than_the_limit_waits_for_consent_and_a_limit_of_messages_counts_too()
    {
        await using var harness = await CopiedAsync(new FollowRules { MostPercent = 100, MostMessages = 3 });
        await DeleteAtSourceAsync(harness, "INBOX", "1:4");

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, new FollowResult { Held = 4 }), (report.Outcome, report.Followed));
        Assert.Equal(Reason.DeletionsHeld.Code, report.Problems.Single().Code);
        Assert.Contains("--allow-deletions", report.Problems.Single().Hint);
        Assert.Equal(10, (await harness.TargetContentAsync()).Folders["INBOX"].Count);

        harness.Job = harness.Job with
        {
            Follow = new FollowRules { MostPercent = 100, MostMessages = 4 },
        };
        Assert.Equal(new FollowResult { Deleted = 4 }, (await harness.RunAsync(Stop)).Followed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_emptied_folder_and_one_that_is_gone_always_wait_for_consent(bool gone)
    {
        await using var harness = await CopiedAsync(new FollowRules { MostPercent = 100, MostMessages = 1000 });
        await using (var source = await harness.SourceAsync())
        {
            if (gone)
                await source.RunAsync("DELETE Work");
            else
                await source.DeleteAsync("Work", "1:*");
        }

        var held = await harness.RunAsync(Stop);
        var kept = await harness.TargetContentAsync();
        harness.Job = Allowing(harness.Job);
        var allowed = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, new FollowResult { Held = 2 }), (held.Outcome, held.Followed));
        Assert.Contains(gone ? "no longer has this folder" : "empty at the source", held.Problems.Single().Detail);
        Assert.Equal(2, kept.Folders["Work"].Count);
        Assert.Equal((RunOutcome.Complete, new FollowResult { Deleted = 2 }), (allowed.Outcome, allowed.Followed));
        var there = await harness.TargetContentAsync();
        Assert.Equal((0, 2), (there.Folders["Work"].Count, there.Folders[Place].Count));
    }

    [Fact]
    public async Task A_folder_that_was_renamed_is_renamed_with_those_below_it()
    {
        await using var harness = await CopiedAsync(arrangeSource: async source =>
        {
            await source.CreateAsync("Work/Sub");
            await source.RunAsync("SUBSCRIBE Work");
            await FillAsync(source, "Work/Sub", 30, 3);
        });
        await using (var target = await harness.TargetAsync())
            await target.AppendAsync("Work", Letter(90));
        await using (var source = await harness.SourceAsync())
        {
            await source.RunAsync("RENAME Work Old/Projects");
            await source.RunAsync("UNSUBSCRIBE Work");
            await source.RunAsync("SUBSCRIBE Old/Projects");
            await FillAsync(source, "Old/Projects", 40, 1);
        }
        var uids = await UidsAsync(harness, "Work/Sub");

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 1), (report.Outcome, report.Total.Delivered));
        Assert.Equal(new FollowResult { Renamed = 1 }, report.Followed);
        var there = await harness.TargetContentAsync();
        Assert.DoesNotContain("Work", there.Folders.Keys);
        Assert.Equal([Hash(20), Hash(21), Hash(90), Hash(40)], there.Folders["Old/Projects"].Select(message => message.Hash));
        Assert.Equal(uids, await UidsAsync(harness, "Old/Projects/Sub"));
        Assert.Equal(
            ["Old/Projects"],
            there.Subscribed.Where(name => name.Contains("Projects", StringComparison.Ordinal) || name == "Work")
        );
        await ShouldRestAsync(harness);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_a_renamed_folder_that_is_not_ours_or_whose_new_name_is_taken_the_messages_are_moved(bool taken)
    {
        await using var harness = await CopiedAsync(arrange: target => target.CreateAsync(taken ? "Projects" : "Work"));
        await using (var source = await harness.SourceAsync())
            await source.RunAsync("RENAME Work Projects");

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 0, new FollowResult { Moved = 2 }), (report.Outcome, report.Total.Delivered, report.Followed));
        var there = (await harness.TargetContentAsync()).Folders;
        Assert.Equal((0, 2), (there["Work"].Count, there["Projects"].Count));
        await ShouldRestAsync(harness);
    }

    [Fact]
    public async Task A_source_that_numbers_its_messages_again_has_nothing_removed()
    {
        await using var harness = await CopiedAsync(new FollowRules { MostPercent = 100, MostMessages = 1000 });
        await using (var source = await harness.SourceAsync())
        {
            await source.RunAsync("DELETE Work");
            await source.CreateAsync("Work");
            await FillAsync(source, "Work", 21, 1);
        }
        harness.Job = Allowing(harness.Job);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, new FollowResult()), (report.Outcome, report.Followed));
        Assert.Equal(2, (await harness.TargetContentAsync()).Folders["Work"].Count);
        await ShouldRestAsync(harness);
    }

    [Fact]
    public async Task A_target_folder_that_was_made_again_has_nothing_removed()
    {
        await using var harness = await CopiedAsync();
        await using (var target = await harness.TargetAsync())
        {
            await target.RunAsync("DELETE Work");
            await target.CreateAsync("Work");
            // Under the UIDs that copies had.
            await FillAsync(target, "Work", 70, 2);
        }
        await DeleteAtSourceAsync(harness, "Work", "1");
        harness.Job = Allowing(harness.Job);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(new FollowResult(), report.Followed);
        Assert.Equal([Hash(70), Hash(71), Hash(21)], (await harness.TargetContentAsync()).Folders["Work"].Select(message => message.Hash));
    }

    [Fact]
    public async Task Nothing_is_deleted_while_a_folder_of_the_source_cannot_be_read()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        harness.Job = harness.Job with { Follow = FollowRules.Default };
        source.Folders["Work"] = new ScriptedFolder();
        source.Inbox.Fill(10);
        source.Folders["Work"].Fill(2, first: 20);
        await harness.RunAsync(Stop);
        var moved = source.Inbox.Messages[4];
        source.Inbox.Messages.Remove(moved);
        source.Folders["Work"].Add(moved.Content);
        var refused = source.Arm(
            "no access",
            command =>
                command.Name is "SELECT" or "EXAMINE" && command.Arguments.Contains("Work", StringComparison.Ordinal) ? "NO not now" : null
        );

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, new FollowResult()), (report.Outcome, report.Followed));
        Assert.Contains(report.Notices, notice => notice.StartsWith("Nothing was deleted at the target", StringComparison.Ordinal));
        Assert.Equal(10, target.Inbox.Messages.Count);

        refused.Healed = true;
        Assert.Equal(new FollowResult { Moved = 1 }, (await harness.RunAsync(Stop)).Followed);
        Assert.Equal((9, 3), (target.Inbox.Messages.Count, target.Folders["Work"].Messages.Count));
        Assert.DoesNotContain(Place, target.Folders.Keys);
    }

    [Fact]
    public async Task A_message_that_is_moved_while_the_folders_are_read_is_not_taken_for_deleted()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        harness.Job = harness.Job with { Follow = FollowRules.Default with { Deletions = DeletionMode.Expunge } };
        source.Folders["Work"] = new ScriptedFolder();
        source.Inbox.Fill(20);
        source.Folders["Work"].Fill(2, first: 30);
        await harness.RunAsync(Stop);
        var moved = source.Inbox.Messages[4];
        source.Inbox.Messages.Remove(moved);
        source.Inbox.Fill(1, first: 40);
        // Work has been read by then, and had no such message.
        target.Before = command =>
        {
            if (command.Name == "APPEND" && source.Folders["Work"].Messages.Count == 2)
                source.Folders["Work"].Add(moved.Content);
        };

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, new FollowResult()), (report.Outcome, report.Followed));
        Assert.Contains(report.Notices, notice => notice.Contains("mail arrived in Work", StringComparison.Ordinal));
        Assert.Equal(new FollowResult { Moved = 1 }, (await harness.RunAsync(Stop)).Followed);
        Assert.Equal((20, 3), (target.Inbox.Messages.Count, target.Folders["Work"].Messages.Count));
    }

    [Theory]
    [InlineData("excluded")]
    [InlineData("namespace")]
    public async Task A_folder_that_the_job_no_longer_takes_is_not_gone(string why)
    {
        const string namespaces = """
            namespace team {
              type = public
              separator = /
              prefix = Team/
              location = maildir:~/Team
              list = yes
            }
            """;
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Namespaces: namespaces));
        await using var harness = new Harness(old, servers.New);
        var all = FolderRules.All with
        {
            Namespaces = new HashSet<NamespaceKind> { NamespaceKind.Private, NamespaceKind.Public },
        };
        harness.Job = Allowing(harness.Job with { Follow = FollowRules.Default, Folders = all });
        await using (var source = await harness.SourceAsync())
        {
            await source.CreateAsync("Team/Plans");
            await FillAsync(source, "Team/Plans", 0, 3);
            await FillAsync(source, "INBOX", 10, 3);
        }
        var first = await harness.RunAsync(Stop);
        Assert.Equal((RunOutcome.Complete, 6), (first.Outcome, first.Total.Delivered));
        var before = await harness.TargetContentAsync();
        harness.Job = harness.Job with { Folders = why == "excluded" ? all with { Exclude = ["Team/**"] } : FolderRules.All };

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, new FollowResult()), (report.Outcome, report.Followed));
        (await harness.TargetContentAsync()).ShouldEqual(before);
    }

    [Fact]
    public async Task Without_follow_nothing_is_moved_or_deleted()
    {
        await using var harness = await CopiedAsync();
        harness.Job = harness.Job with { Follow = null };
        await DeleteAtSourceAsync(harness, "INBOX", "1");
        await MoveAtSourceAsync(harness, "INBOX", "2", "Work");

        var report = await harness.RunAsync(Stop);

        Assert.Null(report.Followed);
        Assert.Equal(
            (10, 3),
            ((await harness.TargetContentAsync()).Folders["INBOX"].Count, (await harness.TargetContentAsync()).Folders["Work"].Count)
        );
    }

    [Fact]
    public async Task What_was_deleted_before_the_job_followed_is_followed_once_it_does()
    {
        await using var harness = await CopiedAsync();
        harness.Job = harness.Job with { Follow = null };
        await DeleteAtSourceAsync(harness, "INBOX", "1");
        await harness.RunAsync(Stop);
        harness.Job = harness.Job with { Follow = FollowRules.Default };

        Assert.Equal(new FollowResult { Deleted = 1 }, (await harness.RunAsync(Stop)).Followed);

        await ShouldBeTheSameAsync(harness, but: Place);
    }

    public static TheoryData<string, string[], string[]> Servers =>
        new()
        {
            { "all", [], [] },
            { "no QRESYNC", ["QRESYNC"], ["QRESYNC"] },
            { "no CONDSTORE", ["QRESYNC", "CONDSTORE"], ["QRESYNC", "CONDSTORE"] },
            { "no MOVE", [], ["MOVE"] },
            { "no UIDPLUS", [], ["UIDPLUS"] },
            { "neither", [], ["UIDPLUS", "MOVE"] },
        };

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Servers_with_and_without_extensions(string name, string[] source, string[] target)
    {
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Hidden: source));
        await using var @new = await DovecotServer.StartAsync(new DovecotOptions(Hidden: target));
        await using var harness = await CopiedAsync(source: old, target: @new);
        await MoveAtSourceAsync(harness, "INBOX", "2:4", "Work");
        await DeleteAtSourceAsync(harness, "INBOX", "7");

        var report = await harness.RunAsync(Stop);

        if (name == "neither")
        {
            // Each copy would be expunged along with whatever else is marked as deleted.
            Assert.Equal((RunOutcome.Partial, 0, 0), (report.Outcome, report.Followed!.Value.Moved, report.Followed.Value.Deleted));
            Assert.NotEmpty(report.Problems);
            var there = (await harness.TargetContentAsync()).Folders;
            Assert.Equal((10, 5), (there["INBOX"].Count, there["Work"].Count));
            return;
        }
        Assert.Equal(
            (RunOutcome.Complete, new FollowResult { Moved = 3, Deleted = 1 }, 0),
            (report.Outcome, report.Followed, report.Total.Delivered)
        );
        await ShouldBeTheSameAsync(harness, but: Place);
        await ShouldRestAsync(harness);
    }

    private static async Task<string> UidsAsync(Harness harness, string folder)
    {
        await using var target = await harness.TargetAsync();
        await target.RunAsync($"SELECT {folder}");
        return (await target.RunAsync("UID SEARCH ALL"))[0].Text;
    }

    private static string Hash(int letter) => ContentId.Of(Letter(letter)).ToString();

    private static MigrateJob Allowing(MigrateJob job) => job with { Options = job.Options with { AllowDeletions = true } };

    /// <summary>Ten messages in INBOX and two in Work, which a first run has copied.</summary>
    private async Task<Harness> CopiedAsync(
        FollowRules? rules = null,
        DovecotServer? source = null,
        DovecotServer? target = null,
        Func<RawImap, Task>? arrange = null,
        Func<RawImap, Task>? arrangeSource = null
    )
    {
        var harness = new Harness(source ?? servers.Old, target ?? servers.New);
        harness.Job = harness.Job with { Follow = rules ?? FollowRules.Default };
        await using (var old = await harness.SourceAsync())
        {
            await old.CreateAsync("Work");
            await FillAsync(old, "INBOX", 0, 10);
            await FillAsync(old, "Work", 20, 2);
            if (arrangeSource is not null)
                await arrangeSource(old);
        }
        if (arrange is not null)
        {
            await using var @new = await harness.TargetAsync();
            await arrange(@new);
        }
        Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);
        return harness;
    }

    private static async Task DeleteAtSourceAsync(Harness harness, string folder, string uids)
    {
        await using var source = await harness.SourceAsync();
        await source.DeleteAsync(folder, uids);
    }

    private static async Task MoveAtSourceAsync(Harness harness, string folder, string uids, string to)
    {
        await using var source = await harness.SourceAsync();
        await source.RunAsync($"SELECT {folder}");
        await source.RunAsync($"UID COPY {uids} {to}");
        await source.RunAsync($"UID STORE {uids} +FLAGS (\\Deleted)");
        await source.RunAsync("EXPUNGE");
    }

    /// <summary>The order of what was moved is that of its arrival in its folder at either end.</summary>
    private static async Task ShouldBeTheSameAsync(Harness harness, string? but = null)
    {
        var (source, target) = (await harness.SourceContentAsync(), await harness.TargetContentAsync());
        foreach (var (folder, messages) in source.Folders)
            Assert.Equal(messages.OrderBy(Line).Select(Line), target.Folders[folder].OrderBy(Line).Select(Line));
        Assert.Equal(source.Folders.Keys, target.Folders.Keys.Where(folder => folder != but));

        static string Line(MailboxContent.Message message) => $"{message.Hash} {message.Flags} {message.Date}";
    }

    /// <summary>The next run has nothing to do.</summary>
    private static async Task ShouldRestAsync(Harness harness)
    {
        var before = await harness.TargetContentAsync();
        var report = await harness.RunAsync(Stop);
        Assert.Equal((RunOutcome.Complete, 0, new FollowResult()), (report.Outcome, report.Total.Delivered, report.Followed));
        (await harness.TargetContentAsync()).ShouldEqual(before);
    }
}
