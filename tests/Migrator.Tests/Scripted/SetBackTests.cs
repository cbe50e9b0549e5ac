using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Servers that were restored from an earlier state: UIDVALIDITY is the same, and UIDs are given again to other mail.</summary>
public sealed class SetBackTests
{
    private const string WithoutModSeq = "IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND NAMESPACE";
    private const string WithModSeq = WithoutModSeq + " CONDSTORE";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // Less new mail than was lost, as much, and more: only the first shows in UIDNEXT.
    public static TheoryData<int, string> Situations =>
        new()
        {
            { 1, WithoutModSeq },
            { 3, WithoutModSeq },
            { 6, WithoutModSeq },
            { 1, WithModSeq },
            { 3, WithModSeq },
            { 6, WithModSeq },
        };

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task New_mail_under_old_UIDs_of_the_source_is_copied(int news, string capabilities)
    {
        await using var source = new ScriptedImap { Capabilities = capabilities };
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(10);
        await harness.RunAsync(Stop);
        SetBack(source.Inbox, 7);
        source.Inbox.Fill(news, first: 500);

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 7 + news, news), (report.Outcome, report.Total.Found, report.Total.Delivered));
        Assert.Equal(10 + news, target.Inbox.Messages.Count);
        Assert.All(
            source.Inbox.Messages,
            message => Assert.Single(target.Inbox.Messages, copy => copy.Content.SequenceEqual(message.Content))
        );
        Assert.Contains(report.Notices, notice => notice.Contains("rolled back", StringComparison.Ordinal));
        Assert.Equal((RunOutcome.Complete, 0), (again.Outcome, again.Total.Delivered));
    }

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task Mail_of_the_targets_user_under_old_UIDs_keeps_its_flags_and_what_was_lost_is_delivered_again(
        int news,
        string capabilities
    )
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(10);
        await harness.RunAsync(Stop);
        SetBack(target.Inbox, 7);
        target.Inbox.Fill(news, first: 900);
        foreach (var message in source.Inbox.Messages.Skip(6))
        {
            message.Flags.Add("\\Deleted");
            message.ModSeq = ++source.Inbox.ModSeq;
        }

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
        Assert.All(
            target.Inbox.Messages.Where(message =>
                Enumerable.Range(900, news).Any(number => message.Content.SequenceEqual(ScriptedFolder.Letter(number)))
            ),
            message => Assert.Empty(message.Flags)
        );
        Assert.All(
            source.Inbox.Messages,
            message => Assert.Single(target.Inbox.Messages, copy => copy.Content.SequenceEqual(message.Content))
        );
        Assert.Equal((RunOutcome.Complete, 0, 10), (again.Outcome, again.Total.Delivered, again.Total.AlreadyThere));
    }

    [Fact]
    public async Task Without_changes_at_the_source_a_target_that_was_set_back_is_noticed_too()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = WithoutModSeq };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(10);
        await harness.RunAsync(Stop);
        SetBack(target.Inbox, 7);
        target.Inbox.Fill(3, first: 900);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
        Assert.Equal(13, target.Inbox.Messages.Count);
    }

    [Fact]
    public async Task A_target_that_was_set_back_is_noticed_although_its_user_removed_the_newest_messages()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = WithoutModSeq };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(10);
        await harness.RunAsync(Stop);
        SetBack(target.Inbox, 7);
        target.Inbox.Fill(6, first: 900);
        target.Inbox.Messages.RemoveAll(message => message.Uid is 10 or 12 or 13);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
        Assert.All(
            source.Inbox.Messages,
            message => Assert.Single(target.Inbox.Messages, copy => copy.Content.SequenceEqual(message.Content))
        );
    }

    [Fact]
    public async Task Altered_copies_are_found_again_when_the_source_renumbers()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Store = InspectionTests.WithHeader };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(10);
        await harness.RunAsync(Stop);
        source.Inbox.UidValidity += 100_000;

        var report = await harness.RunAsync(Stop);

        Assert.Equal((0, 10), (report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal(10, report.Differences.Count(difference => difference.Kind == DifferenceKind.Content));
        Assert.Equal(10, target.Inbox.Messages.Count);
    }

    [Fact]
    public async Task UIDs_that_do_not_last_are_never_taken_for_known()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.UidValidity = 0;
        source.Inbox.Fill(10);
        await harness.RunAsync(Stop);
        source.Inbox.Messages.RemoveRange(0, 3);
        source.Inbox.Fill(3, first: 600);
        var renumbered = source.Inbox.Messages.ToList();
        source.Inbox.Messages.Clear();
        source.Inbox.UidNext = 1;
        foreach (var message in renumbered)
            source.Inbox.Add(message.Content);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(
            (RunOutcome.Complete, 10, 3, 7),
            (report.Outcome, report.Total.Found, report.Total.Delivered, report.Total.AlreadyThere)
        );
        Assert.Equal(13, target.Inbox.Messages.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_is_set_back_between_two_sessions_is_looked_at_again_by_content_in_the_same_run(bool atSource)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = "IMAP4rev1 UIDPLUS NAMESPACE" };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(10);
        var setBack = false;
        target.Arm(
            "rolled back",
            command =>
            {
                if (setBack || command.Name != "APPEND" || target.Inbox.Messages.Count < 6)
                    return null;
                setBack = true;
                SetBack(atSource ? source.Inbox : target.Inbox, 2);
                (atSource ? source.Inbox : target.Inbox).Fill(1, first: 700);
                return command.Drop();
            }
        );

        var report = await harness.RunAsync(Stop, new Recovery.ImmediateClock());
        var next = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, source.Inbox.Messages.Count, true), (report.Outcome, report.Total.Found, report.Total.AddsUp));
        Assert.Equal((RunOutcome.Complete, 0), (next.Outcome, next.Total.Delivered));
        Assert.All(
            source.Inbox.Messages,
            message => Assert.Single(target.Inbox.Messages, copy => copy.Content.SequenceEqual(message.Content))
        );
    }

    [Fact]
    public async Task A_target_that_was_set_back_once_is_noticed_once()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(8);
        // One that never gets there keeps the earlier numbering of the source on record.
        target.Arm(
            "refused",
            command =>
                command.Name == "APPEND" && command.Literals.Any(content => content.SequenceEqual(ScriptedFolder.Letter(4)))
                    ? "NO [CANNOT] not this one"
                    : null
        );
        await harness.RunAsync(Stop);
        source.Inbox.UidValidity++;
        await harness.RunAsync(Stop);
        SetBack(target.Inbox, 4);
        await harness.RunAsync(Stop);
        target.Inbox.Messages.RemoveAt(1);

        var report = await harness.RunAsync(Stop);

        Assert.DoesNotContain(report.Notices, notice => notice.Contains("rolled back", StringComparison.Ordinal));
        Assert.DoesNotContain(target.Inbox.Messages, message => message.Content.SequenceEqual(ScriptedFolder.Letter(2)));
    }

    /// <summary>The folder is what it was when it held so many messages.</summary>
    private static void SetBack(ScriptedFolder folder, int count)
    {
        folder.Messages.RemoveRange(count, folder.Messages.Count - count);
        folder.UidNext = folder.Messages[^1].Uid + 1;
        // Changes since then may well have brought it beyond what it was: only UIDNEXT or the mail itself tells then.
        folder.ModSeq = folder.Messages.Max(message => message.ModSeq) + 1;
    }
}
