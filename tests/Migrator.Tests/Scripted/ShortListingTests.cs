using System.Globalization;
using System.Text.RegularExpressions;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Servers that list fewer messages than a folder holds (RFC 9738): a listing counts only where it proves itself against
/// EXISTS.</summary>
public sealed partial class ShortListingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_one_SEARCH_leaves_out_is_found_by_parts(bool newest)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.UidNext = 3_000_000_000;
        source.Inbox.Fill(30);
        source.Inbox.UidNext = 4_294_000_000;
        source.Inbox.Fill(270, first: 31);
        source.Arm("limit", command => Limited(command, 100, newest));

        var report = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);
        var again = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 300), (report.Outcome, report.Total.Delivered));
        Assert.True(verified.Identical);
        Assert.Equal(300, verified.Folders.Single().SourceMessages);
        Assert.Equal((RunOutcome.Complete, 300, 0), (again.Outcome, again.Total.AlreadyThere, again.Total.Vanished));
        Assert.Equal(300, target.Inbox.Messages.Count);
    }

    [Fact]
    public async Task What_another_session_removes_without_a_word_of_the_server_costs_nothing_else()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(60);
        source.Arm(
            "removed",
            command =>
            {
                if (
                    command.Name != "UID FETCH"
                    || !command.Arguments.Contains("BODY", StringComparison.Ordinal)
                    || source.Inbox.Messages.Count < 60
                )
                    return null;
                source.Inbox.Messages.RemoveRange(20, 10);
                return command.Session.Do(command);
            }
        );
        source.Arm("silent", command => command.Name == "NOOP" ? "OK done" : null);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 50, 10), (report.Outcome, report.Total.Delivered, report.Total.Vanished));
    }

    [Fact]
    public async Task A_folder_that_opens_empty_by_mistake_fails_and_nothing_vanishes()
    {
        await using var source = new ScriptedImap { Capabilities = "IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND NAMESPACE" };
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(50);
        await harness.RunAsync(Stop);
        target.Inbox.Messages.RemoveRange(0, 10);
        var fault = source.Arm(
            "empty",
            command =>
            {
                if (command.Name is "UID SEARCH")
                {
                    command.Session.Say("* SEARCH");
                    return "OK done";
                }
                if (command.Name is not ("SELECT" or "EXAMINE"))
                    return null;
                foreach (
                    var line in new[]
                    {
                        "* 0 EXISTS",
                        "* FLAGS (\\Seen)",
                        $"* OK [UIDVALIDITY {source.Inbox.UidValidity}] ",
                        $"* OK [UIDNEXT {source.Inbox.UidNext}] ",
                    }
                )
                    command.Session.Say(line);
                return "OK [READ-ONLY] done";
            }
        );

        var report = await harness.RunAsync(Stop);
        fault.Healed = true;
        var healed = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, Reason.ListingIncomplete.Code), (report.Outcome, report.Folders.Single().Failure?.Code));
        Assert.Equal((RunOutcome.Complete, 0, 40), (healed.Outcome, healed.Total.Delivered, healed.Total.AlreadyThere));
        Assert.Equal(40, target.Inbox.Messages.Count);
    }

    [Fact]
    public async Task What_a_folder_lists_is_copied_whatever_number_the_server_says_all_the_time()
    {
        await using var source = new ScriptedImap { Capabilities = "IMAP4rev1 NAMESPACE" };
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(5);
        source.Arm(
            "nothing exists",
            command =>
            {
                if (command.Name is not ("SELECT" or "EXAMINE" or "NOOP" or "STATUS"))
                    return null;
                var answer = command.Session.Do(command);
                command.Session.Say("* 0 EXISTS");
                return answer;
            }
        );

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 5), (report.Outcome, report.Total.Delivered));
        Assert.Equal(5, target.Inbox.Messages.Count);
    }

    [Fact]
    public async Task A_source_that_hides_messages_costs_the_folder_and_nothing_vanishes()
    {
        await using var source = new ScriptedImap { Capabilities = "IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND NAMESPACE" };
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(50);
        source.Folders["Work"] = new ScriptedFolder();
        source.Folders["Work"].Fill(5, first: 100);
        await harness.RunAsync(Stop);
        var fault = source.Arm("window", command => command.Folder == "INBOX" ? Window(command, 20) : null);

        var report = await harness.RunAsync(Stop);
        fault.Healed = true;
        var healed = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Partial, report.Outcome);
        var failed = Assert.Single(report.Folders, folder => folder.Failure is not null);
        Assert.Equal((FolderPath.Inbox, Reason.ListingIncomplete.Code), (failed.Source, failed.Failure!.Code));
        Assert.Contains("50", failed.Failure.Detail, StringComparison.Ordinal);
        Assert.Equal(
            (RunOutcome.Complete, 55, 0, 0),
            (healed.Outcome, healed.Total.AlreadyThere, healed.Total.Vanished, healed.Total.Delivered)
        );
        Assert.Equal(50, target.Inbox.Messages.Count);
    }

    [Fact]
    public async Task A_target_that_hides_messages_gets_none_of_them_twice()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(50);
        target.Inbox.Fill(50);
        target.Arm("window", command => Window(command, 20));

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, Reason.ListingIncomplete.Code), (report.Outcome, report.Folders.Single().Failure?.Code));
        Assert.Equal(50, target.Inbox.Messages.Count);
    }

    [Fact]
    public async Task A_message_that_is_removed_while_the_folder_is_listed_is_no_failure()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(50);
        var removed = false;
        source.Arm(
            "expunge",
            command =>
            {
                if (command.Name == "NOOP" && removed && source.Inbox.Messages.Count == 49)
                {
                    command.Say("* 7 EXPUNGE");
                    return "OK done";
                }
                if (command.Name == "UID SEARCH" && !removed)
                {
                    source.Inbox.Messages.RemoveAt(6);
                    removed = true;
                }
                return null;
            }
        );

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 49), (report.Outcome, report.Total.Delivered));
    }

    /// <summary>SEARCH gives so many UIDs at most, the newest or the oldest.</summary>
    private static string? Limited(ScriptedCommand command, int most, bool newest)
    {
        if (command.Name != "UID SEARCH")
            return null;
        var found = Found(command);
        if (found.Count <= most)
            return null;
        command.Say($"* SEARCH {string.Join(' ', newest ? found.TakeLast(most) : found.Take(most))}");
        return string.Create(CultureInfo.InvariantCulture, $"OK [MESSAGELIMIT {most}] partial results");
    }

    /// <summary>SEARCH never speaks of any but the newest messages.</summary>
    private static string? Window(ScriptedCommand command, int most)
    {
        if (command.Name != "UID SEARCH")
            return null;
        var shown = command.Session.Open!.Messages.TakeLast(most).Select(message => message.Uid).ToHashSet();
        command.Say($"* SEARCH {string.Join(' ', Found(command).Where(shown.Contains))}".TrimEnd());
        return "OK done";
    }

    private static List<uint> Found(ScriptedCommand command) =>
        Range().Match(command.Arguments) is { Success: true } range
            ? [.. ScriptedCommand.Uids(command.Session.Open!, range.Groups[1].Value).Select(message => message.Uid)]
            : [.. command.Session.Open!.Messages.Select(message => message.Uid)];

    [GeneratedRegex("UID ([0-9:,*]+)")]
    private static partial Regex Range();
}
