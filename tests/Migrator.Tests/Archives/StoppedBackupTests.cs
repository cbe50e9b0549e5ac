using Migrator.Core.Archives;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>A backup that its user stops.</summary>
public sealed class StoppedBackupTests
{
    [Fact]
    public async Task Of_twins_on_different_session_pairs_none_is_named_before_one_is_stored()
    {
        var mailbox = new MemoryMailSource();
        mailbox.Add("INBOX").Add("slow"u8.ToArray());
        mailbox.Add("A").Add("twin"u8.ToArray());
        mailbox.Add("B").Add("twin"u8.ToArray());
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        using var stop = new CancellationTokenSource();
        var (begun, goOn) = (
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously),
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
        );
        // Anyone who is the first to store something holds up all others.
        archive.Through = store => new FaultyBlobStore(
            store,
            new Faults(0)
            {
                Before = what =>
                {
                    if (what != "draft" || goOn.Task.IsCompleted)
                        return Task.CompletedTask;
                    begun.TrySetResult();
                    return goOn.Task;
                },
            }
        );
        var progress = new RunProgress();
        var run = archive.BackUpAsync(() => Slow(mailbox, begun.Task), connections: 3, progress: progress, stop: stop.Token);
        // The second twin that comes is taken for stored, because the first is on its way.
        while (!run.IsCompleted && progress.Folders.Sum(folder => folder.Counts.Delivered) == 0)
            await Task.Yield();
        await stop.CancelAsync();
        goOn.SetResult();

        var report = await run;

        Assert.Equal(RunOutcome.Interrupted, report.Outcome);
        await archive.ShouldBeSoundAsync();
        Assert.Equal(
            SnapshotState.Partial,
            (await (await archive.OpenAsync()).ReadAsync((await archive.SnapshotsAsync())[^1], TestContext.Current.CancellationToken)).State
        );
        archive.Time.Advance(TimeSpan.FromDays(1));
        await archive.BackUpAllAsync(mailbox);
        await archive.NewestShouldEqualAsync(mailbox);
        await archive.ShouldBeSoundAsync();
    }

    /// <summary>The twins come when the other message is being stored.</summary>
    private static MemoryMailSource Slow(MemoryMailSource mailbox, Task begun)
    {
        var session = mailbox.Session();
        session.BeforeMessage = _ =>
        {
            if (session.Opened.Path.ToString() != "INBOX")
                begun.GetAwaiter().GetResult();
        };
        return session;
    }
}
