using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Providers;

/// <summary>Migrations to Gmail, which stores no message twice and answers as if it had.</summary>
public sealed class GmailTargetTests(DovecotFixture servers)
{
    private const string Work = "Work",
        All = "[Gmail]/All Mail",
        Trash = "[Gmail]/Trash";

    private static readonly DateTimeOffset s_day = DateTimeOffset.UnixEpoch.AddDays(10_000);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_new_is_not_read_back()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var harness = To(gmail);
        await using var source = await SourceAsync(harness, Letter(1), Letter(2));

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 2), (report.Outcome, report.Total.Delivered));
        Assert.Contains(gmail.Commands, command => command.ToString().Contains("X-GM-MSGID"));
        Assert.DoesNotContain(gmail.Commands, command => command.ToString().Contains("BODY.PEEK[]"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_copy_in_the_trash_is_missing_until_it_is_moved_out_of_it(bool withoutAllMail)
    {
        await using var gmail = await GmailServer.StartAsync(hidden: withoutAllMail ? [All] : []);
        await using var harness = To(gmail);
        await using var source = await SourceAsync(harness, Letter(1), Letter(2));
        await using var ann = await gmail.LogInAsync(harness.TargetUser);
        await ann.AppendAsync(Trash, Letter(1), "", s_day);

        foreach (var delivered in new[] { 2, 0 })
        {
            var report = await harness.RunAsync(Stop);

            Assert.Equal((RunOutcome.Partial, delivered), (report.Outcome, report.Total.Delivered));
            Assert.Equal(DifferenceKind.Trashed, Assert.Single(report.Differences).Kind);
            var verified = await harness.VerifyAsync(Stop);
            Assert.False(verified.Identical);
            Assert.Equal(DifferenceKind.Trashed, Assert.Single(verified.Differences).Kind);
        }
        await ann.RunAsync($"SELECT \"{Trash}\"");
        await ann.RunAsync($"UID MOVE 1 {Work}");

        Assert.Equal((RunOutcome.Complete, 0), (await harness.RunAsync(Stop)) is var last ? (last.Outcome, last.Total.Delivered) : default);
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
        Assert.Equal(2, (await gmail.MessagesAsync(harness.TargetUser)).Count);
    }

    [Theory]
    [InlineData(All)]
    [InlineData("Old")]
    public async Task Another_content_that_was_there_is_named_though_it_is_as_long(string place)
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var harness = To(gmail);
        await using var source = await SourceAsync(harness, Letter(1), Letter(2));
        await using var ann = await gmail.LogInAsync(harness.TargetUser);
        if (place != All)
            await ann.CreateAsync(place);
        await ann.AppendAsync(place, Changed(Letter(1)), "", s_day);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, 2), (report.Outcome, report.Total.Delivered));
        Assert.Equal(DifferenceKind.Content, Assert.Single(report.Differences).Kind);
        Assert.Equal(RunOutcome.Partial, (await harness.RunAsync(Stop)).Outcome);
    }

    [Fact]
    public async Task Two_messages_that_become_one_are_told_apart_across_folders()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var harness = To(gmail);
        await using var source = await SourceAsync(harness, Letter(1));
        await source.CreateAsync("Other");
        await source.AppendAsync("Other", Changed(Letter(1)), "", s_day);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Partial, report.Outcome);
        Assert.Equal(DifferenceKind.Content, Assert.Single(report.Differences).Kind);
    }

    [Fact]
    public async Task What_was_delivered_before_a_loss_is_examined_after_it()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var harness = To(gmail);
        await using var source = await SourceAsync(harness, Letter(1), Letter(2), Letter(3));
        await using var ann = await gmail.LogInAsync(harness.TargetUser);
        await ann.AppendAsync(Trash, Letter(2), "", s_day);
        var searches = 0;
        gmail.Arm(
            "lost while it looks for earlier copies",
            command => command.Name == "UID SEARCH" && command.ToString().Contains("X-GM-MSGID") && searches++ == 0 ? ProxyFault.Drop : null
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Partial, 3), (report.Outcome, report.Total.Delivered));
        Assert.Equal(DifferenceKind.Trashed, Assert.Single(report.Differences).Kind);
    }

    [Fact]
    public async Task Appends_whose_answers_are_lost_leave_one_message_each()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var harness = To(gmail);
        await using var source = await SourceAsync(harness, [.. Enumerable.Range(0, 6).Select(number => Letter(number))]);
        var appends = 0;
        gmail.ArmAfter("answer lost", command => command.Name == "APPEND" && ++appends is 1 or 3 or 6 ? ProxyFault.Drop : null);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Complete, 6), (report.Outcome, report.Total.Delivered));
        Assert.Equal(6, (await gmail.MessagesAsync(harness.TargetUser)).Count);
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task A_migration_to_labels_is_not_taken_back_and_says_why()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var harness = To(gmail);
        await using var source = await SourceAsync(harness, Letter(1), Letter(2));
        await harness.RunAsync(Stop);
        var before = await gmail.MessagesAsync(harness.TargetUser);

        var report = await harness.UndoAsync(Stop);

        Assert.Equal((RunOutcome.Aborted, Reason.UndoRefused.Code), (report.Outcome, report.Stopped?.Code));
        Assert.Contains("labels", report.Stopped!.Detail);
        Assert.Equivalent(before, await gmail.MessagesAsync(harness.TargetUser));
        // And a run is not refused.
        Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);
    }

    /// <summary>Gmail takes what gets <c>\Deleted</c> out of the folder at once.</summary>
    [Fact]
    public async Task What_is_marked_as_deleted_stays_in_its_folder_and_is_named()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var harness = To(gmail);
        await using var source = await SourceAsync(harness, Letter(1), Letter(2));
        await source.StoreAsync(Work, "1", "+FLAGS (\\Deleted \\Seen)");
        await harness.RunAsync(Stop);
        await source.StoreAsync(Work, "2", "+FLAGS (\\Deleted \\Seen)");

        var report = await harness.RunAsync(Stop);

        Assert.Equal(["\\Seen", "\\Seen"], (await harness.TargetContentAsync()).Folders[Work].Select(message => message.Flags));
        Assert.Equal((RunOutcome.Complete, 0), (report.Outcome, report.Total.Delivered));
        Assert.Equal([1u, 2u], report.Differences.Select(difference => difference.Uid!.Value.Value).Order());
        Assert.All(report.Differences, difference => Assert.Equal(DifferenceKind.Flags, difference.Kind));
    }

    [Fact]
    public async Task Mail_from_Gmail_to_Gmail_keeps_one_message_behind_its_labels()
    {
        await using var from = await GmailServer.StartAsync();
        await using var to = await GmailServer.StartAsync(GmailNames.German);
        await using var harness = new Harness(from.Server, to.Server, from.Port, to.Port);
        await using var bob = await from.LogInAsync(harness.SourceUser);
        await bob.CreateAsync(Work);
        await bob.AppendAsync("INBOX", Letter(1), "", s_day);
        await bob.RunAsync("SELECT INBOX");
        await bob.RunAsync($"UID STORE 1 +X-GM-LABELS ({Work} \\Important)");
        await bob.AppendAsync(All, Letter(2), "\\Flagged", s_day);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal(
            ["INBOX|Work|[Google Mail]/Alle Nachrichten", "[Google Mail]/Alle Nachrichten|[Google Mail]/Markiert"],
            (await to.MessagesAsync(harness.TargetUser)).Select(message => message.Folders).Order(StringComparer.Ordinal)
        );
        Assert.Equal(0, (await harness.RunAsync(Stop)).Total.Delivered);
    }

    [Fact]
    public async Task A_flag_that_changes_in_one_folder_is_said_to_change_in_all_of_them()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var harness = To(gmail);
        await using var ann = await SourceAsync(harness, Letter(1));
        await ann.AppendAsync("INBOX", Letter(1), "", s_day);
        await harness.RunAsync(Stop);
        await ann.RunAsync("SELECT INBOX");
        await ann.RunAsync("UID STORE 1 +FLAGS (\\Flagged)");

        var report = await harness.RunAsync(Stop);

        Assert.Contains(report.Notices, notice => notice.Contains("wherever it shows such a message", StringComparison.Ordinal));
        var difference = Assert.Single((await harness.VerifyAsync(Stop)).Differences);
        Assert.Equal((Work, DifferenceKind.Flags), (difference.Folder.ToString(), difference.Kind));
    }

    private Harness To(GmailServer gmail) => new(servers.Old, gmail.Server, servers.Old.ImapPort, gmail.Port);

    private static async Task<RawImap> SourceAsync(Harness harness, params byte[][] letters)
    {
        var source = await harness.SourceAsync();
        await source.CreateAsync(Work);
        foreach (var letter in letters)
            await source.AppendAsync(Work, letter, "", s_day);
        return source;
    }

    /// <summary>As long, and with the same Message-ID.</summary>
    private static byte[] Changed(byte[] letter)
    {
        byte[] other = [.. letter];
        other[^3] ^= 1;
        return other;
    }
}
