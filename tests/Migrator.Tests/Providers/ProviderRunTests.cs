using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Folders;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers;

/// <summary>What a run does otherwise because of a provider.</summary>
public sealed class ProviderRunTests
{
    private const int Visible = 10_000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_provider_may_hide_is_not_called_complete_also_when_nothing_is_new()
    {
        await using var yahoo = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = Of(yahoo, target, source: "yahoo");
        yahoo.Inbox.Fill(Visible);

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var report = await harness.RunAsync(Stop);

            Assert.Equal((RunOutcome.Partial, Visible), (report.Outcome, target.Inbox.Messages.Count));
            Assert.Contains(report.Notices, notice => notice.StartsWith("INBOX: the server lists exactly 10,000 messages"));
        }
        Assert.Contains((await harness.CheckAsync(Stop)).Notices, notice => notice.Contains("export.imap.mail.yahoo.com"));

        yahoo.Inbox.Messages.RemoveAt(0);
        Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);
    }

    [Fact]
    public async Task Commands_are_as_short_as_a_provider_wants_and_name_no_more_messages()
    {
        await using var yahoo = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = Of(yahoo, target, source: "yahoo");
        for (var uid = 1u; uid < 5000; uid += 2)
            yahoo.Inbox.Add(ScriptedFolder.Letter((int)uid), uid: uid);
        for (var uid = 6000u; uid < 7500; uid++)
            yahoo.Inbox.Add(ScriptedFolder.Letter((int)uid), uid: uid);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        var fetches = yahoo.Commands.Where(command => command.Name == "UID FETCH").ToList();
        Assert.Contains(fetches, command => command.Named.Count > 100);
        Assert.All(fetches, command => Assert.InRange(command.Arguments.Length, 1, 1000));
        Assert.All(fetches.Where(command => !command.Arguments.Contains('*')), command => Assert.InRange(command.Named.Count, 0, 1000));
    }

    [Theory]
    [InlineData("Calendar,Calendar/Birthdays,Contacts,Tasks,Journal,Sync Issues,Sync Issues/Conflicts", "Kalender,Notes,Calendars")]
    [InlineData("Kalender,Kontakte,Aufgaben", "Contacts,Tasks")]
    [InlineData("", "Calendar,Contacts")]
    public async Task Folders_without_mail_are_left_out_in_the_language_of_the_mailbox_and_said_so(string without, string with)
    {
        await using var exchange = new ScriptedImap { Greeting = "The Microsoft Exchange IMAP4 service is ready. [TQBXAEgA]" };
        await using var target = new ScriptedImap();
        await using var harness = Of(exchange, target);
        string[] left = without.Split(',', StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in left.Concat(with.Split(',')))
            (exchange.Folders[name] = new ScriptedFolder()).Fill(1);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal(with.Split(',').Append("INBOX").Order(), target.Folders.Keys.Order());
        Assert.Equal(left.Length > 0, report.Notices.Any(notice => left.Length > 0 && left.All(notice.Contains)));
    }

    [Fact]
    public async Task A_rule_includes_folders_without_mail()
    {
        await using var exchange = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = Of(exchange, target, source: "exchange");
        foreach (var name in new[] { "Calendar", "Contacts", "Tasks" })
            (exchange.Folders[name] = new ScriptedFolder()).Fill(1);
        harness.Job = harness.Job with { Folders = FolderRules.All with { Include = ["Contacts"] } };

        await harness.RunAsync(Stop);

        Assert.Single(target.Folders["Contacts"].Messages);
        Assert.DoesNotContain("Calendar", target.Folders.Keys);
    }

    [Fact]
    public async Task Mail_goes_into_no_calendar_and_no_reserved_name()
    {
        await using var source = new ScriptedImap();
        await using var exchange = new ScriptedImap();
        await using var harness = Of(source, exchange, target: "exchange");
        foreach (var name in new[] { "Calendar", "Calendar/2020", "Files", "files of Ann", "Tasks" })
            (source.Folders[name] = new ScriptedFolder()).Fill(1);
        foreach (var name in new[] { "Calendar", "Contacts", "Tasks" })
            exchange.Folders[name] = new ScriptedFolder();
        exchange.Arm(
            "reserved",
            command =>
                command.Name == "CREATE" && string.Equals(command.Folder, "Files", StringComparison.OrdinalIgnoreCase)
                    ? "NO Folder name is reserved"
                : command.Name == "NOOP" ? "OK done"
                : null
        );

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var report = await harness.RunAsync(Stop);

            Assert.Equal(RunOutcome.Complete, report.Outcome);
            Assert.Equal(
                [
                    "Calendar:0",
                    "Calendar_/2020:1",
                    "Calendar_:1",
                    "Contacts:0",
                    "Files_:1",
                    "INBOX:0",
                    "Tasks:0",
                    "Tasks_:1",
                    "files of Ann:1",
                ],
                exchange.Folders.Select(folder => $"{folder.Key}:{folder.Value.Messages.Count}").Order(StringComparer.Ordinal)
            );
        }
    }

    [Fact]
    public async Task A_flag_that_Outlook_would_not_see_is_stored_after_the_append()
    {
        await using var source = new ScriptedImap();
        await using var exchange = new ScriptedImap();
        await using var harness = Of(source, exchange, target: "exchange");
        source.Inbox.Add(ScriptedFolder.Letter(1), [@"\Flagged", @"\Seen"]);
        source.Inbox.Add(ScriptedFolder.Letter(2), [@"\Seen"]);

        await harness.RunAsync(Stop);

        var store = Assert.Single(exchange.Commands, command => command.Name == "UID STORE");
        Assert.Matches(new Regex(@"^1 \+FLAGS\.SILENT \(\\Flagged\)$"), store.Arguments);
    }

    [Theory]
    [InlineData("NO no")]
    [InlineData("drop")]
    public async Task A_flag_that_cannot_be_stored_after_the_append_costs_no_message_and_makes_no_second(string answer)
    {
        await using var source = new ScriptedImap();
        await using var exchange = new ScriptedImap();
        await using var harness = Of(source, exchange, target: "exchange");
        for (var number = 1; number <= 5; number++)
            source.Inbox.Add(ScriptedFolder.Letter(number), [@"\Flagged"]);
        var refusing = exchange.Arm(
            "refusing",
            command =>
                command.Name != "UID STORE" ? null
                : answer == "drop" ? command.Drop()
                : answer
        );
        exchange.Before = _ => refusing.Healed = answer == "drop" && refusing.Fired > 0;

        var report = await harness.RunAsync(Stop, new Recovery.ImmediateClock());

        Assert.Equal((RunOutcome.Complete, 5), (report.Outcome, exchange.Inbox.Messages.Count));
        Assert.Equal(5, exchange.Inbox.Messages.Select(message => Encoding.ASCII.GetString(message.Content)).Distinct().Count());
    }

    /// <summary>Answers of Exchange to a message that it does not take, which say little or nothing.</summary>
    [Theory]
    [InlineData(
        "BAD Command Argument Error. 11",
        12_000,
        "line-too-long",
        "its longest line has 12,000 bytes, the target takes about 9,900"
    )]
    [InlineData("BAD Command Argument Error. 11", 900, "append-refused", "Command Argument Error. 11")]
    [InlineData("NO Maximum size of appendable message has been exceeded", 12_000, "too-large", "Maximum size of appendable message")]
    public async Task A_refused_message_has_the_reason_that_the_server_leaves_out(string answer, int line, string reason, string words)
    {
        await using var source = new ScriptedImap();
        await using var exchange = new ScriptedImap();
        await using var harness = Of(source, exchange, target: "microsoft365");
        source.Inbox.Fill(5);
        source.Inbox.Add(Encoding.ASCII.GetBytes($"Subject: refused\r\n\r\nshort\r\n{new string('x', line)}\r\nshort\r\n"));
        exchange.Arm(
            "refusing",
            command =>
                command.Name == "APPEND" && command.Literals.Any(literal => literal.AsSpan().StartsWith("Subject: refused"u8))
                    ? answer
                    : null
        );

        var report = await harness.RunAsync(Stop);

        var failure = Assert.Single(report.Failures).Failure;
        Assert.Equal((RunOutcome.Partial, 5, reason), (report.Outcome, exchange.Inbox.Messages.Count, failure.Code));
        Assert.Contains(words, failure.Detail);
    }

    [Fact]
    public async Task A_session_that_the_server_has_forgotten_is_opened_again()
    {
        await using var source = new ScriptedImap();
        await using var exchange = new ScriptedImap();
        await using var harness = Of(source, exchange, target: "microsoft365");
        source.Inbox.Fill(5);
        var forgotten = exchange.Arm("forgotten", command => command.Name == "APPEND" ? "BAD Command received in Invalid state." : null);
        exchange.Before = _ => forgotten.Healed = forgotten.Fired > 1;

        var report = await harness.RunAsync(Stop, new Recovery.ImmediateClock());

        Assert.Equal((RunOutcome.Complete, 5), (report.Outcome, exchange.Inbox.Messages.Count));
    }

    [Fact]
    public async Task No_more_connections_are_opened_than_a_provider_allows()
    {
        await using var source = new ScriptedImap { Greeting = "Courier-IMAP ready." };
        await using var target = new ScriptedImap();
        await using var harness = Of(source, target);
        for (var folder = 0; folder < 20; folder++)
            (source.Folders[$"Folder {folder}"] = new ScriptedFolder()).Fill(50);
        harness.Job = harness.Job with { Options = harness.Job.Options with { Connections = 12 } };

        await harness.RunAsync(Stop);

        Assert.InRange(source.Accepted, 2, 4);
    }

    /// <param name="source">Name of a profile; null to let it be recognized.</param>
    private static Harness Of(ScriptedImap old, ScriptedImap @new, string? source = null, string? target = null)
    {
        var harness = new Harness(old, @new);
        harness.Job = harness.Job with
        {
            Source = harness.Job.Source with { Provider = source },
            Target = harness.Job.Target with { Provider = target },
        };
        return harness;
    }
}
