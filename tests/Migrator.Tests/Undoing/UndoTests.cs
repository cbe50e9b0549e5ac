using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Undoing;

/// <summary>What a migration has delivered and nobody has touched is taken back, and only that.</summary>
public sealed class UndoTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_that_was_delivered_is_moved_aside_and_then_removed_and_nothing_is_left()
    {
        await using var harness = await CopiedAsync();
        var delivered = (await harness.TargetContentAsync()).Folders;

        var report = await harness.UndoAsync(Stop);

        var there = await harness.TargetContentAsync();
        Assert.Equal((RunOutcome.Complete, 12L, 0L, 1), (report.Outcome, report.Taken, report.LeftCount, report.Deleted));
        Assert.Equal(["INBOX", "Undone/INBOX", "Undone/Work"], Folders(there));
        Assert.Equal(delivered["INBOX"], there.Folders["Undone/INBOX"]);
        Assert.Equal(delivered["Work"], there.Folders["Undone/Work"]);
        Assert.DoesNotContain("Work", there.Subscribed);

        var removed = await harness.UndoAsync(Stop, removes: true);

        there = await harness.TargetContentAsync();
        Assert.Equal((RunOutcome.Complete, 12L, 0L), (removed.Outcome, removed.Taken, removed.LeftCount));
        Assert.Equal(["INBOX"], there.Folders.Keys);
        Assert.Equal(0, there.Count);
    }

    [Fact]
    public async Task Both_steps_may_be_repeated_and_change_nothing_then()
    {
        await using var harness = await CopiedAsync();
        await harness.UndoAsync(Stop);
        var once = await harness.TargetContentAsync();

        var again = await harness.UndoAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 0L, 0L, 0), (again.Outcome, again.Taken, again.LeftCount, again.Deleted));
        (await harness.TargetContentAsync()).ShouldEqual(once);
        await harness.UndoAsync(Stop, removes: true);
        var gone = await harness.TargetContentAsync();
        Assert.Equal(0, (await harness.UndoAsync(Stop, removes: true)).Taken);
        Assert.Equal(0, (await harness.UndoAsync(Stop)).Taken);
        (await harness.TargetContentAsync()).ShouldEqual(gone);
    }

    [Theory]
    [InlineData("flags", "its flags were changed")]
    [InlineData("moved", "no longer in this folder")]
    [InlineData("removed", "no longer in this folder")]
    [InlineData("adopted", "not proved that Migrator made it")]
    public async Task What_the_user_has_touched_stays_and_is_named(string touched, string reason)
    {
        await using var harness = await CopiedAsync(async target =>
        {
            if (touched == "adopted")
                await target.AppendAsync("INBOX", Letter(2), "\\Seen", DateTimeOffset.UnixEpoch.AddDays(10_002));
        });
        await using (var target = await harness.TargetAsync())
        {
            if (touched == "flags")
                await target.StoreAsync("INBOX", "3", "+FLAGS (\\Flagged)");
            if (touched == "removed")
                await target.DeleteAsync("INBOX", "3");
            if (touched == "moved")
            {
                await target.CreateAsync("Mine");
                await target.RunAsync("SELECT INBOX");
                await target.RunAsync("UID MOVE 3 Mine");
            }
        }
        var before = (await harness.TargetContentAsync()).Folders;

        var report = await harness.UndoAsync(Stop);

        var there = (await harness.TargetContentAsync()).Folders;
        Assert.Equal((RunOutcome.Complete, 11L, 1L), (report.Outcome, report.Taken, report.LeftCount));
        Assert.Equal(("INBOX", 3u), (report.Left.Single().Source.ToString(), report.Left.Single().SourceUid.Value));
        Assert.Contains(reason, report.Left.Single().Reason);
        Assert.DoesNotContain(there["Undone/INBOX"], message => message.Hash == Hash(2));
        Assert.Equal(touched is "moved" or "removed" ? [] : before["INBOX"].Where(message => message.Hash == Hash(2)), there["INBOX"]);
        if (touched == "moved")
            Assert.Equal(before["Mine"], there["Mine"]);
        await harness.UndoAsync(Stop, removes: true);
        Assert.Equal(there["INBOX"], (await harness.TargetContentAsync()).Folders["INBOX"]);
    }

    [Fact]
    public async Task A_copy_that_another_message_has_taken_over_is_judged_by_that_message()
    {
        await using var harness = await CopiedAsync();
        await using (var source = await harness.SourceAsync())
        {
            await source.DeleteAsync("INBOX", "2");
            await source.AppendAsync("INBOX", Letter(1), "\\Seen", DateTimeOffset.UnixEpoch.AddDays(10_001));
        }
        Assert.Equal(0, (await harness.RunAsync(Stop)).Total.Delivered);
        // As it was for the message that is gone.
        await using (var target = await harness.TargetAsync())
            await target.StoreAsync("INBOX", "2", "-FLAGS (\\Seen)");

        var report = await harness.UndoAsync(Stop);

        Assert.Equal((11L, 11u), (report.Taken, report.Left.Single().SourceUid.Value));
        Assert.Equal([Hash(1)], (await harness.TargetContentAsync()).Folders["INBOX"].Select(message => message.Hash));
    }

    [Theory]
    [InlineData("mail")]
    [InlineData("folder")]
    [InlineData("before")]
    public async Task A_folder_with_mail_or_folders_of_the_user_stays_and_so_does_one_that_was_there_before(string what)
    {
        await using var harness = await CopiedAsync(target => what == "before" ? target.CreateAsync("Work") : Task.CompletedTask);
        await using (var target = await harness.TargetAsync())
        {
            if (what == "mail")
                await target.AppendAsync("Work", Letter(90), "\\Seen");
            if (what == "folder")
                await target.CreateAsync("Work/Mine");
        }

        var report = await harness.UndoAsync(Stop);

        var there = (await harness.TargetContentAsync()).Folders;
        Assert.Equal((12L, 0), (report.Taken, report.Deleted));
        Assert.Equal(what == "mail" ? [Hash(90)] : [], there["Work"].Select(message => message.Hash));
        Assert.Equal(
            what switch
            {
                "mail" => "it contains 1 other message",
                "folder" => "it contains folders that stay",
                _ => null,
            },
            report.Folders.Single(folder => folder.Folder.ToString() == "Work").Stays
        );
    }

    [Fact]
    public async Task Folders_of_ours_are_deleted_from_the_deepest_up()
    {
        await using var harness = await CopiedAsync(arrangeSource: async source =>
        {
            await source.CreateAsync("Work/Deep");
            await source.CreateAsync("Work/Deep/Deeper");
            await FillAsync(source, "Work/Deep/Deeper", 50, 2);
        });

        var report = await harness.UndoAsync(Stop);

        Assert.Equal((14L, 3), (report.Taken, report.Deleted));
        Assert.Equal(["INBOX", "Undone/INBOX", "Undone/Work", "Undone/Work/Deep/Deeper"], Folders(await harness.TargetContentAsync()));
        await harness.UndoAsync(Stop, removes: true);
        Assert.Equal(["INBOX"], Folders(await harness.TargetContentAsync()));
    }

    [Fact]
    public async Task What_the_user_changes_among_the_moved_messages_stays()
    {
        await using var harness = await CopiedAsync();
        await harness.UndoAsync(Stop);
        await using (var target = await harness.TargetAsync())
        {
            await target.StoreAsync("Undone/INBOX", "2", "+FLAGS (\\Flagged)");
            await target.AppendAsync("Undone/INBOX", Letter(90), "\\Deleted");
            await target.AppendAsync("Undone/INBOX", Letter(3), "", DateTimeOffset.UnixEpoch.AddDays(10_003));
            await target.RunAsync("SELECT Undone/INBOX");
            await target.RunAsync("UID MOVE 5 INBOX");
            await target.CreateAsync("Undone/Mine");
        }

        var report = await harness.UndoAsync(Stop, removes: true);

        var there = await harness.TargetContentAsync();
        Assert.Equal((10L, 1L), (report.Taken, report.LeftCount));
        Assert.Contains("its flags were changed", report.Left.Single().Reason);
        Assert.Equal([Hash(1), Hash(90), Hash(3)], there.Folders["Undone/INBOX"].Select(message => message.Hash));
        Assert.Equal([Hash(4)], there.Folders["INBOX"].Select(message => message.Hash));
        Assert.Equal(["INBOX", "Undone/INBOX", "Undone/Mine"], Folders(there));
    }

    [Fact]
    public async Task A_target_folder_that_was_made_again_has_nothing_taken()
    {
        await using var harness = await CopiedAsync();
        await using (var target = await harness.TargetAsync())
        {
            await target.RunAsync("DELETE Work");
            await target.CreateAsync("Work");
            // Under the UIDs that copies had, and one that is the same as a copy.
            await FillAsync(target, "Work", 20, 1);
            await FillAsync(target, "Work", 70, 1);
        }
        var before = (await harness.TargetContentAsync()).Folders["Work"];

        var report = await harness.UndoAsync(Stop);

        Assert.Equal((RunOutcome.Partial, 10L, 0), (report.Outcome, report.Taken, report.Deleted));
        Assert.Equal(Reason.NotTakenBack.Code, report.Problems.Single().Code);
        Assert.Equal(before, (await harness.TargetContentAsync()).Folders["Work"]);
    }

    [Fact]
    public async Task An_empty_folder_that_the_user_has_made_again_is_not_deleted()
    {
        await using var harness = await CopiedAsync();
        await using (var target = await harness.TargetAsync())
        {
            await target.RunAsync("DELETE Work");
            await target.CreateAsync("Work");
        }

        var report = await harness.UndoAsync(Stop);

        Assert.Equal(0, report.Deleted);
        Assert.Contains("Work", (await harness.TargetContentAsync()).Folders.Keys);
    }

    [Fact]
    public async Task Where_the_moved_messages_were_and_the_folder_was_made_again_nothing_is_removed()
    {
        await using var harness = await CopiedAsync();
        await harness.UndoAsync(Stop);
        await using (var target = await harness.TargetAsync())
        {
            await target.RunAsync("DELETE Undone/Work");
            await target.CreateAsync("Undone/Work");
            await FillAsync(target, "Undone/Work", 20, 2);
        }
        var before = (await harness.TargetContentAsync()).Folders["Undone/Work"];

        var report = await harness.UndoAsync(Stop, removes: true);

        Assert.Equal((RunOutcome.Partial, 10L), (report.Outcome, report.Taken));
        Assert.Equal(before, (await harness.TargetContentAsync()).Folders["Undone/Work"]);
    }

    [Fact]
    public async Task A_first_step_that_finds_its_folder_made_again_continues_there_and_forgets_what_it_knew_of_it()
    {
        await using var harness = await CopiedAsync();
        await using (var target = await harness.TargetAsync())
            await target.StoreAsync("Work", "2", "+FLAGS (\\Flagged)");
        await harness.UndoAsync(Stop);
        await using (var target = await harness.TargetAsync())
        {
            await target.RunAsync("DELETE Undone/Work");
            await target.CreateAsync("Undone/Work");
            // The same as the copy that was there, under its UID.
            await FillAsync(target, "Undone/Work", 20, 1);
            await target.StoreAsync("Work", "2", "-FLAGS (\\Flagged)");
        }

        var report = await harness.UndoAsync(Stop);
        var removed = await harness.UndoAsync(Stop, removes: true);

        Assert.Equal((RunOutcome.Complete, 1L, 1), (report.Outcome, report.Taken, report.Deleted));
        Assert.Equal((11L, 1L), (removed.Taken, removed.LeftCount));
        Assert.Equal([Hash(20)], (await harness.TargetContentAsync()).Folders["Undone/Work"].Select(message => message.Hash));
    }

    [Fact]
    public async Task What_the_target_refuses_to_move_is_named_and_stands_in_the_way_of_nothing()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Folders["Work"] = new ScriptedFolder();
        source.Inbox.Fill(4);
        source.Folders["Work"].Fill(2, first: 20);
        await harness.RunAsync(Stop);
        var refused = target.Arm(
            "no room",
            command => command.Name is "UID MOVE" or "UID COPY" && command.Session.OpenName == "Work" ? "NO [OVERQUOTA] no room" : null
        );

        var report = await harness.UndoAsync(Stop);
        var removed = await harness.UndoAsync(Stop, removes: true);

        Assert.Equal((RunOutcome.Partial, 4L), (report.Outcome, report.Taken));
        Assert.Contains("Work", report.Problems.Single().Detail);
        Assert.Equal((RunOutcome.Complete, 4L), (removed.Outcome, removed.Taken));
        Assert.Equal(2, target.Folders["Work"].Messages.Count);
        refused.Healed = true;
        var last = await harness.UndoAsync(Stop);
        Assert.Equal((RunOutcome.Complete, 2L, 1), (last.Outcome, last.Taken, last.Deleted));
    }

    [Fact]
    public async Task A_job_with_a_folder_of_its_own_at_the_target_keeps_that_level()
    {
        await using var harness = await CopiedAsync(change: job =>
            job with
            {
                Folders = job.Folders with { Into = FolderPath.Parse("Old") },
            }
        );

        var report = await harness.UndoAsync(Stop);

        Assert.Equal(12, report.Taken);
        Assert.Equal(["INBOX", "Undone/Old/INBOX", "Undone/Old/Work"], Folders(await harness.TargetContentAsync()));
        await harness.UndoAsync(Stop, removes: true);
        Assert.Equal(["INBOX"], Folders(await harness.TargetContentAsync()));
    }

    [Fact]
    public async Task A_mailbox_that_was_taken_back_can_be_verified()
    {
        await using var harness = await CopiedAsync();
        await harness.UndoAsync(Stop);

        Assert.Null((await harness.VerifyAsync(Stop)).Stopped);
        await harness.UndoAsync(Stop, removes: true);
        Assert.Equal(12, (await harness.VerifyAsync(Stop)).Folders.Sum(folder => folder.Missing));
    }

    [Fact]
    public async Task A_folder_that_the_target_no_longer_has_stands_in_nobodys_way()
    {
        await using var harness = await CopiedAsync();
        await using (var target = await harness.TargetAsync())
            await target.RunAsync("DELETE Work");

        var report = await harness.UndoAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 10L), (report.Outcome, report.Taken));
        Assert.NotNull(report.Folders.Single(folder => folder.Folder.ToString() == "Work").Stays);
    }

    [Fact]
    public async Task A_run_brings_nothing_back_unless_it_is_asked_to_and_then_everything_once()
    {
        await using var harness = await CopiedAsync();
        var delivered = (await harness.TargetContentAsync()).Folders;
        await using (var target = await harness.TargetAsync())
            await target.StoreAsync("INBOX", "3", "+FLAGS (\\Flagged)");
        await harness.UndoAsync(Stop);
        var undone = await harness.TargetContentAsync();

        var refused = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Aborted, Reason.Undone.Code), (refused.Outcome, refused.Stopped?.Code));
        Assert.Equal(Reason.Undone, (await Assert.ThrowsAsync<MailException>(() => harness.CheckAsync(Stop))).Reason);
        (await harness.TargetContentAsync()).ShouldEqual(undone);

        var job = harness.Job;
        harness.Job = job with { Options = job.Options with { Again = true } };
        var again = await harness.RunAsync(Stop);
        harness.Job = job;

        var there = (await harness.TargetContentAsync()).Folders;
        Assert.Equal((RunOutcome.Complete, 11, 1), (again.Outcome, again.Total.Delivered, again.Total.AlreadyThere));
        Assert.Equal(delivered["INBOX"].Select(message => message.Hash).Order(), there["INBOX"].Select(message => message.Hash).Order());
        Assert.Equal(delivered["Work"], there["Work"]);
        Assert.Contains(again.Notices, notice => notice.Contains("still in the folder Undone", StringComparison.Ordinal));
        var later = await harness.RunAsync(Stop);
        Assert.Equal((RunOutcome.Complete, 0), (later.Outcome, later.Total.Delivered));
        // Undone is there already.
        Assert.Equal(Reason.UndoRefused.Code, (await harness.UndoAsync(Stop)).Stopped?.Code);
        // What was adopted, because it was at the target, is not proved to be made by Migrator.
        Assert.Equal((11L, 1L), ((await harness.UndoAsync(Stop, place: "Second")) is var second ? second.Taken : 0, second.LeftCount));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_trial_changes_nothing_and_says_what_would_be_done(bool removes)
    {
        await using var harness = await CopiedAsync();
        await using (var target = await harness.TargetAsync())
            await target.StoreAsync("INBOX", "3", "+FLAGS (\\Flagged)");
        if (removes)
        {
            await harness.UndoAsync(Stop);
            await using var target = await harness.TargetAsync();
            await target.StoreAsync("Undone/Work", "1", "+FLAGS (\\Flagged)");
        }
        var (before, records) = (await harness.TargetContentAsync(), await RecordsAsync(harness));

        var trial = await harness.UndoAsync(Stop, removes, isTrial: true);

        (await harness.TargetContentAsync()).ShouldEqual(before);
        Assert.Equal(records, await RecordsAsync(harness));
        var real = await harness.UndoAsync(Stop, removes);
        Assert.Equal(Text(real), Text(trial));
        Assert.True(trial.Taken > 0 && trial.LeftCount == 1 && trial.Deleted == 1);

        static string Text(UndoReport report) =>
            $"{report.Outcome} {string.Join('\n', report.Folders)}\n{string.Join('\n', report.Left)}\n{string.Join('\n', report.Problems)}";
    }

    [Fact]
    public async Task The_second_step_comes_after_the_first()
    {
        await using var harness = await CopiedAsync();
        var before = await harness.TargetContentAsync();

        var report = await harness.UndoAsync(Stop, removes: true);

        Assert.Equal((RunOutcome.Aborted, Reason.UndoRefused.Code), (report.Outcome, report.Stopped?.Code));
        (await harness.TargetContentAsync()).ShouldEqual(before);
    }

    [Fact]
    public async Task A_mailbox_that_no_run_has_copied_has_nothing_to_be_taken_back()
    {
        await using var harness = new Harness(servers.Old, servers.New);

        var report = await harness.UndoAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 0L), (report.Outcome, report.Taken));
        Assert.NotEmpty(report.Notices);
        // And the first run is not refused.
        Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);
    }

    [Theory]
    [InlineData("Undone")]
    [InlineData("undone/Mine")]
    public async Task A_folder_of_the_user_that_has_the_name_is_not_used(string folder)
    {
        await using var harness = await CopiedAsync(target => target.CreateAsync(folder));
        var before = await harness.TargetContentAsync();

        var refused = await harness.UndoAsync(Stop);

        Assert.Equal((RunOutcome.Aborted, Reason.UndoRefused.Code), (refused.Outcome, refused.Stopped?.Code));
        (await harness.TargetContentAsync()).ShouldEqual(before);
        // And nothing stands in the way of a run.
        Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);
        var other = await harness.UndoAsync(Stop, place: "Taken back");
        Assert.Equal(12, other.Taken);
        Assert.Equal(10, (await harness.TargetContentAsync()).Folders["Taken back/INBOX"].Count);
    }

    [Theory]
    [InlineData("deleted", false)]
    [InlineData("deleted", true)]
    [InlineData("renumbered", false)]
    [InlineData("folder", false)]
    [InlineData("folder", true)]
    public async Task The_last_copy_is_moved_aside_and_never_removed(string how, bool isSeen)
    {
        await using var harness = await CopiedAsync();
        await using (var source = await harness.SourceAsync())
        {
            if (how == "deleted")
                await source.DeleteAsync("Work", "2");
            else
                await source.RunAsync("DELETE Work");
            if (how == "renumbered")
            {
                await source.CreateAsync("Work");
                await FillAsync(source, "Work", 60, 2);
            }
        }
        if (isSeen)
            await harness.RunAsync(Stop);

        var report = await harness.UndoAsync(Stop);
        var moved = (await harness.TargetContentAsync()).Folders["Undone/Work"].Select(message => message.Hash);
        var removed = await harness.UndoAsync(Stop, removes: true);

        var left = (await harness.TargetContentAsync()).Folders["Undone/Work"].Select(message => message.Hash);
        Assert.Equal((12L, 0L), (report.Taken, report.LeftCount));
        Assert.Equal([Hash(20), Hash(21)], moved);
        Assert.Equal(how == "deleted" ? [Hash(21)] : [Hash(20), Hash(21)], left);
        Assert.All(removed.Left, message => Assert.Contains("the source no longer has", message.Reason));
        Assert.Equal(how == "deleted" ? (11L, 1L) : (10L, 2L), (removed.Taken, removed.LeftCount));
    }

    [Theory]
    [InlineData("numbered again")]
    [InlineData("restored, with other mail under the same UIDs")]
    [InlineData("restored, with fewer messages")]
    public async Task A_source_whose_UIDs_are_doubtful_proves_no_copy_to_be_one_of_two(string how)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(4);
        await harness.RunAsync(Stop);
        await harness.UndoAsync(Stop);
        if (how == "numbered again")
            source.Inbox.UidValidity++;
        else if (how.EndsWith("UIDs", StringComparison.Ordinal))
            source.Inbox.Messages[^1].Content = ScriptedFolder.Letter(90);
        else
            source.Inbox.UidNext = source.Inbox.Messages[1].Uid + 1;

        var report = await harness.UndoAsync(Stop, removes: true);

        Assert.Equal((0L, 4L), (report.Taken, report.LeftCount));
        Assert.All(report.Left, message => Assert.Contains("may be the last", message.Reason));
    }

    [Theory]
    [InlineData("no MOVE", "MOVE")]
    [InlineData("no UIDPLUS", "UIDPLUS")]
    [InlineData("neither", "MOVE", "UIDPLUS")]
    public async Task Servers_with_and_without_extensions(string name, params string[] hidden)
    {
        await using var @new = await DovecotServer.StartAsync(new DovecotOptions(Hidden: hidden));
        await using var harness = await CopiedAsync(target: @new);
        await using (var target = await harness.TargetAsync())
            await target.AppendAsync("INBOX", Letter(90), "\\Deleted");
        var before = await harness.TargetContentAsync();

        var report = await harness.UndoAsync(Stop);

        var there = await harness.TargetContentAsync();
        if (name == "neither")
        {
            Assert.Equal((RunOutcome.Aborted, Reason.UndoRefused.Code), (report.Outcome, report.Stopped?.Code));
            there.ShouldEqual(before);
            Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);
            return;
        }
        Assert.Equal((RunOutcome.Complete, 12L, 0L, 1), (report.Outcome, report.Taken, report.LeftCount, report.Deleted));
        Assert.Equal((1, 10, 2), (there.Folders["INBOX"].Count, there.Folders["Undone/INBOX"].Count, there.Folders["Undone/Work"].Count));
        var removed = await harness.UndoAsync(Stop, removes: true);
        if (name == "no UIDPLUS")
        {
            Assert.Equal((RunOutcome.Aborted, Reason.UndoRefused.Code), (removed.Outcome, removed.Stopped?.Code));
            (await harness.TargetContentAsync()).ShouldEqual(there);
            return;
        }
        Assert.Equal((RunOutcome.Complete, 12L), (removed.Outcome, removed.Taken));
        Assert.Equal(
            [Hash(90)],
            (await harness.TargetContentAsync()).Folders.Values.SelectMany(all => all).Select(message => message.Hash)
        );
    }

    private static IEnumerable<string> Folders(MailboxContent content) => content.Folders.Keys;

    private static string Hash(int letter) => ContentId.Of(Letter(letter)).ToString();

    /// <summary>All that is recorded of the mailbox.</summary>
    private static async Task<string> RecordsAsync(Harness harness)
    {
        await using var store = harness.OpenStore();
        await using var records = (
            await store.OpenRecordsAsync(new MailboxPair(harness.Job.Transfer.Source, harness.Job.Transfer.Target), Stop)
        )!;
        var lines = new List<string> { $"{await records.PhaseAsync(Stop)}" };
        foreach (var folder in await records.FoldersAsync(Stop))
        {
            lines.Add($"{folder}");
            await foreach (var record in folder.ReadAllAsync(records, Enum.GetValues<MessageState>(), Stop))
                lines.Add($"{record}");
        }
        return string.Join('\n', lines);
    }

    /// <summary>Ten messages in INBOX and two in Work, which a first run has copied.</summary>
    private async Task<Harness> CopiedAsync(
        Func<RawImap, Task>? arrange = null,
        Func<RawImap, Task>? arrangeSource = null,
        DovecotServer? target = null,
        Func<MigrateJob, MigrateJob>? change = null
    )
    {
        var harness = new Harness(servers.Old, target ?? servers.New);
        harness.Job = change?.Invoke(harness.Job) ?? harness.Job;
        await using (var source = await harness.SourceAsync())
        {
            await source.CreateAsync("Work");
            await source.RunAsync("SUBSCRIBE Work");
            await FillAsync(source, "INBOX", 0, 10);
            await FillAsync(source, "Work", 20, 2);
            if (arrangeSource is not null)
                await arrangeSource(source);
        }
        if (arrange is not null)
        {
            await using var there = await harness.TargetAsync();
            await arrange(there);
        }
        Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);
        return harness;
    }
}
