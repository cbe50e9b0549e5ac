using System.Globalization;
using Migrator.Core.Files;
using Migrator.Core.Mail;
using Migrator.Files.Disk;
using Migrator.Files.Findings;
using Migrator.Files.Manifest;
using Migrator.Files.Messages;
using Migrator.Files.Names;

namespace Migrator.Files.Reading;

/// <summary>Reads Maildirs: Maildir++ (Dovecot, Courier), plain directories below one another (mbsync, mutt, getmail), and Thunderbird's
/// (<c>NAME</c> and <c>NAME.sbd/</c>).</summary>
internal sealed class MaildirReader(string root, MessageDates dates, FileFindings findings) : IFormatReader
{
    // Files that servers and programs keep beside the messages.
    private static readonly string[] s_companions =
    [
        "dovecot",
        ".dovecot",
        "maildirsize",
        "maildirfolder",
        "courier",
        "subscriptions",
        "msgFilterRules.dat",
        ".uidvalidity",
        ".mbsyncstate",
        ".nfs",
    ];

    private readonly Dictionary<string, IReadOnlyList<string>> _keywords = [];
    private readonly Lock _lock = new();

    public bool IsMbox => false;

    public IEnumerable<FoundFolder> Find(CancellationToken cancellationToken)
    {
        var (found, subscribed) = (new List<FoundFolder>(), Subscriptions());
        if (IsMaildir(""))
            found.Add(new FoundFolder(FolderPath.Inbox, "", subscribed?.Contains("INBOX")));
        FindBelow("", [], "", subscribed, found, 0);
        return found;
    }

    public List<FoundMessage> Scan(string place, long from, CancellationToken cancellationToken)
    {
        lock (_lock)
            _keywords.Remove(place);
        var directory = place.Length == 0 ? "" : place + "/";
        var uids = Uids(directory);
        // What is in tmp is not delivered yet, or never was.
        foreach (var file in LooseFiles.Entries(root, directory + "tmp/", 1, findings).Where(entry => !entry.IsDirectory))
            findings.Add(FileFinding.NotDelivered, $"{directory}tmp/{file.Name}");
        // By the server's UIDs, which are the order of arrival, then by name.
        return
        [
            .. ((string[])["cur", "new"])
                .SelectMany(part => Files($"{directory}{part}/"))
                .OrderBy(message => uids.TryGetValue(Unique(message.File), out var uid) ? uid : long.MaxValue)
                .ThenBy(message => Path.GetFileName(message.File), NaturalOrder.Instance),
        ];
    }

    // Without the directory: a program that shows a message moves it from new to cur.
    public string Key(FoundMessage message) => Unique(message.File);

    public FoundDetails Describe(string place, FoundMessage message)
    {
        var name = Path.GetFileName(message.File);
        using var pump = new FilePump();
        byte[]? head = null;
        var flags = MaildirNames.Flags(name, Keywords(place));
        if (MaildirNames.HasNamelessKeyword(name, Keywords(place)))
            findings.Add(FileFinding.NamelessKeyword, message.File);
        // Thunderbird puts no flags into names.
        if (!MaildirNames.HasFlags(name))
        {
            var mozilla = new MessageHead(Head());
            flags = new FlagSet(flags.Flags.Concat(mozilla.MozillaFlags.Flags));
            mozilla.AddFindings(findings, message.File);
        }
        var (date, source) = dates.OfMaildir(MaildirNames.Delivered(name), Head, message.Stamp);
        return new FoundDetails(message.Stamp.Size, flags, date, source);

        byte[] Head()
        {
            if (head is null)
            {
                pump.Open(Path.Combine(root, message.File), message.Stamp);
                head = MessageStart.Read(new LooseMessage(pump, message.File));
            }
            return head;
        }
    }

    public IStoredMessage Open(FilePump pump, FoundMessage message) => new LooseMessage(pump, message.File);

    public FlagSet Changed(ExportManifestMessage exported, string file)
    {
        var flags = FlagSet.Parse(exported.Flags);
        if (Path.GetFileName(exported.File) == Path.GetFileName(file))
            return flags;
        // The letters of keywords may mean others by now: only the system flags are taken from the new name.
        return new FlagSet(flags.Keywords.Concat(MaildirNames.Flags(Path.GetFileName(file), []).Flags));
    }

