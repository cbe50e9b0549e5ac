using System.Diagnostics.CodeAnalysis;

namespace Migrator.Core.Runs;

/// <summary>What is left for the lanes to do, and how many lanes are there to do it.</summary>
internal sealed class LaneQueue<T>(IEnumerable<T> items, int lanes)
{
    private readonly Lock _lock = new();
    private readonly Queue<T> _items = new(items);
    private int _lanes = lanes;

    /// <returns>False where there is nothing left: the lane has ended.</returns>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        lock (_lock)
        {
            if (_items.TryDequeue(out item))
                return true;
            _lanes--;
            return false;
        }
    }

    /// <summary>The lane ends before the work does, and leaves its piece of it to the others.</summary>
    /// <returns>False for the last lane, which may not.</returns>
    public bool TryLeave(params ReadOnlySpan<T> unfinished)
    {
        lock (_lock)
        {
            if (_lanes <= 1)
                return false;
            _lanes--;
            foreach (var item in unfinished)
                _items.Enqueue(item);
            return true;
        }
    }
}
