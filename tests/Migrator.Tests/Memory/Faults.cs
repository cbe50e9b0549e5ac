using Migrator.Core.Failures;

namespace Migrator.Tests.Memory;

/// <summary>Counts the operations of all stores of one run, and lets one of them fail.</summary>
/// <param name="failing">The first operation is 1; 0 for none.</param>
public sealed class Faults(int failing, FaultMoment moment = FaultMoment.Before)
{
    private int _count;

    public FaultMoment Moment => moment;

    /// <summary>What failed; null where nothing did.</summary>
    public string? Hit { get; private set; }

    /// <summary>Called after whatever changes a store.</summary>
    public Action<string>? Changed { get; init; }

    /// <summary>Receives each operation.</summary>
    public Action<string> Counted { get; init; } = _ => { };

    /// <summary>Awaited before each operation but the writing of bytes.</summary>
    public Func<string, Task> Before { get; init; } = _ => Task.CompletedTask;

    /// <summary>Counts an operation.</summary>
    /// <returns>Whether it is the one to fail, if it can at this moment.</returns>
    public bool Strikes(string what, bool hasHalf = false)
    {
        Counted(what);
        if ((moment == FaultMoment.Half && !hasHalf) || Interlocked.Increment(ref _count) != failing)
            return false;
        Hit = what;
        return true;
    }

    public static StorageException Failure(string what) => new(Reason.StoreUnreachable, $"The store did not answer: {what}.");
}