    // A server that runs renames a file when a flag changes.
    public FoundMessage? Moved(string place, FoundMessage message)
    {
        var directory = place.Length == 0 ? "" : place + "/";
        var moved = ((string[])["cur", "new"])
            .SelectMany(part => Files($"{directory}{part}/"))
            .Where(other => Unique(other.File) == Unique(message.File))
            .ToList();
        return moved is [var one] && one.File != message.File ? one : null;
    }

    private static string Unique(string file) => MaildirNames.Unique(Path.GetFileName(file));

    private IEnumerable<FoundMessage> Files(string part)
    {
        foreach (var entry in LooseFiles.Entries(root, part, 1, findings))
        {
            if (entry.IsDirectory)
                findings.Add(FileFinding.Other, part + entry.Name);
            else if (entry.Name.StartsWith('.'))
                PassOver(part, entry.Name);
            else
                yield return new FoundMessage(part + entry.Name, 0, -1, entry.Stamp);
        }
    }

    private void FindBelow(string place, string[] names, string written, HashSet<string>? subscribed, List<FoundFolder> found, int depth)
    {
        foreach (var (name, isDirectory) in LooseFiles.Entries(root, place, depth, findings))
        {
            if (isDirectory && name is "cur" or "new" or "tmp")
                continue;
            var path =
                !isDirectory ? null
                : name.StartsWith('.') ? MaildirNames.Path(name[1..])
                : new FolderPath([MaildirNames.Unescape(WithoutSbd(name))]);
            if (path is null)
            {
                if (isDirectory && IsMaildir(place + name))
                    findings.Add(FileFinding.EmptyLevel, place + name);
                else
                    PassOver(place, name);
                continue;
            }
            var full = names.Length == 0 ? path : new FolderPath([.. names, .. path.Names]);
            var listed = written + name.TrimStart('.');
            if (IsMaildir(place + name))
                found.Add(new FoundFolder(full, place + name, subscribed?.Contains(listed)));
            FindBelow($"{place}{name}/", [.. full.Names], listed + ".", subscribed, found, depth + 1);
        }
    }

    private void PassOver(string place, string name)
    {
        if (!IsCompanion(name))
            LooseFiles.PassOver(root, place, name, findings);
    }

    private static bool IsCompanion(string name) =>
        name.EndsWith(".msf", StringComparison.OrdinalIgnoreCase)
        || s_companions.Any(begin => name.StartsWith(begin, StringComparison.Ordinal));

    private static string WithoutSbd(string name) =>
        name.Length > 4 && name.EndsWith(".sbd", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;

    private bool IsMaildir(string place) =>
        ((string[])["cur", "new"]).Any(part => RegularFile.Kind(Path.Combine(root, place, part)) == EntryKind.Directory);

    /// <summary>Names as in the directory, levels separated by dots, without the dot in front; null where nothing is kept about
    /// it.</summary>
    private HashSet<string>? Subscriptions() =>
        // Version 2 of Dovecot's file separates levels with tabs; with directories below one another it has slashes.
        TextLines
            .Read(root, "subscriptions", findings)
            ?.Where(line => line.Length > 0 && line != "V\t2")
            .Select(line => line.Replace('\t', '.').Replace('/', '.'))
            .ToHashSet();

    private Dictionary<string, long> Uids(string directory)
    {
        var uids = new Dictionary<string, long>();
        foreach (var line in TextLines.Read(root, directory + "dovecot-uidlist", findings) ?? [])
        {
            var (blank, colon) = (line.IndexOf(' '), line.IndexOf(" :", StringComparison.Ordinal));
            if (
                blank > 0
                && colon > 0
                && uint.TryParse(line.AsSpan(0, blank), NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
            )
                uids[MaildirNames.Unique(line[(colon + 2)..])] = uid;
        }
        return uids;
    }

    private IReadOnlyList<string> Keywords(string place)
    {
        lock (_lock)
        {
            if (_keywords.TryGetValue(place, out var known))
                return known;
            var keywords = new string[26];
            Array.Fill(keywords, "");
            foreach (var line in TextLines.Read(root, place.Length == 0 ? "dovecot-keywords" : place + "/dovecot-keywords", findings) ?? [])
            {
                var blank = line.IndexOf(' ');
                if (blank > 0 && int.TryParse(line[..blank], CultureInfo.InvariantCulture, out var number) && number is >= 0 and < 26)
                    keywords[number] = line[(blank + 1)..].Trim();
            }
            return _keywords[place] = keywords;
        }
    }
}
