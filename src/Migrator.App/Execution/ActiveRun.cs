using Migrator.App.Progress;
using Migrator.Core.Jobs;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Core.Rounds;

namespace Migrator.App.Execution;

/// <summary>A run that this worker is at.</summary>
public sealed class ActiveRun(ClaimedRun claim, JobDefinition job, JobMailbox mailbox, TimeProvider time) : IDisposable
{
    /// <summary>Longer without any headway is worth a word: servers answer within minutes, or are given up.</summary>
    private static readonly TimeSpan s_stalled = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _turn = new();
    private RunWatch? _watch;
    private (long Messages, long Octets) _told;
    private (long Expected, long Done, long Failed, long Octets) _reached;
    private long _since = time.GetTimestamp();

    public ClaimedRun Claim { get; } = claim;

    public JobDefinition Job { get; } = job;

    public JobMailbox Mailbox { get; } = mailbox;

    public RunProgress Progress { get; } = new() { Identity = new RunIdentity(claim.Job, mailbox.Name, claim.Attempt) };

    /// <summary>Ends it at its next safe point.</summary>
    public CancellationToken Stopping => _stop.Token;

    public RunStop Reason { get; private set; }

    /// <summary>That it makes no headway was said.</summary>
    public bool StallTold { get; set; }

    /// <summary>The strongest reason counts: what a person cancelled does not go back to wait because the worker goes down too.</summary>
    public void Stop(RunStop reason)
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
    public RunHeadway Headway()
    {
        var state = (_watch ??= new RunWatch(Progress, time)).Read(final: false);
        var reached = (state.Expected, state.Done, state.Failed, state.Octets);
        if (reached != _reached)
            (_reached, _since) = (reached, time.GetTimestamp());
        var stalled = time.GetElapsedTime(_since);
        return new RunHeadway(state.Phase, state.Done, state.Expected, state.Failed, state.Octets, Math.Round(state.MessagesPerSecond, 2), Math.Round(state.OctetsPerSecond), state.Eta?.TotalSeconds)
        {
            StalledFor = stalled >= s_stalled ? Math.Round(stalled.TotalSeconds) : null,
        };
    }

    /// <summary>What was moved since the last call.</summary>
    public (long Messages, long Octets) TakeMoved()
    {
        lock (_turn)
        {
            var counts = Progress.Folders.Aggregate(new MessageCounts(), (sum, folder) => sum + folder.Counts);
            var moved = (counts.Delivered - _told.Messages, counts.DeliveredOctets - _told.Octets);
            _told = (counts.Delivered, counts.DeliveredOctets);
            return moved;
        }
    }

    public void Dispose() => _stop.Dispose();
}
