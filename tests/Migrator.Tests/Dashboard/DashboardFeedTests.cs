using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Migrator.App.Health;
using Migrator.App.Jobs;
using Migrator.Core.JobRuns;
using Migrator.Service.Dashboard.Feed;
using Xunit;

namespace Migrator.Tests.Dashboard;

public sealed class DashboardFeedTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 4, 12, 0, 0, TimeSpan.Zero));
    private readonly MemoryJobRunStore _store;
    private readonly JobCatalogue _catalogue = new();
    private readonly DashboardFeed _feed;

    public DashboardFeedTests()
    {
        _store = new MemoryJobRunStore(_time);
        SampleOrganization.Fill(_store, _catalogue, _time.GetUtcNow(), 40);
        _feed = new DashboardFeed(_store, _store, _catalogue, ScheduleLook.None, _time, NullLogger<DashboardFeed>.Instance);
    }

    [Fact]
    public void Nobody_looks_nothing_is_read()
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _store.Readings);
    }

    [Fact]
    public void However_many_look_there_is_one_reading_at_a_time_and_none_after_the_last_left()
    {
        var reported = 0;
        var watchers = Enumerable.Range(0, 50).Select(_ => _feed.Watch(() => Interlocked.Increment(ref reported))).ToList();
        for (var step = 0; step < 5; step++)
            _time.Advance(DashboardFeed.Every);
        Assert.InRange(_store.Readings, 5, 6);
        Assert.InRange(reported, 250, 300);
        watchers.ForEach(watcher => watcher.Dispose());
        var before = _store.Readings;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(before, _store.Readings);
    }

    [Fact]
    public async Task A_job_whose_file_is_gone_still_shows_what_became_of_it()
    {
        _catalogue.Replace([], []);
        await _feed.RefreshAsync(TestContext.Current.CancellationToken);
        var job = _feed.Latest!.Find(SampleOrganization.Moving)!;
        Assert.Null(job.Definition);
        Assert.All(job.Mailboxes, mailbox => Assert.True(mailbox.Gone));
    }

    [Fact]
    public async Task A_mailbox_with_no_good_run_for_too_long_is_overdue()
    {
        await _feed.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Equal([SampleOrganization.Name(17), SampleOrganization.Name(40)], Overdue());
        _time.Advance(TimeSpan.FromHours(26));
        await _feed.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Equal(64, Overdue().Count());

        IEnumerable<string> Overdue() =>
            _feed.Latest!.Find(SampleOrganization.Nightly)!.Mailboxes.Where(mailbox => mailbox.Overdue).Select(mailbox => mailbox.Name);
    }

    [Fact]
    public async Task The_state_of_a_job_is_that_of_its_mailboxes_and_of_the_pause_over_them()
    {
        await _feed.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                (SampleOrganization.Moving, JobState.Running),
                (SampleOrganization.Nightly, JobState.Attention),
                (SampleOrganization.Sales, JobState.NotYetRun),
            ],
            _feed.Latest!.Jobs.Select(job => (job.Name, job.State))
        );
        await _store.PauseAsync(SampleOrganization.Moving, true, TestContext.Current.CancellationToken);
        await _feed.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Equal(JobState.Paused, _feed.Latest!.Find(SampleOrganization.Moving)!.State);
    }

    [Fact]
    public async Task A_mailbox_that_is_retried_meanwhile_does_not_set_a_job_back()
    {
        await _feed.RefreshAsync(TestContext.Current.CancellationToken);
        var before = _feed.Latest!.Find(SampleOrganization.Moving)!;
        _store.JobRuns.Insert(
            0,
            new(42, SampleOrganization.Moving, JobRunTrigger.Manual, null, _time.GetUtcNow(), null, false, new(0, 1, 0, 0, 0, 0), default)
        );
        _store.Put(SampleOrganization.Running(3, 0, 100, _time.GetUtcNow()) with { JobRun = 42, Queued = _time.GetUtcNow() });
        await _feed.RefreshAsync(TestContext.Current.CancellationToken);
        var after = _feed.Latest!.Find(SampleOrganization.Moving)!;
        Assert.InRange(after.Done!.Value, before.Done!.Value - 0.05, before.Done.Value);
        Assert.NotNull(after.Eta(_time.GetUtcNow()));
    }

    [Fact]
    public async Task A_store_that_fails_leaves_what_was_read_before()
    {
        await _feed.RefreshAsync(TestContext.Current.CancellationToken);
        _store.Broken = "It is away.";
        await _feed.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Equal("It is away.", _feed.Trouble);
        Assert.NotNull(_feed.Latest);
    }

    public void Dispose() => _feed.Dispose();
}
