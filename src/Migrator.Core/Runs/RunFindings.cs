using System.Collections.Concurrent;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>What a run has to report besides its counts. Bounded: of each kind, <see cref="Most"/> are listed and all are counted, so that ten thousand flags
/// hide no message, and what the run came to never depends on what is listed.</summary>
internal sealed class RunFindings
{
    public const int Most = 10_000;

    private readonly Listing<string, MessageFailure> _failures = new();
    private readonly Listing<DifferenceKind, Difference> _differences = new();
    private int _unlisted, _merged;

    public IReadOnlyList<MessageFailure> Failures => _failures.Items;

    public IReadOnlyList<Difference> Differences => _differences.Items;

    /// <summary>All that were found, listed or not.</summary>
    public IReadOnlyDictionary<DifferenceKind, long> DifferenceCounts => _differences.Counts;

    /// <summary>In words, what is not listed.</summary>
    public IEnumerable<string> Omitted =>
    [
        .. _failures.Unlisted.Select(kind => $"{kind.Count:N0} further failures ({kind.Kind}) are counted but not listed."),
        .. _unlisted > 0 ? [$"{_unlisted:N0} further failures are counted but not listed."] : Array.Empty<string>(),
        .. _differences.Unlisted.Select(kind => $"{kind.Count:N0} further differences ({Words(kind.Kind)}) are counted but not listed."),
    ];

    public long Count(DifferenceKind kind) => _differences.Counts.GetValueOrDefault(kind);

    public void Add(MessageFailure failure)
    {
        if (_failures.Admit(failure.Failure.Code))
            _failures.Add(failure);
    }

    /// <summary>It was put right.</summary>
    public void Remove(DifferenceKind kind, FolderPath folder, uint uid) =>
        _differences.Remove(kind, difference => difference.Kind == kind && difference.Folder == folder && difference.Uid == uid);

    /// <summary>The message is at the target after all.</summary>
    /// <param name="code">Of a <see cref="Reason"/>.</param>
    public void Remove(string code, FolderPath folder, uint uid) =>
        _failures.Remove(code, failure => failure.Failure.Code == code && failure.Folder == folder && failure.Uid == uid);

    /// <summary>The folder is looked at again.</summary>
    public void Forget(FolderPath folder)
    {
        _failures.RemoveAll(failure => failure.Failure.Code, failure => failure.Folder == folder);
        _differences.RemoveAll(difference => difference.Kind, difference => difference.Folder == folder);
    }

    /// <summary>Messages that the target has one copy for, as the job accepts.</summary>
    public int MergedCount => _merged;

    public void Merged(int messages) => Interlocked.Add(ref _merged, messages);

    public void AddUnlisted(int failures) => Interlocked.Add(ref _unlisted, failures);

    public void Add(Difference difference)
    {
        if (_differences.Admit(difference.Kind))
            _differences.Add(difference);
    }

    /// <summary>Counts one that is kept elsewhere.</summary>
    /// <returns>False where it is not to be listed any more.</returns>
    public bool Admit(DifferenceKind kind) => _differences.Admit(kind);

    /// <summary>Takes back one that was admitted.</summary>
    public void Withdraw(DifferenceKind kind) => _differences.Withdraw(kind);

    private static string Words(DifferenceKind kind) => kind switch
    {
        DifferenceKind.InternalDate => "other date",
        DifferenceKind.Flags => "other flags",
        DifferenceKind.Content => "altered",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private sealed class Listing<TKind, T>
        where TKind : notnull
    {
        private readonly ConcurrentDictionary<TKind, long> _counts = new();
        private readonly ConcurrentQueue<T> _items = new();

        public IReadOnlyList<T> Items => [.. _items];

        public IReadOnlyDictionary<TKind, long> Counts => _counts.Where(count => count.Value > 0).ToDictionary();

        public IEnumerable<(TKind Kind, long Count)> Unlisted => _counts.Where(count => count.Value > Most).Select(count => (count.Key, count.Value - Most));

        public bool Admit(TKind kind) => _counts.AddOrUpdate(kind, 1, (_, count) => count + 1) <= Most;

        public void Withdraw(TKind kind) => _counts.AddOrUpdate(kind, 0, (_, count) => Math.Max(0, count - 1));

        public void Add(T item) => _items.Enqueue(item);

        /// <summary>Takes back what is listed.</summary>
        public void RemoveAll(Func<T, TKind> kindOf, Predicate<T> which)
        {
            for (var left = _items.Count; left > 0 && _items.TryDequeue(out var item); left--)
            {
                if (which(item))
                    Withdraw(kindOf(item));
                else
                    _items.Enqueue(item);
            }
        }

        /// <summary>Takes one back, listed or not.</summary>
        public void Remove(TKind kind, Predicate<T> which)
        {
            Withdraw(kind);
            for (var left = _items.Count; left > 0 && _items.TryDequeue(out var item); left--)
            {
                if (!which(item))
                    _items.Enqueue(item);
            }
        }
    }
}
