using Migrator.Core.Mail;
using Migrator.Files.Disk;

namespace Migrator.Files.Findings;

/// <summary>What an import finds out about the files beside the mail in them: gathered over all its sessions, reported once at its
/// end.</summary>
public sealed class FileFindings
{
    private const int MostNamed = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<FileFinding, HashSet<string>> _places = [];
    private readonly Dictionary<string, Dictionary<Uid, DateSource>> _dates = [];

    /// <summary>As text, why mail may be missing or cut, for a reason that no message's failure tells; null where it is not.</summary>
    public string? Shortfall
    {
        get
        {
            lock (_lock)
            {
                var words = string.Join("; ", Ordered.Where(entry => entry.Key.Incomplete).Select(Text));
                return words.Length > 0 ? words : null;
            }
        }
    }

    /// <summary>In words: what makes the import incomplete comes first.</summary>
    public IReadOnlyList<string> Notices
    {
        get
        {
            lock (_lock)
            {
                return [.. Ordered.Select(entry => $"{Text(entry)}."), .. Dates() is { } dates ? (string[])[dates] : []];
            }
        }
    }

    /// <param name="place">A file or directory below the root, perhaps with a line in it.</param>
    internal void Add(FileFinding finding, string place)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(finding, out var places))
                _places[finding] = places = [];
            places.Add(place);
        }
    }

    internal IReadOnlyCollection<string> Places(FileFinding finding)
    {
        lock (_lock)
            return _places.TryGetValue(finding, out var places) ? [.. places.Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Asked again, a message counts once.</summary>
    internal void Dated(string place, Uid uid, DateSource source)
    {
        lock (_lock)
        {
            if (!_dates.TryGetValue(place, out var dates))
                _dates[place] = dates = [];
            dates[uid] = source;
        }
    }

    private IEnumerable<KeyValuePair<FileFinding, HashSet<string>>> Ordered =>
        _places.OrderByDescending(entry => entry.Key.Incomplete).ThenBy(entry => entry.Key.Words, StringComparer.Ordinal);

    private static string Text(KeyValuePair<FileFinding, HashSet<string>> finding) => $"{finding.Key.Words}: {Named(finding.Value)}";

    private static string Named(HashSet<string> places)
    {
        var named = string.Join(", ", places.Order(NaturalOrder.Instance).Take(MostNamed));
        return places.Count > MostNamed ? $"{named} and {places.Count - MostNamed:N0} more" : named;
    }

    private string? Dates()
    {
        var counts = _dates
            .Values.SelectMany(dates => dates.Values)
            .CountBy(source => source)
            .OrderBy(count => count.Key)
            .Select(count => $"{Words(count.Key)} {count.Value:N0}")
            .ToList();
        return counts.Count == 0
            ? null
            : $"The files keep no date of arrival; messages by the source of their date: {string.Join(", ", counts)}.";
    }

    private static string Words(DateSource source) =>
        source switch
        {
            DateSource.Separator => "separator line",
            DateSource.FileName => "file name",
            DateSource.FileTime => "the file's time, which its name confirms,",
            DateSource.AppleMail => "what Apple Mail keeps at the end of the file",
            DateSource.Received => "Received header",
            DateSource.Header => "Date header",
            _ => "the file's modification time, which may be when it was copied or unpacked,",
        };
}
