using Migrator.Core.Archives.Headers;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Search;

/// <summary>Which messages are still to be examined, and what was found. Safe to use from several tasks.</summary>
/// <param name="wanted">Messages whose headers are to be examined.</param>
/// <param name="limit">Messages that are found, at most.</param>
internal sealed class Looking<T>(HashSet<ContentId> wanted, int limit, Func<HeaderRecord, T?> match)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ContentId, T?> _found = [];
    private readonly HashSet<ContentId> _cut = [];
    private volatile bool _isFull;

    public long Looked { get; } = wanted.Count;

    public long Unrecorded => wanted.Count;

    public long Cut => _cut.Count;

    /// <summary>There are more than the limit; what follows is not examined.</summary>
    public bool IsFull => _isFull;

    public IReadOnlyDictionary<ContentId, T?> Found => _found;

    /// <summary>Messages without a record, or with one that does not fit and lacks something.</summary>
    public IReadOnlyList<ContentId> Doubtful => [.. wanted, .. _cut];

    /// <summary>Looks at what is recorded of a message.</summary>
    public void Look(HeaderRecord record)
    {
        lock (_lock)
        {
            // Some messages have several records: after a run that was cut short, or two runs at once.
            if (!wanted.Remove(record.Content))
                return;
        }
        Take(record);
    }

    /// <summary>Looks at the headers in a message itself.</summary>
    public void Read(HeaderRecord record)
    {
        lock (_lock)
        {
            if (!wanted.Remove(record.Content) && !_cut.Remove(record.Content))
                return;
        }
        Take(record);
    }

    /// <summary>Finds the rest, whatever their headers are.</summary>
    public void TakeAll()
    {
        foreach (var content in wanted.Concat(_cut))
            Add(content, null);
    }

    private void Take(HeaderRecord record)
    {
        if (match(record) is { } shown)
        {
            Add(record.Content, shown);
        }
        else if (record.Cut)
        {
            lock (_lock)
                _cut.Add(record.Content);
        }
    }

    private void Add(ContentId content, T? shown)
    {
        lock (_lock)
        {
            if (_found.Count >= limit)
                _isFull = true;
            else
                _found[content] = shown;
        }
    }
}
