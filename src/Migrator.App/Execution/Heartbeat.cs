using Migrator.App.Execution;
using Migrator.Core.JobRuns;

namespace Migrator.App.Execution;

/// <summary>What the heartbeats of a worker, one every two seconds, say about the store: each is a write, so that nothing else has to be
/// written to know whether the store takes it.</summary>
public sealed class Heartbeat(TimeProvider time)
{
    /// <summary>Half of what a lease lasts: others are about to take over.</summary>
    public static readonly TimeSpan Stale = Dispatcher.Lease / 2;

    private volatile State _state = new(null, "The worker has not sent a heartbeat to the run database yet.");

    /// <summary>Why the store is not known to take writes; null where it has just taken one.</summary>
    public string? Problem =>
        _state is var state && state.Failure is { } failure ? failure
        : time.GetElapsedTime(state.Taken!.Value) >= Stale
            ? $"The run database has accepted no write of this worker for {Stale.TotalSeconds:0} s or more."
        : null;

    /// <summary>Waits for a heartbeat and notes what became of it.</summary>
    public async Task<T> ObserveAsync<T>(Task<T> heartbeat)
    {
        try
        {
            var answer = await heartbeat;
            _state = new State(time.GetTimestamp(), null);
            return answer;
        }
        catch (JobRunStoreException exception)
        {
            _state = new State(null, exception.Message);
            throw;
        }
    }

    private sealed record State(long? Taken, string? Failure);
}
