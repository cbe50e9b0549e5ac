using System.Text;
using Migrator.App.Execution;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Tests.Auditing;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>An archive that is looked after: what is whole is proved, and what is not is found out.</summary>
public sealed class UpkeepTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("upkeep").FullName;

    private static readonly UpkeepRules s_rules = new(
        null,
        null,
        new RestoreTestRule(2, 20),
        new CheckRule(TimeSpan.FromDays(30)),
        new PruneRule(new RetentionPolicy(0, 1, 0, 0, 0), TimeSpan.Zero),
        ShrunkRule.Default
    );

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sound_archive_is_proved_checked_and_pruned(bool encrypted)
    {
        var archive = (await Damaged.MakeAsync(encrypted)).Archive;

        var (report, progress) = await RunAsync(archive, s_rules);

        Assert.True(
            report.Outcome == RunOutcome.Complete,
            string.Join(' ', report.Problems.Select(problem => problem.Detail).Append(report.Stopped?.Detail))
        );
        Assert.Equal((20, 20), (report.Total.Found, report.Total.AlreadyThere));
        Assert.True(report.Total.AddsUp);
        Assert.Equal((MemoryArchive.Account, archive.Time.GetUtcNow(), null, false), Seen(Assert.Single(report.Upkeep!.Mailboxes)));
        Assert.Equal(2, report.Upkeep.SnapshotsRemoved);
        Assert.Single(await archive.SnapshotsAsync());
        Assert.Equal(["ArchivePruned begun", "ArchivePruned done"], Trail.Told(_state));
        Assert.All(
            Trail.Lines(_state),
            line =>
                Assert.Equal(
                    ("service", "nightly.upkeep", archive.Store.Location),
                    (Trail.Text(line, "who", "kind"), Trail.Text(line, "what", "job"), Trail.Text(line, "what", "archive"))
                )
        );
        Assert.Contains("2 removed", Trail.Text(Trail.Lines(_state)[1], "detail"));
        Assert.Equal(FolderPhase.Done, Assert.Single(progress.Folders).Phase);
        Assert.Equal(
            ["checks", "proofs", "reads", "side"],
            archive.ControlStore.Blobs.Keys.Select(name => name.Split('/')[0]).Distinct().Order()
        );
        Assert.DoesNotContain(
            archive.ControlStore.Blobs,
            note => encrypted && Encoding.UTF8.GetString(note.Value).Contains(MemoryArchive.Account, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task What_cannot_be_recorded_is_not_pruned()
    {
        var archive = (await Damaged.MakeAsync(encrypted: false)).Archive;
        await File.WriteAllTextAsync(Path.Combine(_state, "audit"), "", Stop);

        var (report, _) = await RunAsync(archive, s_rules);

        Assert.Equal((RunOutcome.Aborted, "audit-unwritable"), (report.Outcome, report.Stopped?.Code));
        Assert.Equal(3, (await archive.SnapshotsAsync()).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_damaged_message_is_found_by_the_restore_test_each_night_and_nothing_is_pruned(bool encrypted)
    {
        var archive = (await Damaged.MakeAsync(encrypted)).Archive;
        foreach (var pack in archive.Store.Blobs.Keys.Where(name => name.StartsWith("packs/", StringComparison.Ordinal)).ToList())
            archive.Store.Blobs[pack][archive.Store.Blobs[pack].Length / 3] ^= 1;
        // Two messages of many each night: those that were found damaged are tested again all the same.
        var rules = s_rules with
        {
            RestoreTest = new RestoreTestRule(1, 27),
            Check = null,
        };

        var (report, _) = await RunAsync(archive, rules);
        Assert.Equal((RunOutcome.Partial, "not-restorable"), (report.Outcome, Assert.Single(report.Problems).Code));
        Assert.NotEmpty(report.Failures);
        Assert.Equal(report.Failures.Count, report.Total.Failed);
        Assert.Equal((0, 3), (report.Upkeep!.SnapshotsRemoved, (await archive.SnapshotsAsync()).Count));
        Assert.Equal((MemoryArchive.Account, null, archive.Time.GetUtcNow(), false), Seen(Assert.Single(report.Upkeep.Mailboxes)));

        archive.Time.Advance(TimeSpan.FromDays(1));
        var (again, _) = await RunAsync(archive, rules with { RestoreTest = new RestoreTestRule(1, 1) }, seed: 99);
        Assert.Equal(RunOutcome.Partial, again.Outcome);
        Assert.Superset(
            report.Failures.Select(failure => (failure.Folder, failure.Uid)).ToHashSet(),
            again.Failures.Select(failure => (failure.Folder, failure.Uid)).ToHashSet()
        );
    }

    [Fact]
    public async Task A_damaged_pack_is_found_by_the_check()
    {
        var archive = (await Damaged.MakeAsync(encrypted: true)).Archive;
        foreach (var pack in archive.Store.Blobs.Keys.Where(name => name.StartsWith("packs/", StringComparison.Ordinal)).ToList())
            archive.Store.Blobs[pack][archive.Store.Blobs[pack].Length / 3] ^= 1;

        var (report, _) = await RunAsync(archive, s_rules with { RestoreTest = null, Check = new CheckRule(TimeSpan.FromDays(1)) });

        Assert.Equal(RunOutcome.Partial, report.Outcome);
        Assert.All(report.Problems, problem => Assert.Equal("archive-damaged", problem.Code));
        Assert.True(report.Upkeep!.PacksRead > 0);
        Assert.Equal(3, (await archive.SnapshotsAsync()).Count);
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_read_proves_nothing()
    {
        var archive = (await Damaged.MakeAsync(encrypted: true)).Archive;
        var newest = (await archive.SnapshotsAsync())[^1].Name;
        archive.Store.Blobs[newest][^1] ^= 1;

        var (report, _) = await RunAsync(archive, s_rules with { Check = null });

        Assert.Contains(newest, Assert.Single(report.Problems).Detail);
        Assert.Null(Assert.Single(report.Upkeep!.Mailboxes).Proved);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(300)]
    [InlineData(400)]
    public async Task Every_mailbox_has_its_turn(int seed)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: true);
        for (var person = 0; person < 12; person++)
        {
            var mailbox = new MemoryMailSource();
            mailbox.Add("INBOX").Add([(byte)person]);
            await archive.BackUpAsync(mailbox.Session, $"person{person}");
        }
        // Half of two are those whose turn it is.
        for (var night = 0; night < 12; night++)
        {
            await RunAsync(archive, s_rules with { Check = null, Prune = null }, seed + night);
            archive.Time.Advance(TimeSpan.FromDays(1));
        }

        var (report, _) = await RunAsync(archive, s_rules with { Check = null, Prune = null });

        Assert.Equal(12, report.Upkeep!.Mailboxes.Count);
        Assert.All(
            report.Upkeep.Mailboxes,
            mailbox => Assert.InRange(mailbox.Proved ?? default, archive.Time.GetUtcNow().AddDays(-12), archive.Time.GetUtcNow())
        );
        Assert.Equal(report.Upkeep.Mailboxes.OrderBy(mailbox => mailbox.Proved), report.Upkeep.Mailboxes);
    }

    [Fact]
    public async Task A_proof_that_somebody_else_wrote_is_none()
    {
        var archive = (await Damaged.MakeAsync(encrypted: true)).Archive;
        await RunAsync(archive, s_rules);
        var note = Assert.Single(archive.ControlStore.Blobs.Keys, name => name.StartsWith("proofs/", StringComparison.Ordinal));
        await archive.ControlStore.ReplaceAsync(
            note,
            Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(archive.ControlStore.Blobs[note]).Replace("2026-", "2027-", StringComparison.Ordinal)
            ),
            Stop
        );

        var (report, _) = await RunAsync(archive, s_rules with { RestoreTest = null });

        Assert.Null(Assert.Single(report.Upkeep!.Mailboxes).Proved);
    }

    [Fact]
    public async Task A_store_that_fails_on_the_way_is_said_with_what_was_done()
    {
        var archive = (await Damaged.MakeAsync(encrypted: false)).Archive;
        var struck = false;
        archive.Through = store => new FaultyBlobStore(
            store,
            new Faults(0)
            {
                Before = what =>
                    what.StartsWith("replace reads/", StringComparison.Ordinal) && (struck = true)
                        ? throw Faults.Failure(what)
                        : Task.CompletedTask,
            }
        );

        var (report, _) = await RunAsync(archive, s_rules);

        Assert.True(struck);
        Assert.Equal((RunOutcome.Aborted, 20), (report.Outcome, report.Total.AlreadyThere));
        Assert.NotNull(report.Stopped);
        Assert.NotNull(Assert.Single(report.Upkeep!.Mailboxes).Proved);
    }

    [Fact]
    public async Task It_stops_when_it_is_asked_to()
    {
        var archive = (await Damaged.MakeAsync(encrypted: false)).Archive;
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await Job(await archive.OpenAsync(), archive, s_rules, 1).RunAsync(new RunProgress(), stop.Token)
        );
    }

    private static (string, DateTimeOffset?, DateTimeOffset?, bool) Seen(MailboxProof proof) =>
        (proof.Mailbox, proof.Proved, proof.Failed, proof.Frozen);

    private async Task<(RunReport Report, RunProgress Progress)> RunAsync(MemoryArchive archive, UpkeepRules rules, int seed = 1)
    {
        var progress = new RunProgress();
        return (await Job(await archive.OpenAsync(), archive, rules, seed).RunAsync(progress, Stop), progress);
    }

    private Upkeep Job(Archive opened, MemoryArchive archive, UpkeepRules rules, int seed) =>
        new(
            new UpkeepJob("nightly.upkeep", ArchiveReference.Local("/archive"), rules),
            opened,
            archive.Time,
            new Random(seed),
            Trail.Auditor(_state)
        );
}
