using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Appends that end early or half done: whatever the target has of them is not sent again, also where it alters what it
/// stores.</summary>
public sealed class AppendOutcomeTests
{
    private const string Pipelined = "IMAP4rev1 LITERAL+ UIDPLUS NAMESPACE UNSELECT";
    private const string Together = "IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND NAMESPACE UNSELECT";
    private const string OneByOne = "IMAP4rev1 UIDPLUS NAMESPACE UNSELECT";
    private const string Untold = "IMAP4rev1 LITERAL+ MULTIAPPEND NAMESPACE UNSELECT";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool, bool> Situations
    {
        get
        {
            var data = new TheoryData<string, bool, bool>();
            foreach (var capabilities in new[] { Pipelined, Together, OneByOne, Untold })
            {
                foreach (var stored in new[] { true, false })
                {
                    data.Add(capabilities, stored, true);
                    data.Add(capabilities, stored, false);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task A_connection_that_is_lost_in_an_append_sends_nothing_twice_to_a_target_that_alters(
        string capabilities,
        bool stored,
        bool header
    )
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities, Store = header ? InspectionTests.WithHeader : WithFooter };
        await using var harness = new Harness(source, target);
        for (var number = 1; number <= 300; number++)
            source.Inbox.Add(ScriptedFolder.Letter(number), date: $"\"01-Feb-2020 03:{number % 60:00}:{number % 50:00} +0000\"");
        var appends = 0;
        target.Arm(
            "lost",
            command =>
            {
                if (command.Name != "APPEND" || ++appends != (command.Literals.Count > 1 ? 2 : 120))
                    return null;
                if (stored)
                    command.Session.Do(command);
                return command.Drop();
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());
        var again = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal(300, target.Inbox.Messages.Count);
        Assert.Equal((RunOutcome.Partial, 300, 0), (report.Outcome, report.Total.Delivered, report.Total.Failed));
        Assert.Equal(300, report.Differences.Count(difference => difference.Kind == DifferenceKind.Content));
        Assert.Equal((300, 0), (again.Total.AlreadyThere, again.Total.Delivered));
        foreach (var (sent, kept) in source.Inbox.Messages.Zip(target.Inbox.Messages))
            Assert.Contains(
                Encoding.ASCII.GetString(sent.Content).Split("\r\n")[2],
                Encoding.ASCII.GetString(kept.Content),
                StringComparison.Ordinal
            );
    }

    [Theory]
    [InlineData(Pipelined)]
    [InlineData(Together)]
    [InlineData(OneByOne)]
    public async Task A_run_that_is_stopped_in_an_append_sends_nothing_twice_to_a_target_that_alters(string capabilities)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities, Store = InspectionTests.WithHeader };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(300);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var appends = 0;
        target.Arm(
            "stop",
            command =>
            {
                if (command.Name != "APPEND" || ++appends != (command.Literals.Count > 1 ? 2 : 100))
                    return null;
                stopping.Cancel();
                return command.Session.Do(command);
            }
        );

        var stopped = await harness.RunAsync(stopping.Token);
        var next = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Interrupted, stopped.Outcome);
        Assert.Equal(300, target.Inbox.Messages.Count);
        Assert.Equal((300, 300), (next.Total.Found, next.Total.Delivered + next.Total.AlreadyThere));
        Assert.Equal(300, next.Differences.Count(difference => difference.Kind == DifferenceKind.Content));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_target_kept_of_a_batch_that_it_refused_is_not_sent_again(bool alters)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = Together };
        if (alters)
            target.Store = InspectionTests.WithHeader;
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(40);
        target.Arm(
            "virus",
            command =>
            {
                if (command.Name != "APPEND")
                    return null;
                var bad = command.Literals.ToList().FindIndex(content => content.SequenceEqual(ScriptedFolder.Letter(31)));
                if (bad < 0)
                    return null;
                foreach (var content in command.Literals.Take(bad))
                    target.Inbox.Add(target.Store(content));
                return "NO [CANNOT] virus found";
            }
        );

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, 39, 1), (report.Outcome, report.Total.Delivered, report.Total.Failed));
        Assert.Equal((31u, Reason.AppendRefused.Code), (Assert.Single(report.Failures).Uid, report.Failures[0].Failure.Code));
        Assert.Equal(39, target.Inbox.Messages.Count);
        Assert.Equal(39, target.Inbox.Messages.DistinctBy(message => Encoding.ASCII.GetString(message.Content)).Count());
    }

    [Theory]
    [InlineData("IMAP4rev1 UIDPLUS NAMESPACE")]
    [InlineData("IMAP4rev1 NAMESPACE")]
    public async Task A_message_that_a_rule_moves_the_moment_it_arrives_is_found_and_said_once(string capabilities)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(10);
        target.Folders["Moved"] = new ScriptedFolder();
        target.Arm(
            "rule",
            command =>
            {
                if (command.Name != "APPEND" || command.Folder != "INBOX")
                    return null;
                var answer = command.Session.Do(command);
                foreach (
                    var message in target.Inbox.Messages.Where(message => message.Content.SequenceEqual(ScriptedFolder.Letter(5))).ToList()
                )
                {
                    target.Inbox.Messages.Remove(message);
                    target.Folders["Moved"].Add(message.Content, message.Flags, message.InternalDate);
                }
                return answer;
            }
        );

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);

        Assert.Equal((true, 10), (verified.Identical, verified.Folders.Single(folder => folder.Target.IsInbox).Matched));
        Assert.Contains(verified.Notices, notice => notice.Contains("in Moved", StringComparison.Ordinal));
        Assert.Equal(
            (RunOutcome.Complete, 10, 0, 0),
            (report.Outcome, report.Total.Delivered, report.Differences.Count, report.Failures.Count)
        );
        Assert.Contains(report.Notices, notice => notice.Contains("Moved", StringComparison.Ordinal));
        Assert.Single(target.Folders["Moved"].Messages);
        Assert.Equal((RunOutcome.Complete, 0), (again.Outcome, again.Total.Delivered));
        Assert.DoesNotContain(again.Notices, notice => notice.Contains("to Moved", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_is_moved_by_a_rule_before_its_append_is_answered_and_sent_again_is_named()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        target.Folders["Moved"] = new ScriptedFolder();
        var lost = false;
        target.Arm(
            "rule",
            command =>
            {
                if (command.Name != "APPEND" || command.Folder != "INBOX")
                    return null;
                var answer = command.Session.Do(command);
                foreach (var message in target.Inbox.Messages.ToList())
                {
                    target.Inbox.Messages.Remove(message);
                    target.Folders["Moved"].Add(message.Content, message.Flags, message.InternalDate);
                }
                if (lost)
                    return answer;
                lost = true;
                return command.Drop();
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        // How many messages the lost APPEND held is a matter of timing: an APPEND takes what has arrived from the source.
        var twice = target.Folders["Moved"].Messages.Count - 3;
        Assert.InRange(twice, 1, 3);
        Assert.Equal((RunOutcome.Partial, 3L), (report.Outcome, report.Total.Delivered));
        Assert.Equal(twice, report.Differences.Count(difference => difference.Kind == DifferenceKind.Duplicate));
    }

    [Fact]
    public async Task The_copy_of_another_message_does_not_stand_in_for_one_that_is_missing()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = Untold };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        (source.Folders["Second"] = new ScriptedFolder()).Add(ScriptedFolder.Letter(2));
        target.Arm(
            "dropped",
            command =>
            {
                if (command.Name != "APPEND" || command.Folder != "INBOX")
                    return null;
                var answer = command.Session.Do(command);
                target.Inbox.Messages.RemoveAll(message => message.Content.SequenceEqual(ScriptedFolder.Letter(2)));
                return answer;
            }
        );
        // Stored, never answered, and given up after some times.
        target.Arm(
            "unanswered",
            command =>
            {
                if (command.Name != "APPEND" || command.Folder != "Second")
                    return null;
                if (target.Folders["Second"].Messages.Count == 0)
                    command.Session.Do(command);
                return command.Drop();
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal(RunOutcome.Partial, report.Outcome);
        Assert.Contains(report.Failures, failure => failure.Folder.IsInbox && failure.Failure.Code == Reason.NotConfirmed.Code);
    }

    [Fact]
    public async Task Verify_does_not_take_the_copy_of_another_message_for_one_that_was_moved()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        (source.Folders["Archive"] = new ScriptedFolder()).Fill(3);
        await harness.RunAsync(Stop);
        target.Inbox.Messages.Clear();
        harness.Job = harness.Job with { Folders = FolderRules.All with { Exclude = ["Archive"] } };

        var verified = await harness.VerifyAsync(Stop);

        Assert.Equal((false, 3), (verified.Identical, verified.Folders.Single().Missing));
    }

    [Fact]
    public async Task A_message_that_is_only_in_a_view_of_other_folders_is_missing()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(10);
        (target.Folders["All"] = new ScriptedFolder { Attributes = "\\All" }).Fill(10);
        target.Arm(
            "removed",
            command =>
            {
                if (command.Name != "APPEND" || command.Folder != "INBOX")
                    return null;
                var answer = command.Session.Do(command);
                target.Inbox.Messages.RemoveAll(message => message.Content.SequenceEqual(ScriptedFolder.Letter(5)));
                return answer;
            }
        );

        var report = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);

        Assert.Equal((RunOutcome.Partial, DifferenceKind.Missing), (report.Outcome, Assert.Single(report.Differences).Kind));
        Assert.Equal(1, verified.Folders.Single().Missing);
    }

    [Fact]
    public async Task A_message_that_is_in_no_folder_of_the_target_any_more_is_looked_for_once()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(10);
        target.Folders["Elsewhere"] = new ScriptedFolder();
        target.Arm(
            "removed",
            command =>
            {
                if (command.Name != "APPEND" || command.Folder != "INBOX")
                    return null;
                var answer = command.Session.Do(command);
                target.Inbox.Messages.RemoveAll(message => message.Content.SequenceEqual(ScriptedFolder.Letter(5)));
                return answer;
            }
        );
        var looks = 0;
        target.Before = command => looks += command is { Name: "SELECT" or "EXAMINE", Folder: "Elsewhere" } ? 1 : 0;

        var report = await harness.RunAsync(Stop);
        var first = looks;
        var again = await harness.RunAsync(Stop);

        Assert.True(first > 0);
        Assert.Equal(first, looks);
        Assert.All(
            new[] { report, again },
            run => Assert.Equal((RunOutcome.Partial, DifferenceKind.Missing), (run.Outcome, Assert.Single(run.Differences).Kind))
        );
        Assert.Equal(0, again.Total.Delivered);
    }

    private static byte[] WithFooter(byte[] content) => [.. content, .. "-- \r\nscanned\r\n"u8];
}
