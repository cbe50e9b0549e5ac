using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>What a run has to report besides its counts. Bounded: of each kind, <see cref="Most"/> are listed and all are counted, so that
/// ten thousand flags hide no message, and what the run came to never depends on what is listed.</summary>
internal sealed class RunIssues
{
    public const int Most = 10_000;

    private readonly Listing<string, MessageFailure> _failures = new();
    private readonly Listing<DifferenceKind, Difference> _differences = new();
    private int _merged;

    public IReadOnlyList<MessageFailure> Failures => _failures.Items;

    public IReadOnlyList<Difference> Differences => _differences.Items;

    /// <summary>All that were found, listed or not.</summary>
    public IReadOnlyDictionary<DifferenceKind, long> DifferenceCounts => _differences.Counts;

    /// <summary>As text, what is not listed.</summary>
    public IEnumerable<string> Omitted =>
        [
            .. _failures.Unlisted.Select(kind => $"{kind.Count:N0} further failures ({kind.Kind}) are counted but not listed."),
            .. _differences.Unlisted.Select(kind =>
                $"{kind.Count:N0} further differences ({Words(kind.Kind)}) are counted but not listed."
            ),
        ];

    public long Count(DifferenceKind kind) => _differences.Counts.GetValueOrDefault(kind);

    public void Add(MessageFailure failure) => _failures.Add(failure.Failure.Code, failure);

    /// <summary>They were put right.</summary>
    public void Remove(DifferenceKind kind, FolderPath folder, IReadOnlySet<Uid> uids) =>
        _differences.Remove(kind, uids.Count, difference => difference.Folder == folder && difference.Uid is { } uid && uids.Contains(uid));

    /// <summary>These messages are at the target after all.</summary>
    /// <param name="code">Of a <see cref="Reason"/>.</param>
    public void Remove(string code, FolderPath folder, IReadOnlySet<Uid> uids) =>
        _failures.Remove(code, uids.Count, failure => failure.Folder == folder && uids.Contains(failure.Uid));

    /// <summary>The folder is examined again.</summary>
    public void Forget(FolderPath folder)
    {
        _failures.RemoveAll(failure => failure.Folder == folder);
        _differences.RemoveAll(difference => difference.Folder == folder);
    }

    /// <summary>Messages that the target has one copy for, as the job accepts.</summary>
    public int MergedCount => _merged;

    public void Merged(int messages) => Interlocked.Add(ref _merged, messages);

    /// <param name="code">Of a <see cref="Reason"/>.</param>
    public void AddUnlisted(string code, long failures) => _failures.AddUnlisted(code, failures);

    public void Add(Difference difference) => _differences.Add(difference.Kind, difference);

    /// <summary>Counts one that is kept elsewhere.</summary>
    /// <returns>False where it is not to be listed any more.</returns>
    public bool Admit(DifferenceKind kind) => _differences.Admit(kind);

    /// <summary>Takes back some that were counted and are kept elsewhere.</summary>
    /// <param name="listed">How many of them were to be listed.</param>
    public void Withdraw(DifferenceKind kind, long count, long listed) => _differences.Withdraw(kind, count, listed);

    private static string Words(DifferenceKind kind) =>
        kind switch
        {
            DifferenceKind.InternalDate => "other date",
            DifferenceKind.Flags => "other flags",
            DifferenceKind.Content => "altered",
            DifferenceKind.Trashed => "in the trash",
            DifferenceKind.Kept => "kept at the target",
            _ => kind.ToString().ToLowerInvariant(),
        };

    // Lanes add and take back at the same time.
    private sealed class Listing<TKind, T>
        where TKind : notnull
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<TKind, long> _counts = [],
            _listed = [];
        private readonly List<(TKind Kind, T Item)> _items = [];

        public IReadOnlyList<T> Items => Locked<IReadOnlyList<T>>(() => [.. _items.Select(entry => entry.Item)]);

        public IReadOnlyDictionary<TKind, long> Counts => Locked(() => _counts.Where(count => count.Value > 0).ToDictionary());

        public IReadOnlyList<(TKind Kind, long Count)> Unlisted =>
            Locked<IReadOnlyList<(TKind, long)>>(() =>
                [.. _counts.Select(count => (count.Key, count.Value - _listed.GetValueOrDefault(count.Key))).Where(kind => kind.Item2 > 0)]
            );

        public void Add(TKind kind, T item) =>
            Locked(() =>
            {
                if (Count(kind, 1) <= Most)
                    List(kind, item);
                return true;
            });

        /// <summary>Counts one that is kept elsewhere.</summary>
        /// <returns>False where it is not to be listed any more.</returns>
        public bool Admit(TKind kind) =>
            Locked(() =>
            {
                if (Count(kind, 1) > Most)
                    return false;
                _listed[kind] = _listed.GetValueOrDefault(kind) + 1;
                return true;
            });

        /// <summary>Takes back some of those that are kept elsewhere.</summary>
        public void Withdraw(TKind kind, long count, long listed) =>
            Locked(() =>
            {
                _listed[kind] = _listed.GetValueOrDefault(kind) - listed;
                return Count(kind, -count);
            });

        public void AddUnlisted(TKind kind, long count) => Locked(() => Count(kind, count));

        /// <summary>Takes some back, listed or not.</summary>
        public void Remove(TKind kind, long count, Predicate<T> which) =>
            Locked(() =>
            {
                Count(kind, -count);
                return RemoveListed(entry => entry.Kind.Equals(kind) && which(entry.Item));
            });

        /// <summary>Takes back what is listed.</summary>
        public void RemoveAll(Predicate<T> which) =>
            Locked(() =>
            {
                foreach (var (kind, _) in _items.Where(entry => which(entry.Item)).ToList())
                    Count(kind, -1);
                return RemoveListed(entry => which(entry.Item));
            });

        private int RemoveListed(Predicate<(TKind Kind, T Item)> which)
        {
            foreach (var (kind, _) in _items.FindAll(which))
                _listed[kind]--;
            return _items.RemoveAll(which);
        }

        private void List(TKind kind, T item)
        {
            _items.Add((kind, item));
            _listed[kind] = _listed.GetValueOrDefault(kind) + 1;
        }

        private long Count(TKind kind, long more) => _counts[kind] = Math.Max(0, _counts.GetValueOrDefault(kind) + more);

        private TResult Locked<TResult>(Func<TResult> step)
        {
            lock (_lock)
                return step();
        }
    }
}
