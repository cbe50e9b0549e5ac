using Microsoft.Extensions.Logging.Abstractions;
using Migrator.App.Execution;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Storage.Checkpoints.Sqlite;
using Migrator.Tests.Archives;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>What a copy is not deceived by, a backup is not either.</summary>
public sealed class BackupOfOddServersTests : IAsyncDisposable
{
    private const string Account = "imap://ann@odd.example:143";

    private readonly ScriptedImap _source = new();
    private readonly ArchiveHarness _archive = new(new MemoryBlobStore(), new MemoryBlobStore(), new ImmediateClock());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _archive.DisposeAsync();
    }

    [Fact]
    public async Task A_short_listing_costs_the_folder_and_the_snapshot_keeps_what_was_known()
    {
        await _archive.CreateAsync(Stop);
        _source.Inbox.Fill(50);
        await BackUpAsync();
        _source.Inbox.Fill(1, first: 90);
        var fault = _source.Arm(
            "short",
            command =>
            {
                if (command.Name != "UID SEARCH")
                    return null;
                command.Say("* SEARCH 1 2 3");
                return "OK [MESSAGELIMIT 3] some";
            }
        );

        var report = await BackUpAsync();
        var snapshot = await _archive.LatestAsync(Account, Stop);
        var verified = await VerifyAsync(snapshot);
        fault.Healed = true;
        var healed = await BackUpAsync();

        Assert.Equal((RunOutcome.Partial, Reason.ListingIncomplete.Code), (report.Outcome, report.Folders.Single().Failure?.Code));
        Assert.Equal((SnapshotState.Partial, 50L), (snapshot.State, snapshot.Messages));
        Assert.Equal((false, Reason.ListingIncomplete.Code), (verified.Identical, verified.Folders.Single().Failure?.Code));
        Assert.Equal((RunOutcome.Complete, 1, 50), (healed.Outcome, healed.Total.Delivered, healed.Total.AlreadyThere));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public async Task New_mail_under_old_UIDs_of_a_server_that_was_set_back_is_stored(int news)
    {
        await _archive.CreateAsync(Stop);
        _source.Inbox.Fill(10);
        await BackUpAsync();
        _source.Inbox.Messages.RemoveRange(7, 3);
        _source.Inbox.UidNext = 8;
        _source.Inbox.ModSeq++;
        _source.Inbox.Fill(news, first: 500);

        var report = await BackUpAsync();
        var verified = await VerifyAsync(await _archive.LatestAsync(Account, Stop));

        Assert.Equal((RunOutcome.Complete, 7 + news), (report.Outcome, report.Total.Found));
        Assert.Contains(report.Notices, notice => notice.Contains("rolled back", StringComparison.Ordinal));
        Assert.True(verified.Identical);
        Assert.Equal(7 + news, verified.Folders.Single().Matched);
    }

    [Theory]
    [InlineData("RFC822.SIZE")]
    [InlineData("BODY.PEEK")]
    public async Task A_message_that_ends_the_connection_costs_itself_and_verify_reports_it(string item)
    {
        await _archive.CreateAsync(Stop);
        _source.Inbox.Fill(100);
        _source.Folders["Work"] = new ScriptedFolder();
        _source.Folders["Work"].Fill(3, first: 700);
        _source.Arm(
            "poison",
            command =>
                command.Name == "UID FETCH"
                && command.Folder == "INBOX"
                && command.Arguments.Contains(item, StringComparison.Ordinal)
                && command.Named.Any(message => message.Uid == 42)
                    ? command.Drop()
                    : null
        );

        var report = await BackUpAsync();
        var verified = await VerifyAsync(await _archive.LatestAsync(Account, Stop));

        Assert.Equal((RunOutcome.Partial, 103, 102, 1), (report.Outcome, report.Total.Found, report.Total.Delivered, report.Total.Failed));
        Assert.Equal((42u, Reason.SourceUnreadable.Code), (Assert.Single(report.Failures).Uid, report.Failures[0].Failure.Code));
        Assert.False(verified.Identical);
        Assert.Equal(102, verified.Folders.Sum(folder => folder.Matched));
        Assert.Equal((DifferenceKind.Missing, 42u), (Assert.Single(verified.Differences).Kind, verified.Differences[0].Uid!.Value));
    }

    [Fact]
    public async Task Verify_of_a_source_that_is_lost_ends_with_a_report_of_what_was_compared()
    {
        await _archive.CreateAsync(Stop);
        _source.Inbox.Fill(5);
        _source.Folders["Work"] = new ScriptedFolder();
        _source.Folders["Work"].Fill(5, first: 700);
        await BackUpAsync();
        var lost = false;
        _source.Arm(
            "lost",
            command =>
            {
                lost |= command.Name == "EXAMINE" && command.Folder == "Work";
                return lost
                    ? command.Name is "LOGIN" or "AUTHENTICATE"
                        ? "NO [AUTHENTICATIONFAILED] no"
                        : command.Drop()
                    : null;
            }
        );

        var verified = await VerifyAsync(await _archive.LatestAsync(Account, Stop), connections: 1);

        Assert.False(verified.Identical);
        Assert.NotNull(verified.Stopped);
        Assert.Equal(5, verified.Folders.Single(folder => folder.Target.IsInbox).Matched);
        Assert.NotNull(verified.Folders.Single(folder => !folder.Target.IsInbox).Failure);
    }

    [Theory]
    [InlineData(RestoreMode.Exact)]
    [InlineData(RestoreMode.Missing)]
    public async Task A_restore_of_a_partial_snapshot_says_what_is_missing_and_moves_nothing_aside(RestoreMode mode)
    {
        await _archive.CreateAsync(Stop);
        _source.Inbox.Fill(5);
        (_source.Folders["Work"] = new ScriptedFolder()).Fill(3, first: 100);
        _source.Arm(
            "poison",
            command =>
                command.Name == "UID FETCH"
                && command.Folder == "INBOX"
                && command.Arguments.Contains("BODY.PEEK[]", StringComparison.Ordinal)
                && command.Named.Any(message => message.Uid == 2)
                    ? "NO not that one"
                    : null
        );
        await BackUpAsync();
        await using var target = new ScriptedImap();
        // Both came later; the first may be what the snapshot lacks.
        target.Inbox.Add(ScriptedFolder.Letter(2));
        (target.Folders["Work"] = new ScriptedFolder()).Fill(1, first: 900);

        var report = await RestoreAsync(target, mode);

        Assert.Equal((RunOutcome.Partial, 7L, 0L), (report.Outcome, report.Total.Delivered, report.Total.Failed));
        Assert.Contains(report.Notices, notice => notice.StartsWith("Missing in the snapshot: INBOX, UID 2", StringComparison.Ordinal));
        Assert.Equal(5, target.Inbox.Messages.Count);
        Assert.Equal(mode == RestoreMode.Exact ? 3 : 4, target.Folders["Work"].Messages.Count);
    }

    [Theory]
    [InlineData(RestoreMode.Exact)]
    [InlineData(RestoreMode.Missing)]
    public async Task A_restore_that_is_repeated_changes_nothing_not_even_between_twins(RestoreMode mode)
    {
        await _archive.CreateAsync(Stop);
        foreach (var flags in new[] { "\\Seen", "\\Flagged", "\\Answered", "\\Seen" })
            _source.Inbox.Add(ScriptedFolder.Letter(1), [flags]);
        _source.Inbox.Fill(3, first: 2);
        await BackUpAsync();
        await using var target = new ScriptedImap();
        await RestoreAsync(target, mode);
        // What the target's user did is undone by an exact restore alone.
        target.Inbox.Messages[6].Flags.Add("\\Draft");
        target.Inbox.Messages.Reverse(0, 3);
        await RestoreAsync(target, mode);
        var before = target.Inbox.Messages.Select(message => $"{message.Uid} {string.Join(' ', message.Flags.Order())}").ToList();
        var stores = target.Commands.Count(command => command.Name == "UID STORE");

        var report = await RestoreAsync(target, mode);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal(before, target.Inbox.Messages.Select(message => $"{message.Uid} {string.Join(' ', message.Flags.Order())}"));
        Assert.Equal(stores, target.Commands.Count(command => command.Name == "UID STORE"));
        Assert.Equal(mode == RestoreMode.Missing, target.Inbox.Messages.Exists(message => message.Flags.Contains("\\Draft")));
    }

    [Fact]
    public async Task A_folder_that_fails_for_now_each_time_costs_that_folder_and_verify_ends()
    {
        await _archive.CreateAsync(Stop);
        _source.Inbox.Fill(5);
        (_source.Folders["Bad"] = new ScriptedFolder()).Fill(3, first: 100);
        (_source.Folders["Work"] = new ScriptedFolder()).Fill(4, first: 200);
        _source.Arm("fails", command => command is { Name: "EXAMINE" or "SELECT", Folder: "Bad" } ? "NO [SERVERBUG] Internal error" : null);

        var report = await BackUpAsync();
        var verified = await VerifyAsync(await _archive.LatestAsync(Account, Stop));

        Assert.Equal((RunOutcome.Partial, 9), (report.Outcome, report.Total.Delivered));
        Assert.Equal("Bad", Assert.Single(report.Folders, folder => folder.Failure is not null).Source.ToString());
        Assert.False(verified.Identical);
        Assert.Equal("Bad", Assert.Single(verified.Folders, folder => folder.Failure is not null).Source.Single().ToString());
    }

    [Fact]
    public async Task Changed_flags_of_a_source_whose_mod_sequence_does_not_move_are_stored_with_the_next_new_mail()
    {
        await _archive.CreateAsync(Stop);
        _source.Inbox.Fill(5);
        _source.Before = _ => StuckModSeqTests.Stick(_source.Inbox);
        await BackUpAsync();
        _source.Inbox.Messages[1].Flags.Add("\\Seen");
        _source.Inbox.Fill(1, first: 50);

        await BackUpAsync();
        var verified = await VerifyAsync(await _archive.LatestAsync(Account, Stop));

        Assert.True(verified.Identical);
        Assert.Empty(verified.Differences);
    }

    private async Task<RunReport> RestoreAsync(ScriptedImap target, RestoreMode mode)
    {
        var archive = await _archive.OpenAsync(Stop);
        var name = (await archive.SnapshotsAsync(Account, Stop))[^1];
        var snapshot = await archive.ReadAsync(name, Stop);
        var sessions = await ArchiveSource.SessionsAsync(archive, snapshot, Stop);
        await using var store = new SqliteCheckpointStore(Path.Combine(_archive.State, "restore.db"));
        return await new Restore(
            snapshot,
            Restore.Plan(archive, name, snapshot, "imap://bob@odd.example:143", [], mode),
            new MailboxEndpoints(
                (_, stop) => sessions(stop),
                new ImapConnector(Harness.Server(target.Port, "bob", null), "pass").OpenTargetAsync
            ),
            store,
            mode,
            Path.Combine(_archive.State, "restoring"),
            TimeProvider.System,
            NullLogger.Instance
        ).RunAsync(new RunProgress(), Stop);
    }

    private Task<RunReport> BackUpAsync() =>
        _archive.BackUpAsync(
            Account,
            (_, stop) => new ImapConnector(Harness.Server(_source.Port, "ann", null), "pass").OpenSourceAsync(stop),
            Stop
        );

    private async Task<VerifyReport> VerifyAsync(Snapshot snapshot, int connections = 3)
    {
        var archive = await _archive.OpenAsync(Stop);
        return await new BackupVerification(
            new Transfer("verify", Account, archive.Location, FolderRules.All, RunOptions.Default with { Connections = connections }),
            (_, stop) => new ImapConnector(Harness.Server(_source.Port, "ann", null), "pass").OpenSourceAsync(stop),
            archive,
            snapshot,
            new ImmediateClock(),
            NullLogger.Instance
        ).RunAsync(new RunProgress(), Stop);
    }
}
