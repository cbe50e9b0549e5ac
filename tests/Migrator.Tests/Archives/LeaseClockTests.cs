using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Archives;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>How long a lease lasts, by which clock.</summary>
public sealed class LeaseClockTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lease_is_renewed_as_long_as_it_is_held()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var renewed = new SemaphoreSlim(0);
        archive.Through = store => new FaultyBlobStore(store, new Faults(0) { Changed = _ => renewed.Release() });
        await using var lease = await AcquireAsync(await archive.OpenAsync(), MemoryArchive.Account);
        for (var count = 0; count < 20; count++)
        {
            Assert.True(await renewed.WaitAsync(TimeSpan.FromMinutes(1), Stop));
            archive.Time.Advance(ArchiveLease.Renewal);
        }
        await renewed.WaitAsync(TimeSpan.FromMinutes(1), Stop);

        await lease.EnsureHeldAsync(Stop);
    }

    [Fact]
    public async Task A_renewal_that_comes_too_late_does_not_count()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var (writes, renewed) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        // The store takes its time for the second note, the renewal: the first has run out when it is there.
        archive.Through = store => new FaultyBlobStore(
            store,
            new Faults(0)
            {
                Changed = _ =>
                {
                    if (++writes != 2)
                        return;
                    archive.Time.Advance(ArchiveLease.Validity - TimeSpan.FromSeconds(10));
                    renewed.SetResult();
                },
            }
        );
        await using var lease = await AcquireAsync(await archive.OpenAsync(), MemoryArchive.Account);
        archive.Time.Advance(ArchiveLease.Renewal);
        await renewed.Task;

        await Assert.ThrowsAsync<StorageException>(() => lease.EnsureHeldAsync(Stop));
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(60)]
    public async Task A_machine_whose_clock_is_wrong_takes_nobodys_lease_and_loses_none(int minutes)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var wrong = new FakeTimeProvider(MemoryArchive.Epoch.AddMinutes(minutes));
        var lease = await AcquireAsync(await archive.OpenAsync(), null);

        archive.Clock = wrong;
        var exception = await Assert.ThrowsAsync<StorageException>(async () => await AcquireAsync(await archive.OpenAsync(), null));
        await lease.EnsureHeldAsync(Stop);
        // But a note that is not renewed ends, to that machine too.
        await archive.ControlStore.ReplaceAsync("leases/0123456789abcdef0123456789abcdef", await NoteAsync(archive), Stop);
        await lease.DisposeAsync();
        archive.Time.Advance(ArchiveLease.Validity);
        await using var second = await AcquireAsync(await archive.OpenAsync(), null);
        await second.EnsureHeldAsync(Stop);

        Assert.Equal(Reason.ArchiveInUse, exception.Reason);
        Assert.Single(archive.ControlStore.Blobs.Keys, blob => blob.StartsWith("leases/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lease_has_run_out_if_either_of_two_clocks_says_so(bool setBack)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var clock = new OddTime();
        archive.Clock = clock;
        await using var lease = await AcquireAsync(await archive.OpenAsync(), null);
        await lease.EnsureHeldAsync(Stop);

        // The machine's clock is set back while the run is stopped; or the machine sleeps, and only its clock continues.
        (clock.Now, clock.Ticks) = setBack ? (clock.Now.AddHours(-1), ArchiveLease.Validity.Ticks) : (clock.Now + ArchiveLease.Validity, 0);

        Assert.Equal(Reason.ArchiveInUse, (await Assert.ThrowsAsync<StorageException>(() => lease.EnsureHeldAsync(Stop))).Reason);
    }

    [Fact]
    public async Task Of_hundreds_of_backups_at_once_each_note_is_read_once()
    {
        var (archive, read) = (await MemoryArchive.CreateAsync(encrypted: true), 0);
        archive.Through = store => new FaultyBlobStore(
            store,
            new Faults(0) { Counted = what => read += what.StartsWith("open leases/", StringComparison.Ordinal) ? 1 : 0 }
        );
        var (here, there) = (await archive.OpenAsync(), await archive.OpenAsync());
        var leases = new List<ArchiveLease>();
        for (var number = 0; number < 200; number++)
            leases.Add(await AcquireAsync(number % 2 == 0 ? here : there, $"user{number}"));

        Assert.InRange(read, 200, 400);
        Assert.Equal(Reason.ArchiveInUse, (await Assert.ThrowsAsync<StorageException>(() => AcquireAsync(here, "user7"))).Reason);
        foreach (var lease in leases)
            await lease.DisposeAsync();
    }

    [Fact]
    public async Task A_renewal_that_hangs_does_not_keep_the_next_one_from_being_made()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var controlStore = new HangingStore(archive.ControlStore);
        archive.Through = store => store == archive.ControlStore ? controlStore : store;
        await using var lease = await AcquireAsync(await archive.OpenAsync(), MemoryArchive.Account);
        // The first of them, which hangs, has begun when another one could: each is waited for.
        for (var count = 0; count < 6; count++)
        {
            archive.Time.Advance(ArchiveLease.Renewal);
            Assert.True(await controlStore.Asked.WaitAsync(TimeSpan.FromMinutes(1), Stop));
        }

        await lease.EnsureHeldAsync(Stop);
    }

    [Fact]
    public async Task A_note_that_is_gone_is_not_put_back()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        using var renewed = new SemaphoreSlim(0);
        void Report(string what, string prefix)
        {
            if (what.StartsWith(prefix, StringComparison.Ordinal))
                renewed.Release();
        }
        // A renewal that puts it back is over when it has, any other one when it has looked.
        archive.Through = store => new FaultyBlobStore(
            store,
            new Faults(0) { Counted = what => Report(what, "find leases/"), Changed = what => Report(what, "replace leases/") }
        );
        await using var lease = await AcquireAsync(await archive.OpenAsync(), MemoryArchive.Account);
        await renewed.WaitAsync(Stop);
        await archive.ControlStore.DeleteAsync(archive.ControlStore.Blobs.Keys.Single(IsLease), Stop);

        archive.Time.Advance(ArchiveLease.Renewal);
        Assert.True(await renewed.WaitAsync(TimeSpan.FromMinutes(1), Stop));

        Assert.Equal(Reason.ArchiveInUse, (await Assert.ThrowsAsync<StorageException>(() => lease.EnsureHeldAsync(Stop))).Reason);
    }

    private static bool IsLease(string blob) => blob.StartsWith("leases/", StringComparison.Ordinal);

    /// <summary>The second request to write does not come back until it is given up.</summary>
    private sealed class HangingStore(IBlobStore inner) : IBlobStore
    {
        private int _writes;

        /// <summary>Released for each request to write but the first.</summary>
        public SemaphoreSlim Asked { get; } = new(0);

        public string Location => inner.Location;

        public Task<IBlobDraft> DraftAsync(CancellationToken cancellationToken) => inner.DraftAsync(cancellationToken);

        public Task<BlobInfo?> FindAsync(string name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
            inner.ListAsync(prefix, cancellationToken);

        public Task<Stream> OpenAsync(string name, long offset, long length, CancellationToken cancellationToken) =>
            inner.OpenAsync(name, offset, length, cancellationToken);

        public async Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            var number = ++_writes;
            if (number > 1)
                Asked.Release();
            if (number == 2)
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            await inner.ReplaceAsync(name, content, cancellationToken);
        }

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => inner.DeleteAsync(name, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private static async Task<byte[]> NoteAsync(MemoryArchive archive)
    {
        using var copy = new MemoryStream();
        await using var note = await archive.ControlStore.OpenAsync(archive.ControlStore.Blobs.Keys.First(IsLease), 0, 1 << 16, Stop);
        await note.CopyToAsync(copy, Stop);
        return copy.ToArray();
    }

    /// <summary>A clock of which both hands can be moved by themselves.</summary>
    private sealed class OddTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = MemoryArchive.Epoch;

        public long Ticks { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => Ticks;

        // Nothing is renewed.
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new FakeTimeProvider().CreateTimer(callback, state, dueTime, period);
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
}
