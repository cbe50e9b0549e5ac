namespace Migrator.Core.Blobs;

/// <summary>Counts the requests that a run makes of stores that charge for them, each retry too. Safe to use from several tasks.</summary>
/// <remarks>A store may serve several runs at once, and the code between a run and its store need not know of the count: it follows the
/// flow of the run's tasks.</remarks>
public sealed class RequestCount
{
    private static readonly AsyncLocal<RequestCount?> s_current = new();

    private long _reads,
        _writes,
        _lists,
        _deletes;

    public Requests Now =>
        new(Interlocked.Read(ref _reads), Interlocked.Read(ref _writes), Interlocked.Read(ref _lists), Interlocked.Read(ref _deletes));

    /// <summary>Counts what the calling method, which has to be asynchronous, and all that it calls ask for from now on.</summary>
    public static RequestCount Begin() => s_current.Value = new RequestCount();

    /// <summary>The count that has begun already; a new one where none has.</summary>
    public static RequestCount OfThisRun() => s_current.Value ?? Begin();

    public static void Read() => Add(count => ref count._reads);

    public static void Written() => Add(count => ref count._writes);

    public static void Listed() => Add(count => ref count._lists);

    public static void Deleted() => Add(count => ref count._deletes);

    private delegate ref long Counter(RequestCount count);

    private static void Add(Counter counter)
    {
        if (s_current.Value is { } count)
            Interlocked.Increment(ref counter(count));
    }
}
