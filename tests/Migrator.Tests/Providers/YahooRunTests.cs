using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Providers;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Archives;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers;

/// <summary>Migrations and backups of Yahoo, whose commands and folders have limits.</summary>
public sealed class YahooRunTests(DovecotFixture servers)
{
    private const int Limit = 7;

    private const int Visible = 20;

    private const string Account = "imap://ann@localhost";

    /// <summary>Yahoo, with a smaller folder.</summary>
    private static readonly ProviderProfile s_small = ProviderProfiles.Yahoo with { VisibleMessages = Visible };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="refuses">Otherwise, a command is executed for a part of its messages.</param>
    /// <param name="toYahoo">Otherwise from it.</param>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_command_that_was_cut_is_never_taken_for_a_whole_one(bool refuses, bool toYahoo)
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { MessageLimit = Limit, RefusesBeyondLimit = refuses });
        await using var harness = Of(yahoo, toYahoo, ProviderProfiles.Generic);
        await using var ann = await harness.SourceAsync();
        await Letters.FillAsync(ann, "INBOX", 0, 30);

        var first = await harness.RunAsync(Stop);
        var second = await harness.RunAsync(Stop);
        await ann.StoreAsync("INBOX", "1:25", "+FLAGS (\\Flagged)");
        var third = await harness.RunAsync(Stop);
        File.Delete(Path.Combine(harness.State, "checkpoints.db"));
        var fourth = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 30, 0), Of(first));
        Assert.Equal((RunOutcome.Complete, 0, 30), Of(second));
        Assert.Equal((RunOutcome.Complete, 0, 30), Of(third));
        Assert.Equal((RunOutcome.Complete, 0, 30), Of(fourth));
        var (here, there) = (await harness.SourceContentAsync(), await harness.TargetContentAsync());
        Assert.Equal(here.Folders["INBOX"], there.Folders["INBOX"]);
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_limit_that_is_kept_without_a_word_is_never_called_complete(bool toYahoo)
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { MessageLimit = Limit, KeepsLimitSilently = true });
        await using var harness = Of(yahoo, toYahoo, ProviderProfiles.Generic);
        await using (var ann = await harness.SourceAsync())
            await Letters.FillAsync(ann, "INBOX", 0, 30);

        for (var run = 0; run < 5; run++)
        {
            var report = await harness.RunAsync(Stop);

            var (here, there) = (Hashes(await harness.SourceContentAsync()), Hashes(await harness.TargetContentAsync()));
            Assert.True(report.Outcome == RunOutcome.Partial || here.SequenceEqual(there), $"{there.Count} messages are called complete");
            Assert.Equal(there.Count, there.Intersect(here).Count());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_removed_or_moved_is_so_beyond_the_limit_too(bool refuses)
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { MessageLimit = Limit, RefusesBeyondLimit = refuses });
        await using var ann = await yahoo.LogInAsync("ann");
        await ann.CreateAsync("Work");
        await Letters.FillAsync(ann, "INBOX", 0, 40);
        await using var target = await new ImapConnector(Harness.Server(yahoo.Port, "ann", null), DovecotServer.Password).OpenTargetAsync(
            ProcessLease.Instance,
            Stop
        );
        await target.OpenAsync(FolderPath.Inbox, Stop);

        await target.MoveAsync([.. Enumerable.Range(1, 15).Select(uid => new TargetUid((uint)uid))], FolderPath.Parse("Work"), Stop);
        await target.RemoveAsync([.. Enumerable.Range(16, 18).Select(uid => new TargetUid((uint)uid))], Stop);

        var left = await MailboxContent.ReadAsync(yahoo.Server, "ann");
        Assert.Equal((7, 15), (left.Folders["INBOX"].Count, left.Folders["Work"].Count));
    }

    [Fact]
    public async Task A_folder_that_may_hold_more_than_it_shows_is_neither_complete_nor_identical()
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { Visible = Visible });
        await using var harness = Of(yahoo, toYahoo: false, s_small);
        await using var ann = await harness.SourceAsync();
        await Letters.FillAsync(ann, "INBOX", 0, 30);

        var first = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);
        await Letters.FillAsync(ann, "INBOX", 30, 5);
        var second = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, Visible, 0), Of(first));
        Assert.False(verified.Identical);
        Assert.Equal(Reason.FolderViewLimited.Code, verified.Folders.Single(folder => folder.Target.IsInbox).Failure?.Code);
        Assert.Equal((RunOutcome.Partial, 5L), (second.Outcome, second.Total.Delivered));
        Assert.Equal(Visible + 5, (await harness.TargetContentAsync()).Folders["INBOX"].Count);
    }

    [Fact]
    public async Task Mail_that_arrives_after_the_listing_may_hide_older_mail()
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { Visible = Visible });
        await using var harness = Of(yahoo, toYahoo: false, s_small);
        await using var ann = await harness.SourceAsync();
        await Letters.FillAsync(ann, "INBOX", 0, Visible - 1);
        var arrived = false;
        yahoo.Arm(
            "arrival",
            command =>
            {
                if (arrived || command.Name != "EXAMINE" || !command.Folder.Equals("INBOX", StringComparison.OrdinalIgnoreCase))
                    return null;
                arrived = true;
                Letters.FillAsync(ann, "INBOX", Visible, 3).GetAwaiter().GetResult();
                return "NO [UNAVAILABLE] EXAMINE Server error - Please try again later";
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Partial, Visible, 0), Of(report));
        Assert.Contains(report.Notices, notice => notice.Contains("which is as many as Yahoo Mail shows of a folder"));
    }

    [Fact]
    public async Task A_backup_keeps_what_the_folder_no_longer_shows()
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { Visible = Visible });
        await using var archive = new ArchiveHarness(new MemoryBlobStore(), new MemoryBlobStore());
        await archive.CreateAsync(Stop);
        await using var ann = await yahoo.LogInAsync("ann");
        await Letters.FillAsync(ann, "INBOX", 0, 15);
        var connector = new ImapConnector(Harness.Server(yahoo.Port, "ann", null), DovecotServer.Password) { Provider = s_small };

        var first = await BackUpAsync();
        await Letters.FillAsync(ann, "INBOX", 15, 15);
        await ann.DeleteAsync("INBOX", "20");
        var second = await BackUpAsync();
        var snapshot = await archive.LatestAsync(Account, Stop);

        Assert.Equal((RunOutcome.Complete, RunOutcome.Partial), (first.Outcome, second.Outcome));
        Assert.Contains(second.Notices, notice => notice.Contains("which is as many as Yahoo Mail shows of a folder"));
        Assert.Equal(29, snapshot.Folders.Single(folder => folder.Path.IsInbox).Count);
        Assert.False((await VerifyAsync(await archive.OpenAsync(Stop))).Identical);

        Task<RunReport> BackUpAsync() => archive.BackUpAsync(Account, (_, stop) => connector.OpenSourceAsync(stop), Stop);

        Task<VerifyReport> VerifyAsync(Archive opened) =>
            new BackupVerification(
                new Transfer("verify", Account, opened.Location, FolderRules.All, RunOptions.Default),
                (_, stop) => connector.OpenSourceAsync(stop),
                opened,
                snapshot,
                TimeProvider.System,
                NullLogger.Instance
            ).RunAsync(new RunProgress(), Stop);
    }

    [Fact]
    public async Task What_a_target_does_not_show_any_more_was_not_removed_there()
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { Visible = Visible });
        await using var harness = Of(yahoo, toYahoo: true, s_small);
        await using var ann = await harness.SourceAsync();
        await FillInPartsAsync(harness, ann);

        await Letters.FillAsync(ann, "INBOX", 30, 2);
        var second = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 2, 30), Of(second));
        Assert.DoesNotContain(second.Notices, notice => notice.Contains("removed or moved at the target"));
        Assert.Equal(32, (await harness.TargetContentAsync()).Folders["INBOX"].Count);
        Assert.False(verified.Identical);
        Assert.Equal(Reason.FolderViewLimited.Code, verified.Folders.Single(folder => folder.Target.IsInbox).Failure?.Code);
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_folder_that_may_hold_it_already_and_not_show_it()
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { Visible = Visible });
        await using var harness = Of(yahoo, toYahoo: true, s_small);
        await using var ann = await harness.SourceAsync();
        await ann.CreateAsync("Work");
        await Letters.FillAsync(ann, "Work", 40, 3);
        await FillInPartsAsync(harness, ann);
        File.Delete(Path.Combine(harness.State, "checkpoints.db"));

        Assert.Equal(
            Reason.FolderViewLimited.Code,
            (await harness.CheckAsync(Stop)).Folders.Single(folder => folder.Source.IsInbox).Failure?.Code
        );
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var report = await harness.RunAsync(Stop);

            Assert.Equal((RunOutcome.Partial, 0L), (report.Outcome, report.Total.Delivered));
            var failed = Assert.Single(report.Folders, folder => folder.Failure is not null);
            Assert.Equal((FolderPath.Inbox, Reason.FolderViewLimited.Code), (failed.Source, failed.Failure!.Code));
        }
        Assert.Equal(30, (await harness.TargetContentAsync()).Folders["INBOX"].Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_connection_is_enough(bool toYahoo)
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { Connections = 1 });
        await using var harness = Of(yahoo, toYahoo, ProviderProfiles.Yahoo);
        harness.Job = harness.Job with { Options = harness.Job.Options with { Connections = 4 } };
        await using (var ann = await harness.SourceAsync())
        {
            foreach (var folder in new[] { "INBOX", "Work", "Friends", "Lists/One" })
            {
                if (folder != "INBOX")
                    await ann.CreateAsync(folder);
                await Letters.FillAsync(ann, folder, folder.Length * 10, 8);
            }
        }

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Complete, 32, 0), Of(report));
        Assert.True((await harness.VerifyAsync(Stop, new ImmediateClock())).Identical);
    }

    [Fact]
    public async Task A_server_that_is_busy_is_asked_again_and_one_message_that_it_never_returns_fails_alone()
    {
        await using var yahoo = await YahooServer.StartAsync();
        await using var harness = Of(yahoo, toYahoo: false, ProviderProfiles.Yahoo);
        await using (var ann = await harness.SourceAsync())
            await Letters.FillAsync(ann, "INBOX", 0, 12);
        var busy = 0;
        yahoo.Arm("busy", command => Fetches(command) && busy++ < 2 ? YahooServer.TryLater : null);
        yahoo.Arm("damaged", command => Fetches(command) && Names(command, 5) ? YahooServer.Unavailable : null);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Partial, 11, 0), Of(report));
        Assert.Equal(5u, Assert.Single(report.Failures).Uid.Value);
        Assert.False((await harness.VerifyAsync(Stop, new ImmediateClock())).Identical);
    }

    /// <summary>No more at a time than the target shows: what was sent is read back.</summary>
    private static async Task FillInPartsAsync(Harness harness, RawImap ann)
    {
        for (var from = 0; from < 30; from += 15)
        {
            await Letters.FillAsync(ann, "INBOX", from, 15);
            Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);
        }
    }

    private static List<string> Hashes(MailboxContent content) =>
        content.Folders.TryGetValue("INBOX", out var messages)
            ? [.. messages.Select(message => message.Hash).Order(StringComparer.Ordinal)]
            : [];

    private static bool Fetches(ImapCommand command) =>
        command.Name == "UID FETCH" && command.ToString().Contains("BODY.PEEK[]", StringComparison.Ordinal);

    private static bool Names(ImapCommand command, uint uid) => UidRanges.Read(command.Folder, uint.MaxValue)(uid);

    private Harness Of(YahooServer yahoo, bool toYahoo, ProviderProfile profile) =>
        toYahoo
            ? new(servers.Old, yahoo.Server, servers.Old.ImapPort, yahoo.Port) { TargetProvider = profile }
            : new(yahoo.Server, servers.New, yahoo.Port, servers.New.ImapPort) { SourceProvider = profile };

    private static (RunOutcome, long, long) Of(RunReport report) => (report.Outcome, report.Total.Delivered, report.Total.AlreadyThere);
}
