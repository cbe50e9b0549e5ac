using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Several who want to write to one archive at once.</summary>
public sealed class LeaseTests : IDisposable
{
    private const string Bob = "bob@old.example";

    private readonly SteppingClock _clock = new(MemoryArchive.Epoch);
    private readonly MemoryMailSource _mailbox = new();
    private readonly ManualResetEventSlim _goOn = new();
    private readonly TaskCompletionSource _inside = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LeaseTests()
    {
        var inbox = _mailbox.Add("INBOX");
        inbox.Add("one"u8.ToArray());
        inbox.Add("two"u8.ToArray());
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _goOn.Set();
        _goOn.Dispose();
    }

    [Fact]
    public async Task A_second_backup_of_the_same_mailbox_waits()
    {
        var archive = await CreateAsync();
        var first = await BeginAsync(archive);
        _clock.Meanwhile = () => EndAsync(first);

        var progress = new RunProgress();
        var second = await archive.BackUpAsync(_mailbox.Session, progress: progress);

        Assert.Equal((RunOutcome.Complete, RunOutcome.Complete), ((await first).Outcome, second.Outcome));
        Assert.Contains(
            progress.Notices,
            notice => notice.Contains($"backup of one of its mailboxes, by {Environment.MachineName}, process {Environment.ProcessId}")
        );
        Assert.Single(await archive.SnapshotsAsync());
        await ShouldHoldAsync(archive, MemoryArchive.Account);
    }

    [Fact]
    public async Task A_second_backup_that_has_waited_long_enough_says_for_whom()
    {
        // To the store and to the first no time passes: its note never grows old.
        var archive = await MemoryArchive.CreateAsync(encrypted: true);
        var first = await BeginAsync(archive);
        archive.Clock = _clock;

        var exception = await Assert.ThrowsAsync<StorageException>(() => archive.BackUpAsync(_mailbox.Session));
        await EndAsync(first);

        Assert.Equal(Reason.ArchiveInUse, exception.Reason);
        Assert.Contains(
            $"backup of one of its mailboxes, by {Environment.MachineName}, process {Environment.ProcessId}",
            exception.Message
        );
        await ShouldHoldAsync(archive, MemoryArchive.Account);
    }

    [Fact]
    public async Task Backups_of_different_mailboxes_continue_at_once()
    {
        var archive = await CreateAsync();
        _clock.Meanwhile = () => throw new InvalidOperationException("Somebody waited.");
        var first = await BeginAsync(archive);

        var second = await archive.BackUpAsync(_mailbox.Session, Bob);
        await EndAsync(first);

        Assert.Equal((RunOutcome.Complete, RunOutcome.Complete), ((await first).Outcome, second.Outcome));
        await ShouldHoldAsync(archive, MemoryArchive.Account, Bob);
    }

    [Fact]
    public async Task A_dead_holders_lease_is_taken_over_within_a_minute()
    {
        var archive = await CreateAsync();
        await AcquireAsync(await archive.OpenAsync(), null);

        await archive.BackUpAllAsync(_mailbox);

        Assert.InRange(_clock.GetUtcNow() - MemoryArchive.Epoch, ArchiveLease.Validity, ArchiveLease.Patience);

        await ShouldHoldAsync(archive, MemoryArchive.Account);
        Assert.DoesNotContain(archive.ControlStore.Blobs.Keys, blob => blob.StartsWith("leases/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_was_held_up_too_long_writes_no_snapshot()
    {
        var archive = await CreateAsync();
        var first = await BeginAsync(archive);
        _clock.Advance(ArchiveLease.Validity);
        // Anyone who came meanwhile found the lease at its end.
        await (await AcquireAsync(await archive.OpenAsync(), null)).DisposeAsync();

        var exception = await Assert.ThrowsAsync<StorageException>(() => EndAsync(first));

        Assert.Equal(Reason.ArchiveInUse, exception.Reason);
        Assert.Empty(await archive.SnapshotsAsync());
        await archive.BackUpAllAsync(_mailbox);
        await ShouldHoldAsync(archive, MemoryArchive.Account);
    }

    [Fact]
    public async Task Pruning_waits_for_a_backup()
    {
        var archive = await CreateAsync();
        var first = await BeginAsync(archive);
        _clock.Meanwhile = () => EndAsync(first);
        var reported = new List<string>();

        var report = await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
            dryRun: false,
            reported.Add,
            Stop
        );

        Assert.True(first.IsCompletedSuccessfully);
        Assert.Contains(reported, words => words.Contains("backup of"));
        Assert.Equal(1, report.Kept);
        await ShouldHoldAsync(archive, MemoryArchive.Account);
    }

    private async Task<MemoryArchive> CreateAsync()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: true, _clock);
        archive.Clock = _clock;
        return archive;
    }

    /// <summary>A backup that has got as far as its first message, and stays there.</summary>
    private async Task<Task<RunReport>> BeginAsync(MemoryArchive archive)
    {
        var session = _mailbox.Session();
        session.BeforeMessage = _ =>
        {
            _inside.TrySetResult();
            _goOn.Wait();
        };
        var run = archive.BackUpAsync(() => session);
        await _inside.Task;
        return run;
    }

    private Task EndAsync(Task backup)
    {
        _goOn.Set();
        return backup;
    }

    private static Task<ArchiveLease> AcquireAsync(Archive archive, string? account) =>
        ArchiveLease.AcquireAsync(
            archive,
            "test",
            account is null ? LeaseScope.All : LeaseScope.Of(account),
            TimeSpan.Zero,
            _ => { },
            Stop
        );

    private async Task ShouldHoldAsync(MemoryArchive archive, params string[] accounts)
    {
        foreach (var account in accounts)
            await archive.NewestShouldEqualAsync(_mailbox, account);
        await archive.ShouldBeSoundAsync();
    }
}
