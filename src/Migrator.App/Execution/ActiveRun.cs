using Migrator.App.Progress;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.App.Execution;

/// <summary>A run that this worker is at.</summary>
public sealed class ActiveRun(ClaimedMailboxRun claim, JobDefinition job, JobMailbox mailbox, TimeProvider time) : IDisposable
{
    /// <summary>Longer without any progress is worth a word: servers answer within minutes, or are given up.</summary>
    private static readonly TimeSpan s_stalled = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _turn = new();
    private ProgressSampler? _watch;
    private (long Messages, long Bytes) _reported;
    private (long Expected, long Done, long Failed, long Bytes) _reached;
    private long _since = time.GetTimestamp();

    public ClaimedMailboxRun Claim { get; } = claim;

    public JobDefinition Job { get; } = job;

    public JobMailbox Mailbox { get; } = mailbox;

    public RunProgress Progress { get; } = new() { Identity = new RunIdentity(claim.Job, mailbox.Name, claim.Attempt) };

    /// <summary>Ends it at its next safe point.</summary>
    public CancellationToken Stopping => _stop.Token;

    public StopReason Reason { get; private set; }

    /// <summary>That it makes no progress was said.</summary>
    public bool StallReported { get; set; }

    /// <summary>The strongest reason counts: what a person cancelled does not go back to wait because the worker goes down too.</summary>
    public void Stop(StopReason reason)
    {
        lock (_turn)
        {
            if (reason > Reason)
                Reason = reason;
        }
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It came to its end while somebody looked for what is to be stopped.
        }
    }

    /// <summary>How far it is. Called by one task at a time.</summary>
    public RunProgressSnapshot SnapshotProgress()
    {
        var state = (_watch ??= new ProgressSampler(Progress, time)).Read(final: false);
        var reached = (state.Expected, state.Done, state.Failed, state.Bytes);
        if (reached != _reached)
            (_reached, _since) = (reached, time.GetTimestamp());
        var stalled = time.GetElapsedTime(_since);
        return new RunProgressSnapshot(
            state.Phase,
            state.Done,
            state.Expected,
            state.Failed,
            state.Bytes,
            Math.Round(state.MessagesPerSecond, 2),
            Math.Round(state.BytesPerSecond),
            state.Eta?.TotalSeconds
        )
        {
            StalledFor = stalled >= s_stalled ? Math.Round(stalled.TotalSeconds) : null,
        };
    }

    /// <summary>What was moved since the last call.</summary>
    public (long Messages, long Bytes) TakeMoved()
    {
        lock (_turn)
        {
            var counts = Progress.Folders.Aggregate(new MessageCounts(), (sum, folder) => sum + folder.Counts);
            var moved = (counts.Delivered - _reported.Messages, counts.DeliveredBytes - _reported.Bytes);
            _reported = (counts.Delivered, counts.DeliveredBytes);
            return moved;
        }
    }

    public void Dispose() => _stop.Dispose();
}
