using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Folders that are recreated while they are copied, go for a while and come back, or have no lasting UIDs.</summary>
public sealed class RecreatedFolderTests : IAsyncLifetime
{
    private readonly ScriptedImap _source = new(),
        _target = new() { Capabilities = "IMAP4rev1 UIDPLUS NAMESPACE CONDSTORE" };
    private Harness _harness = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static FolderRules SecondToInbox => FolderRules.All with { Rename = new Dictionary<string, string> { ["Second"] = "INBOX" } };

    public ValueTask InitializeAsync()
    {
        _harness = new Harness(_source, _target);
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _harness.DisposeAsync();
        await _target.DisposeAsync();
        await _source.DisposeAsync();
    }

    [Fact]
    public async Task A_target_folder_that_is_recreated_between_two_appends_is_filled_again_by_the_same_run()
    {
        _source.Inbox.Fill(30);
        Recreate(times: 1);

        var report = await _harness.RunAsync(Stop);
        var next = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 30), (report.Outcome, report.Total.Found));
        Assert.Equal((RunOutcome.Complete, 0), (next.Outcome, next.Total.Delivered));
        ShouldHoldOnce(_source.Inbox.Messages);
    }

    [Fact]
    public async Task A_target_folder_that_is_recreated_again_and_again_fails_and_the_next_run_fills_it()
    {
        _source.Inbox.Fill(30);
        var recreated = Recreate(times: 100);

        var report = await _harness.RunAsync(Stop);
        recreated.Healed = true;
        var next = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, Reason.FolderRecreated.Code), (report.Outcome, report.Folders.Single().Failure?.Code));
        Assert.InRange(recreated.Fired, 2, 10);
        Assert.Equal(RunOutcome.Complete, next.Outcome);
        ShouldHoldOnce(_source.Inbox.Messages);
    }

    [Fact]
    public async Task Every_source_of_a_target_folder_that_is_recreated_is_copied_again()
    {
        _harness.Job = _harness.Job with { Folders = SecondToInbox };
        _source.Inbox.Fill(10);
        (_source.Folders["Second"] = new ScriptedFolder()).Fill(10, first: 300);
        Recreate(times: 1);

        var report = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 20), (report.Outcome, report.Total.Found));
        Assert.Equal(20, _target.Inbox.Messages.Count);
        ShouldHoldOnce(_source.Inbox.Messages.Concat(_source.Folders["Second"].Messages));
    }

    [Fact]
    public async Task A_folder_that_is_not_listed_for_a_night_brings_nothing_back_that_the_targets_user_removed()
    {
        _source.Inbox.Fill(1, first: 300);
        var folder = _source.Folders["Work"] = new ScriptedFolder();
        folder.Fill(10);
        await _harness.RunAsync(Stop);
        _source.Folders.Remove("Work");
        await _harness.RunAsync(Stop);
        _source.Folders["Work"] = folder;
        folder.Fill(1, first: 400);
        _target.Folders["Work"].Messages.RemoveRange(2, 3);

        var report = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 1, 8), (report.Outcome, report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal(8, _target.Folders["Work"].Messages.Count);
    }

    [Fact]
    public async Task A_folder_that_comes_back_does_not_share_its_copies_with_the_one_that_took_its_place()
    {
        _harness.Job = _harness.Job with
        {
            Folders = FolderRules.All with { Rename = new Dictionary<string, string> { ["Renamed"] = "Work" } },
        };
        var folder = _source.Folders["Work"] = new ScriptedFolder();
        folder.Fill(10);
        await _harness.RunAsync(Stop);
        (_source.Folders["Renamed"] = new ScriptedFolder()).Fill(10);
        _source.Folders.Remove("Work");
        await _harness.RunAsync(Stop);
        _source.Folders["Work"] = folder;

        var report = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 10, 10), (report.Outcome, report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal(20, _target.Folders["Work"].Messages.Count);
    }

    [Fact]
    public async Task Sources_without_UIDVALIDITY_can_share_a_target_folder()
    {
        _harness.Job = _harness.Job with { Folders = SecondToInbox };
        _source.Inbox.Fill(5);
        (_source.Folders["Second"] = new ScriptedFolder { UidValidity = 0 }).Fill(5, first: 300);
        _source.Inbox.UidValidity = 0;

        var report = await _harness.RunAsync(Stop);
        var again = await _harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 10), (report.Outcome, report.Total.Delivered));
        Assert.Equal((RunOutcome.Complete, 0, 10), (again.Outcome, again.Total.Delivered, again.Total.AlreadyThere));
    }

    /// <summary>The target recreates INBOX at the append that finds 15 messages there.</summary>
    private ScriptedFault Recreate(int times) =>
        _target.Arm(
            "recreated",
            command =>
            {
                if (times == 0 || command.Name != "APPEND" || _target.Inbox.Messages.Count != 15)
                    return null;
                times--;
                _target.Folders["INBOX"] = new ScriptedFolder();
                return command.Session.Do(command);
            }
        );

    private void ShouldHoldOnce(IEnumerable<ScriptedMessage> messages) =>
        Assert.All(messages, message => Assert.Single(_target.Inbox.Messages, copy => copy.Content.SequenceEqual(message.Content)));
}
