using System.Collections.Concurrent;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>What a run has to report besides its counts. Bounded: beyond <see cref="Most"/> of a kind only the number is
/// kept.</summary>
internal sealed class RunFindings
{
    public const int Most = 10_000;

    private readonly ConcurrentQueue<MessageFailure> _failures = new();
    private readonly ConcurrentQueue<Difference> _differences = new();
    private int _failureCount, _differenceCount, _merged;

    public IReadOnlyList<MessageFailure> Failures => [.. _failures];

    public IReadOnlyList<Difference> Differences => [.. _differences];

    /// <summary>In words, what is not listed.</summary>
    public IEnumerable<string> Omitted =>
        new[] { (_failureCount, "failures", _failures.Count), (_differenceCount, "differences", _differences.Count) }
            .Where(count => count.Item1 > count.Item3)
            .Select(count => $"{count.Item1 - count.Item3:N0} further {count.Item2} are counted but not listed.");

    public void Add(MessageFailure failure)
    {
        if (Interlocked.Increment(ref _failureCount) <= Most)
            _failures.Enqueue(failure);
    }

    /// <summary>It was put right.</summary>
    public void Remove(DifferenceKind kind, FolderPath folder, uint uid)
    {
        for (var left = _differences.Count; left > 0 && _differences.TryDequeue(out var difference); left--)
        {
            if (difference.Kind == kind && difference.Folder == folder && difference.Uid == uid)
                Interlocked.Decrement(ref _differenceCount);
            else
                _differences.Enqueue(difference);
        }
    }

    /// <summary>Messages that the target has one copy for, as the job accepts.</summary>
    public int MergedCount => _merged;

    public void Merged(int messages) => Interlocked.Add(ref _merged, messages);

    public void AddUnlisted(int failures) => Interlocked.Add(ref _failureCount, failures);

    public void Add(Difference difference)
    {
        if (Interlocked.Increment(ref _differenceCount) <= Most)
            _differences.Enqueue(difference);
    }
}
