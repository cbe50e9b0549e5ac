using Migrator.Core.Mail;

namespace Migrator.Core.Backups;

/// <summary>What a source says of messages of one folder and no server could be sent: counted, and the first are named.</summary>
internal sealed class Oddities
{
    private const int MostNamed = 20;

    private readonly Dictionary<string, Group> _dates = [];
    private readonly Group _flags = new();

    private sealed class Group
    {
        public List<Uid> First { get; } = [];

        public int Count { get; private set; }

        public string? Example { get; private set; }

        public void Add(Uid uid, string example)
        {
            Example ??= example;
            Count++;
            if (First.Count < MostNamed)
                First.Add(uid);
        }

        public override string ToString() =>
            $"{Count:N0} message{(Count == 1 ? "" : "s")} (UID {string.Join(", ", First)}{(Count > First.Count ? ", …" : "")})";
    }

    /// <param name="summaries">Ascending by UID, above those that were added before.</param>
    public void Add(IEnumerable<MessageSummary> summaries)
    {
        foreach (var summary in summaries)
        {
            if (summary.OddDate is { } date)
                (_dates.TryGetValue(summary.DateOrigin, out var alike) ? alike : _dates[summary.DateOrigin] = new()).Add(summary.Uid, date);
            if (summary.OddFlags is { } flags)
                _flags.Add(summary.Uid, flags);
        }
    }

    public IEnumerable<string> Notices(FolderPath folder)
    {
        foreach (var (origin, odd) in _dates)
            yield return $"{folder}: the source has no valid date for {odd}, for example {odd.Example}. Date stored: {origin}.";
        if (_flags.Count > 0)
            yield return $"{folder}: invalid flags were left out for {_flags}, for example {_flags.Example}.";
    }
}
