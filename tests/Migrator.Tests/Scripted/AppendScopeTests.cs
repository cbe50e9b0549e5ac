using Migrator.Core.Failures;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Scripted.AppendResultTests;

namespace Migrator.Tests.Scripted;

/// <summary>How far a refused APPEND reaches is the same whether messages are appended together, pipelined or one by one.</summary>
public sealed class AppendScopeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Passing =>
        Each(
            "NO [UNAVAILABLE] not now",
            "NO [INUSE] somebody else writes",
            "NO [SERVERBUG] internal error",
            "NO [EXPIRED] log in again",
            "NO [LIMIT] Too many simultaneous connections",
            "NO [THROTTLED] slow down",
            "NO Request is throttled. Suggested Backoff Time: 10 milliseconds",
            "NO Temporary failure, please try again",
            "NO failed"
        );

    public static TheoryData<string, string> LockingOut => Each("NO [OVERQUOTA] Account exceeded command or bandwidth limits");

    public static TheoryData<string, string> OfTheFolder =>
        Each(
            "NO [TRYCREATE] there is no such folder",
            "NO [NONEXISTENT] gone",
            "NO [NOPERM] you may not",
            "NO [READ-ONLY] no",
            "NO Mailbox is read-only",
            "NO Permission denied"
        );

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task What_passes_fails_no_message_and_sends_none_twice(string capabilities, string answer)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(90);
        ScriptedFault refusing = null!;
        refusing = target.Arm(
            "refusing",
            command =>
                command.Name == "APPEND"
                && (target.Inbox.Messages.Count >= 10 || capabilities == MultiAppend)
                && refusing.Fired < (answer == "NO failed" ? 1 : 3)
                    ? answer
                    : null
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Complete, 90, 0), (report.Outcome, report.Total.Delivered, report.Total.Failed));
        Assert.Equal(
            source.Inbox.Messages.Select(message => Convert.ToHexString(message.Content)).Order(),
            target.Inbox.Messages.Select(message => Convert.ToHexString(message.Content)).Order()
        );
    }

    [Theory]
    [MemberData(nameof(LockingOut))]
    public async Task A_lockout_ends_the_run_and_the_next_one_sends_none_twice(string capabilities, string answer)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(90);
        var locked = target.Arm(
            "locked",
            command => command.Name == "APPEND" && (target.Inbox.Messages.Count >= 10 || capabilities == MultiAppend) ? answer : null
        );

        var paused = await harness.RunAsync(Stop, new ImmediateClock());
        locked.Healed = true;
        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Aborted, true), (paused.Outcome, paused.Pause > TimeSpan.Zero));
        Assert.Equal((RunOutcome.Complete, 0), (report.Outcome, report.Total.Failed));
        Assert.Equal(
            source.Inbox.Messages.Select(message => Convert.ToHexString(message.Content)).Order(),
            target.Inbox.Messages.Select(message => Convert.ToHexString(message.Content)).Order()
        );
    }

    [Theory]
    [MemberData(nameof(OfTheFolder))]
    public async Task What_concerns_the_folder_is_one_failure(string capabilities, string answer)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(10);
        source.Folders["Work"] = new ScriptedFolder();
        source.Folders["Work"].Fill(300);
        var refusing = target.Arm("refusing", command => command.Name == "APPEND" && command.Folder == "Work" ? answer : null);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal(
            (RunOutcome.Partial, 10, 0, 300),
            (report.Outcome, report.Total.Delivered, report.Total.Failed, report.Total.Remaining)
        );
        Assert.NotNull(Assert.Single(report.Folders, folder => folder.Failure is not null).Failure);
        Assert.True(refusing.Fired <= 64, $"{refusing.Fired} appends");
    }

    [Theory]
    [InlineData(MultiAppend)]
    [InlineData(Pipeline)]
    [InlineData(OneByOne)]
    public async Task A_folder_that_opens_for_reading_only_is_sent_nothing(string capabilities)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(50);
        target.Arm("read-only", command => command.Name != "SELECT" ? null : $"{Select(command, target)}OK [READ-ONLY] open");

        var report = await harness.RunAsync(Stop);

        Assert.Equal(Reason.FolderReadOnly.Code, Assert.Single(report.Folders).Failure?.Code);
        Assert.DoesNotContain(target.Commands, command => command.Name == "APPEND");
    }

    public static TheoryData<string, string> Full =>
        Each(
            "NO [OVERQUOTA] Quota exceeded (too many messages in mailbox)",
            "NO Over quota",
            "NO [ALERT] You exceeded your mail quota.",
            "NO APPEND failed: mailbox exceeded quota",
            "NO Quota limit reached, try again later",
            "NO Mailbox is full"
        );

    [Theory]
    [MemberData(nameof(Full))]
    public async Task A_full_mailbox_is_full_in_any_words_and_no_pause(string capabilities, string answer)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(5);
        target.Arm("full", command => command.Name == "APPEND" ? answer : null);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, 5), (report.Outcome, report.Total.Failed));
        Assert.All(report.Failures, failure => Assert.Equal(Reason.OverQuota.Code, failure.Failure.Code));
    }

    [Theory]
    [InlineData(MultiAppend, "BAD Invalid date-time")]
    [InlineData(Pipeline, "BAD Invalid date-time")]
    [InlineData(OneByOne, "BAD Invalid date-time")]
    [InlineData(MultiAppend, "NO [CANNOT] no")]
    [InlineData(Pipeline, "BAD syntax error")]
    public async Task A_message_whose_date_is_refused_is_delivered_without_and_said(string capabilities, string answer)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        source.Inbox.Add(ScriptedFolder.Letter(4), date: "\"01-Jan-1950 00:00:00 +0000\"");
        source.Inbox.Fill(3, first: 5);
        target.Arm(
            "old",
            command => command.Name == "APPEND" && command.Arguments.Contains("1950", StringComparison.Ordinal) ? answer : null
        );

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 7, 0), (report.Outcome, report.Total.Delivered, report.Total.Failed));
        Assert.Equal((DifferenceKind.InternalDate, 4u), (Assert.Single(report.Differences).Kind, report.Differences[0].Uid));
        Assert.Equal(7, target.Inbox.Messages.Count);
    }

    private static string Select(ScriptedCommand command, ScriptedImap target)
    {
        command.Session.OpenQuietly("INBOX");
        command.Say($"* {target.Inbox.Messages.Count} EXISTS");
        command.Say($"* OK [UIDVALIDITY {target.Inbox.UidValidity}] valid");
        command.Say($"* OK [UIDNEXT {target.Inbox.UidNext}] next");
        return "";
    }

    private static TheoryData<string, string> Each(params string[] answers)
    {
        var data = new TheoryData<string, string>();
        foreach (var capabilities in new[] { MultiAppend, Pipeline, OneByOne })
        {
            foreach (var answer in answers)
                data.Add(capabilities, answer);
        }
        return data;
    }
}
