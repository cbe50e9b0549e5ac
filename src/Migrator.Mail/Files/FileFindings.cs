using Migrator.Core.Migrations;

namespace Migrator.Mail.Files;

/// <summary>What an import finds out about the files beside the mail in them: gathered over all its sessions, reported once at its
/// end.</summary>
public sealed class FileFindings
{
    private const int MostNamed = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<FileFinding, HashSet<string>> _places = [];
    private readonly Dictionary<string, Dictionary<uint, DateSource>> _dates = [];

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
    internal void Dated(string place, uint uid, DateSource source)
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

/// <summary>Something to say about files; the places where it was found are counted and named.</summary>
/// <param name="Words">Before a colon and the places.</param>
/// <param name="Incomplete">Mail may be missing or cut: the import is not complete.</param>
internal sealed record FileFinding(string Words, bool Incomplete = false)
{
    public static readonly FileFinding Link = new("Symbolic links are not followed and were left out");
    public static readonly FileFinding Special = new("Pipes, sockets and devices were left out");
    public static readonly FileFinding Other = new("Not taken for mail");
    public static readonly FileFinding NotDelivered = new("Files in \"tmp\" of a Maildir were never delivered and were left out");
    public static readonly FileFinding FolderData = new(
        "The first message, in which Pine and UW-IMAP keep what they know of the folder, was left out"
    );
    public static readonly FileFinding Deleted = new("Messages that were deleted but not yet expunged got the flag \\Deleted");
    public static readonly FileFinding HeadersOnly = new(
        "Thunderbird downloaded only part of these messages; imported as the file has them"
    );
    public static readonly FileFinding Mark = new("A byte order mark before the first line was left out");
    public static readonly FileFinding SeparatorInMessage = new("A separator line of an mbox before the header was left out");
    public static readonly FileFinding CarriageReturns = new("Lines that end with CR alone were given CRLF");
    public static readonly FileFinding Wide = new("Converted from UTF-16 to ASCII");
    public static readonly FileFinding Unpacked = new("Compressed files were decompressed");
    public static readonly FileFinding LongerThanNamed = new("Longer than the size (S=) in the file name; imported as they are");
    public static readonly FileFinding NamelessKeyword = new("Keywords by a letter that dovecot-keywords does not name were left out");
    public static readonly FileFinding TakenForSeparator = new("Doubtful lines treated as the beginning of a message; check these");
    public static readonly FileFinding TakenForText = new("Lines like a separator treated as text of a message; check these");
    public static readonly FileFinding QuotedKept = new(
        "Lines that begin with \">From \" were left as they are, since nothing says how the file was quoted"
    );
    public static readonly FileFinding SameFolder = new("Another place has the same folder name; its folder got a number");
    public static readonly FileFinding Labelled = new(
        "Gmail's labels became folders and flags, each message in one folder (--labels ignore keeps one folder a file)"
    );
    public static readonly FileFinding SeveralLabels = new(
        "Messages with more labels than the folder they went to; their header X-Gmail-Labels has all of them"
    );
    public static readonly FileFinding SameGmail = new("Messages that several files of a Takeout contain were imported once");

    public static readonly FileFinding CutShort = new(
        "Shorter than the size (S=) in the file name: cut short, and imported as they are",
        true
    );
    public static readonly FileFinding TextBefore = new("Not imported: text before the first separator, which is part of no message", true);
    public static readonly FileFinding BadName = new("Not imported: the name is not valid UTF-8; rename it", true);
    public static readonly FileFinding EmptyLevel = new("Not imported: a level of the folder's name is empty; rename the directory", true);
    public static readonly FileFinding Packed = new("Not imported: packed; if it contains mail, unpack it and import it", true);
    public static readonly FileFinding Unreadable = new("Not imported: cannot be read", true);
    public static readonly FileFinding TooDeep = new("Not imported: too many directories below one another", true);
    public static readonly FileFinding Changed = new("Changed while it was imported; import again once nothing writes to it", true);
    public static readonly FileFinding OtherFormat = new(
        "Not imported: mail in another format than was asked for; import it separately, with the --format that it has",
        true
    );
    public static readonly FileFinding OtherEncoding = new(
        "Not imported: UTF-16, which no mail program writes; convert it to the encoding that it had",
        true
    );
}

/// <summary>Where the date of a message was taken from.</summary>
internal enum DateSource
{
    Separator,
    FileName,

    /// <summary>The file's own time, which is not later than the moment in its name, as copying would make it.</summary>
    FileTime,
    AppleMail,
    Received,
    Header,
    Modified,
}
