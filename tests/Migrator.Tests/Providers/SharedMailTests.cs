using System.Text;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Providers;

/// <summary>Messages that several folders of Gmail show are fetched and sent once; the target makes the other copies.</summary>
public sealed class SharedMailTests : IAsyncLifetime
{
    private const int Count = 30;

    private readonly ScriptedImap _target = new();
    private GmailServer _gmail = null!;
    private Harness _harness = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _gmail = await GmailServer.StartAsync();
        _harness = To(_target);
    }

    public async ValueTask DisposeAsync()
    {
        await _harness.DisposeAsync();
        await _target.DisposeAsync();
        await _gmail.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_message_is_fetched_and_sent_once_for_all_its_labels(int connections)
    {
        _harness.Job = _harness.Job with { Options = _harness.Job.Options with { Connections = connections } };
        await using var ann = await FillAsync(_harness, Count);

        var report = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3 * Count, 0), (report.Outcome, report.Total.Delivered, report.Differences.Count));
        Assert.Equal((Count, Count), (Fetched(), Sent()));
        Assert.Equal(Contents("INBOX"), Contents("Work"));
        Assert.Equal(Contents("INBOX"), Contents("Later"));
        Assert.All(
            _target.Folders["Later"].Messages.Zip(_target.Inbox.Messages),
            pair => Assert.Equal((pair.Second.InternalDate, true), (pair.First.InternalDate, pair.First.Flags.SetEquals(pair.Second.Flags)))
        );
        Assert.True((await _harness.VerifyAsync(Stop)).Identical);
        Assert.Equal((0, 3 * Count), (await _harness.RunAsync(Stop)).Total is var total ? (total.Delivered, total.AlreadyThere) : default);
    }

    [Fact]
    public async Task A_folder_that_another_connection_has_created_is_copied_from()
    {
        _harness.Job = _harness.Job with { Options = _harness.Job.Options with { Connections = 3 } };
        await using var ann = await _gmail.LogInAsync(_harness.SourceUser);
        await ann.CreateAsync("Alpha");
        await ann.CreateAsync("Beta");
        await Letters.FillAsync(ann, "Alpha", 0, Count);
        await ann.RunAsync("SELECT Alpha");
        await ann.RunAsync("UID STORE 1:* +X-GM-LABELS (Beta)");

        var report = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 2 * Count, Count), (report.Outcome, report.Total.Delivered, Sent()));
    }

    /// <summary>Those that tell UIDs of copies.</summary>
    [Theory]
    [InlineData(ServerMake.Dovecot)]
    [InlineData(ServerMake.Cyrus)]
    [InlineData(ServerMake.Courier)]
    [InlineData(ServerMake.Hoodiecrow)]
    public async Task A_real_server_keeps_flags_and_dates_of_what_it_copies(ServerMake make)
    {
        await using var server = await AnyServer.StartAsync(make);
        await using var harness = new Harness(_gmail.Server, _gmail.Server, _gmail.Port, _gmail.Port);
        harness.Job = harness.Job with { Target = server.Account };
        await using var ann = await FillAsync(harness, Count);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3 * Count, 0), (report.Outcome, report.Total.Delivered, report.Differences.Count));
        Assert.Equal(Count, Fetched());
        var there = await server.ContentAsync();
        foreach (var folder in new[] { "Work", "Later" })
            Assert.Equal(
                there["INBOX"].Select(message => (message.Hash, message.Flags, message.Date)).Order(),
                there[folder].Select(message => (message.Hash, message.Flags, message.Date)).Order()
            );
    }

    [Fact]
    public async Task A_label_that_is_given_later_brings_no_message_again()
    {
        await using var ann = await _gmail.LogInAsync(_harness.SourceUser);
        await ann.CreateAsync("Zebra");
        await Letters.FillAsync(ann, "Zebra", 0, Count);
        await _harness.RunAsync(Stop);
        await ann.RunAsync("SELECT Zebra");
        await ann.RunAsync("UID STORE 1:* +X-GM-LABELS (\\Inbox)");

        var report = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, Count), (report.Outcome, report.Total.Delivered));
        // One is read again to see that the folder is the same.
        Assert.Equal((Count + 1, Count), (Fetched(), Sent()));
        Assert.Equal(Contents("Zebra"), Contents("INBOX"));
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    [InlineData("in the middle")]
    public async Task A_connection_that_is_lost_while_the_target_copies_doubles_and_loses_nothing(string when)
    {
        await using var ann = await FillAsync(_harness, Count);
        var losses = 0;
        _target.Arm(
            "losing",
            command =>
            {
                if (command.Name != "UID COPY" || ++losses > 1)
                    return null;
                Copy(
                    command,
                    command.Named.Take(
                        when == "before" ? 0
                        : when == "after" ? Count
                        : Count / 2
                    )
                );
                return command.Drop();
            }
        );

        var report = await _harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Complete, 3 * Count), (report.Outcome, report.Total.Delivered));
        // Where nothing arrived, the copy is made again.
        if (when == "before")
            Assert.Equal(Count, Sent());
        AssertWhole();
        Assert.True((await _harness.VerifyAsync(Stop)).Identical);
    }

    [Theory]
    [InlineData("NO not today")]
    [InlineData("BAD what is that")]
    [InlineData("OK done, and no word of UIDs")]
    [InlineData("OK [COPYUID 7 1 1] in another folder")]
    public async Task What_the_target_does_not_copy_is_sent(string answer)
    {
        await using var ann = await FillAsync(_harness, Count);
        _target.Arm("refusing", command => command.Name == "UID COPY" ? answer : null);

        var report = await _harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Complete, 3 * Count), (report.Outcome, report.Total.Delivered));
        Assert.Equal(3 * Count, Sent());
        AssertWhole();
    }

    /// <summary>RFC 9738.</summary>
    [Fact]
    public async Task A_copy_of_too_many_messages_is_made_in_parts()
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { MessageLimit = 7 });
        await using var harness = new Harness(_gmail.Server, yahoo.Server, _gmail.Port, yahoo.Port);
        await using var ann = await FillAsync(harness, Count);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3 * Count), (report.Outcome, report.Total.Delivered));
        Assert.Equal(Count, Fetched());
        var there = (await harness.TargetContentAsync()).Folders;
        foreach (var folder in new[] { "INBOX", "Work", "Later" })
            Assert.Equal((Count, Count), (there[folder].Count, there[folder].Select(message => message.Hash).Distinct().Count()));
    }

    [Fact]
    public async Task A_copy_that_is_cut_short_is_not_made_again()
    {
        await using var ann = await FillAsync(_harness, Count);
        _target.Arm(
            "cutting",
            command =>
            {
                if (command.Name != "UID COPY" || command.Named.Count <= 7)
                    return null;
                Copy(command, command.Named.TakeLast(7));
                return $"OK [MESSAGELIMIT 7 {command.Named[^7].Uid}] copied";
            }
        );

        var report = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3 * Count), (report.Outcome, report.Total.Delivered));
        AssertWhole();
    }

    [Fact]
    public async Task Copies_that_the_target_makes_in_silence_are_found()
    {
        await using var ann = await FillAsync(_harness, Count);
        _target.Arm(
            "silent",
            command =>
            {
                if (command.Name != "UID COPY")
                    return null;
                Copy(command, command.Named);
                return "OK done";
            }
        );

        var report = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3 * Count), (report.Outcome, report.Total.Delivered));
        Assert.Equal(Count, Sent());
        AssertWhole();
    }

    [Fact]
    public async Task Without_UIDs_of_copies_each_is_sent()
    {
        _target.Capabilities = _target.Capabilities.Replace("UIDPLUS ", "", StringComparison.Ordinal);
        await using var ann = await FillAsync(_harness, Count);

        var report = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3 * Count), (report.Outcome, report.Total.Delivered));
        Assert.Equal((3 * Count, 3 * Count), (Fetched(), Sent()));
        Assert.DoesNotContain(_target.Commands, command => command.Name == "UID COPY");
    }

    /// <summary>Somebody has read, removed or replaced at the target what would be copied.</summary>
    [Theory]
    [InlineData("flags")]
    [InlineData("gone")]
    [InlineData("recreated")]
    public async Task What_is_no_longer_at_the_target_as_it_was_delivered_is_not_copied(string change)
    {
        await using var ann = await _gmail.LogInAsync(_harness.SourceUser);
        await ann.CreateAsync("Zebra");
        await Letters.FillAsync(ann, "Zebra", 0, Count);
        await _harness.RunAsync(Stop);
        var zebra = _target.Folders["Zebra"];
        foreach (var message in zebra.Messages.Take(10).ToList())
        {
            if (change == "gone")
                zebra.Messages.Remove(message);
            else if (change == "flags")
                message.Flags.Add("\\Flagged");
            zebra.ModSeq = message.ModSeq = zebra.ModSeq + 1;
        }
        if (change == "recreated")
            zebra.UidValidity += 100_000;
        await ann.RunAsync("SELECT Zebra");
        await ann.RunAsync("UID STORE 1:* +X-GM-LABELS (\\Inbox)");

        var report = await _harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal(Enumerable.Range(0, Count).Select(number => Encoding.Latin1.GetString(Letter(number))).Order(), Contents("INBOX"));
        Assert.DoesNotContain(_target.Inbox.Messages, message => message.Flags.Contains("\\Flagged"));
        if (change != "recreated")
            Assert.Equal(Count + 10, Sent());
    }

    [Fact]
    public async Task What_somebody_removed_at_the_target_is_not_copied_there_when_the_label_is_recreated()
    {
        await using var ann = await FillAsync(_harness, Count);
        await _harness.RunAsync(Stop);
        var work = _target.Folders["Work"];
        work.Messages.RemoveRange(0, 3);
        work.ModSeq++;
        await ann.RunAsync("DELETE Work");
        await ann.CreateAsync("Work");
        await ann.RunAsync("SELECT INBOX");
        await ann.RunAsync("UID STORE 1:* +X-GM-LABELS (Work)");

        var report = await _harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal((Count, Count - 3, Count), (_target.Inbox.Messages.Count, work.Messages.Count, Sent()));
    }

    [Fact]
    public async Task A_check_counts_what_passes_the_network_once()
    {
        await using var ann = await FillAsync(_harness, Count);

        var folders = (await _harness.CheckAsync(Stop)).Folders;

        Assert.Equal((3 * Count, Count), (folders.Sum(folder => folder.ToCopy.Messages), folders.Sum(folder => folder.Traffic.Messages)));
        Assert.Equal(folders.Sum(folder => folder.ToCopy.Bytes), 3 * folders.Sum(folder => folder.Traffic.Bytes));
    }

    [Fact]
    public async Task A_copy_that_is_there_is_not_made_again()
    {
        await using var ann = await FillAsync(_harness, Count);
        await _harness.RunAsync(Stop);
        await using var again = To(_target);
        again.Job = _harness.Job;

        // Its checkpoint is empty.
        var report = await again.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 0, 3 * Count), (report.Outcome, report.Total.Delivered, report.Total.AlreadyThere));
        AssertWhole();
    }

    [Fact]
    public async Task What_the_first_folder_does_not_take_is_fetched_for_the_next()
    {
        await using var ann = await FillAsync(_harness, 4);
        _target.Arm("full", command => command.Name == "APPEND" && command.Folder == "INBOX" ? "NO not into this one" : null);

        var report = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, 8, 4), (report.Outcome, report.Total.Delivered, report.Total.Failed));
        Assert.Equal((0, 4, 4), (_target.Inbox.Messages.Count, Contents("Work").Distinct().Count(), Contents("Later").Distinct().Count()));
    }

    /// <summary>What a server does that says nothing of it.</summary>
    private void Copy(ScriptedCommand command, IEnumerable<ScriptedMessage> messages)
    {
        var folder = _target.Folders[command.Arguments.Contains("Work", StringComparison.Ordinal) ? "Work" : "Later"];
        foreach (var message in messages)
            folder.Add(message.Content, message.Flags, message.InternalDate);
    }

    private void AssertWhole()
    {
        var all = Enumerable.Range(0, Count).Select(number => Encoding.Latin1.GetString(Letter(number))).Order().ToList();
        foreach (var folder in new[] { "INBOX", "Work", "Later" })
            Assert.Equal(all, Contents(folder));
    }

    private IEnumerable<string> Contents(string folder) =>
        _target.Folders[folder].Messages.Select(message => Encoding.Latin1.GetString(message.Content)).Order().ToList();

    private int Fetched() =>
        _gmail
            .Commands.Where(command => command.Name == "UID FETCH" && command.ToString().Contains("BODY.PEEK[]", StringComparison.Ordinal))
            .Sum(command => Numbers(command.Arguments[0].Text));

    private static int Numbers(string set) =>
        set.Split(',')
            .Select(range => range.Split(':'))
            .Sum(range => range.Length == 1 ? 1 : int.Parse(range[1], null) - int.Parse(range[0], null) + 1);

    private int Sent() => _target.Commands.Where(command => command.Name == "APPEND").Sum(command => command.Literals.Count);

    private Harness To(ScriptedImap target) => new(_gmail.Server, _gmail.Server, _gmail.Port, target.Port);

    /// <summary>All in the inbox and with two labels.</summary>
    private async Task<RawImap> FillAsync(Harness harness, int count)
    {
        var ann = await _gmail.LogInAsync(harness.SourceUser);
        await ann.CreateAsync("Work");
        await ann.CreateAsync("Later");
        await Letters.FillAsync(ann, "INBOX", 0, count);
        await ann.RunAsync("SELECT INBOX");
        await ann.RunAsync("UID STORE 1:* +X-GM-LABELS (Work Later)");
        return ann;
    }
}
