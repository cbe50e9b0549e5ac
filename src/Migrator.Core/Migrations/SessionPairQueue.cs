namespace Migrator.Core.Migrations;

/// <summary>What is left for the session pairs to do, and how many session pairs are there to do it. A session pair that finds nothing left
/// waits while another is at work: that one may have to leave its piece to it.</summary>
internal sealed class SessionPairQueue<T>(IEnumerable<T> items, int pairs)
{
    private readonly Lock _lock = new();
    private readonly Queue<T> _items = new(items);
    private int _pairs = pairs,
        _busy;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <returns>False where all is done: the session pair has ended.</returns>
    public async Task<(bool Taken, T Item)> TakeAsync(CancellationToken cancellationToken)
    {
        for (; ; )
        {
            Task changed;
            lock (_lock)
            {
                if (_items.TryDequeue(out var item))
                {
                    _busy++;
                    return (true, item);
                }
                if (_busy == 0)
                {
                    _pairs--;
                    return (false, default!);
                }
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The session pair is through with the piece that it took.</summary>
    public void Done()
    {
        lock (_lock)
        {
            _busy--;
            Changed();
        }
    }

    /// <summary>The session pair ends before the work does, and leaves its piece of it, if it has one, to the others.</summary>
    /// <returns>False for the last session pair, which may not.</returns>
    public bool TryLeave(params ReadOnlySpan<T> unfinished)
    {
        lock (_lock)
        {
            if (_pairs <= 1)
                return false;
            _pairs--;
            _busy -= unfinished.Length;
            foreach (var item in unfinished)
                _items.Enqueue(item);
            Changed();
            return true;
        }
    }

    private void Changed()
    {
        _changed.SetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
