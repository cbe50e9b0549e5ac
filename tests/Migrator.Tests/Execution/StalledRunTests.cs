using Microsoft.Extensions.Time.Testing;
using Migrator.App.Execution;
using Migrator.Core.JobRuns;
using Migrator.Core.Mail;
using Xunit;
using static Migrator.Tests.Telemetry.Jobs;

namespace Migrator.Tests.Execution;

public sealed class StalledRunTests
{
    [Fact]
    public void A_run_without_progress_says_for_how_long_until_it_makes_some()
    {
        var time = new FakeTimeProvider();
        var job = Job("move", mailboxes: ["ann"]);
        using var run = new ActiveRun(new ClaimedMailboxRun(1, 1, 1, "move", "ann", 1, false), job, job.Mailboxes[0], time);
        var folder = run.Progress.Add(FolderPath.Inbox, FolderPath.Inbox, 10);
        Assert.Null(run.SnapshotProgress().StalledFor);

        time.Advance(TimeSpan.FromMinutes(9));
        Assert.Null(run.SnapshotProgress().StalledFor);
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(720, run.SnapshotProgress().StalledFor);
        // Another word for what it is at is not progress.
        run.Progress.Phase = "Waiting";
        Assert.Equal(720, run.SnapshotProgress().StalledFor);

        folder.Found(10);
        folder.Delivered(1, 100);
        Assert.Null(run.SnapshotProgress().StalledFor);
    }
}
