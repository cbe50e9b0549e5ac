using System.Collections.Concurrent;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Recovery.Steps;

/// <summary>Counts what one run asks of both mailboxes and of its checkpoint, and lets one of these steps fail.</summary>
/// <param name="failing">The first step is 1; 0 for none.</param>
/// <param name="moment">Before the step has any effect, when it had half of it, or when it had all of it and the run does not know.</param>
internal sealed class RunSteps(int failing = 0, FaultMoment moment = FaultMoment.Before, StepFault fault = StepFault.Kill)
{
    private readonly Lock _turn = new();
    private readonly ConcurrentQueue<string> _changes = [];
    private int _count;
    private bool _isDead;

    /// <summary>The step that failed; null where none did.</summary>
    public string? Hit { get; private set; }

    public int Count => _count;

    /// <summary>Steps that changed a mailbox, or what is recorded of a message.</summary>
    public IReadOnlyCollection<string> Changes => _changes;

    /// <summary>A step that changes nothing.</summary>
    public Task<T> ReadAsync<T>(string what, Func<Task<T>> step) => TakeAsync(what, step, half: null, changes: false);

    /// <param name="half">The same of half of what the step is for; null where it is all or nothing.</param>
    /// <param name="changes">Whether it does, here: many steps may change nothing.</param>
    /// <exception cref="ProcessKilledException">This step, or one before it, was the last.</exception>
    public async Task<T> TakeAsync<T>(string what, Func<Task<T>> step, Func<Task>? half, bool changes = true)
    {
        var strikes = Strikes(what, half is not null, changes);
        if (strikes && moment == FaultMoment.Before)
            throw Fail(what);
        if (strikes && moment == FaultMoment.Half)
        {
            await half!();
            throw Fail(what);
        }
        var result = await step();
        if (changes)
            _changes.Enqueue(what);
        return strikes ? throw Fail(what) : result;
    }

    /// <summary>Counts a step that fails in another way than by an exception.</summary>
    public bool Strikes(string what, bool hasHalf, bool changes)
    {
        lock (_turn)
        {
            if (_isDead)
                throw new ProcessKilledException($"{what}, after {Hit}");
            // What changes nothing fails before the next step as well as after itself.
            var counts = moment == FaultMoment.Before || (moment == FaultMoment.Half ? hasHalf : changes);
            if (!counts || ++_count != failing)
                return false;
            Hit = what;
            // Nothing is done beside the step that is the last.
            _isDead = fault == StepFault.Kill;
            return true;
        }
    }

    public FaultMoment Moment => moment;

    public void Changed(string what) => _changes.Enqueue(what);

    public Exception Fail(string what) =>
        fault == StepFault.Kill ? new ProcessKilledException(what)
        : what.StartsWith("checkpoint", StringComparison.Ordinal) ? new CheckpointException($"Nothing is written: {what}.")
        : Lost(what);

    public static MailException Lost(string what) => new(Reason.ConnectionLost, $"The connection was lost: {what}.");
}
