using System.Globalization;
using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>Reads Maildirs: Maildir++ (Dovecot, Courier), and plain directories below one another (mbsync, mutt,
/// getmail).</summary>
internal sealed class MaildirReader(string root) : IFormatReader
{
    private readonly Dictionary<string, IReadOnlyList<string>> _keywords = [];

    public bool IsMbox => false;

    public IEnumerable<FoundFolder> Find(ICollection<string> passedOver)
    {
        var subscribed = Subscriptions();
        if (IsMaildir(""))
            yield return new FoundFolder(FolderPath.Inbox, "", subscribed?.Contains("INBOX"));
        foreach (var folder in FindBelow("", [], subscribed, passedOver))
            yield return folder;
    }

    public List<FoundMessage> Scan(string place, long from, CancellationToken cancellationToken)
    {
        _keywords.Remove(place);
        var directory = place.Length == 0 ? "" : place + "/";
        // What is in tmp is not delivered yet, or never was.
        return
        [
            .. ((string[])["cur", "new"])
                .SelectMany(part => LooseFiles.Entries(root, directory + part, []).Where(entry => !entry.IsDirectory && !entry.Name.StartsWith('.')).Select(entry => (entry.Name, Part: part)))
                .OrderBy(file => file.Name, NaturalOrder.Instance)
                .Select(file => new FoundMessage($"{directory}{file.Part}/{file.Name}", 0, -1)),
        ];
    }

    // Without the directory: a program that shows a message moves it from new to cur.
    public string Key(string file, long offset) => MaildirNames.Unique(Path.GetFileName(file));

    public MessageSummary? Describe(uint uid, string place, FoundMessage message) =>
        LooseFiles.Describe(uid, Path.Combine(root, message.File), MaildirNames.Flags(Path.GetFileName(message.File), Keywords(place)));

    public FlagSet Changed(SidecarMessage exported, string file)
    {
        var flags = FlagSet.Parse(exported.Flags);
        if (Path.GetFileName(exported.File) == Path.GetFileName(file))
            return flags;
        // The letters of keywords may mean others by now: only the system flags are taken from the new name.
        return new FlagSet(flags.Keywords.Concat(MaildirNames.Flags(Path.GetFileName(file), []).Flags));
    }

    private IEnumerable<FoundFolder> FindBelow(string place, string[] names, HashSet<string>? subscribed, ICollection<string> passedOver)
    {
        foreach (var (name, isDirectory) in LooseFiles.Entries(root, place, passedOver))
        {
            if (!isDirectory || name is "cur" or "new" or "tmp")
                continue;
            var path = name.StartsWith('.') ? MaildirNames.Path(name[1..]) : new FolderPath([MaildirNames.Unescape(name)]);
            if (path is null)
            {
                passedOver.Add(place + name);
                continue;
            }
            var full = names.Length == 0 ? path : new FolderPath([.. names, .. path.Names]);
            if (IsMaildir(place + name))
                yield return new FoundFolder(full, place + name, subscribed?.Contains(name.TrimStart('.')));
            foreach (var folder in FindBelow($"{place}{name}/", [.. full.Names], subscribed, passedOver))
                yield return folder;
        }
    }

    private bool IsMaildir(string place) => Directory.Exists(Path.Combine(root, place, "cur")) || Directory.Exists(Path.Combine(root, place, "new"));

    /// <summary>Names as in the directory, without the dot in front; null where nothing is kept about it.</summary>
    private HashSet<string>? Subscriptions()
    {
        var lines = Lines("subscriptions");
        // Version 2 of Dovecot's file separates levels with tabs.
        return lines?.Where(line => line.Length > 0 && line != "V\t2").Select(line => line.Replace('\t', '.')).ToHashSet();
    }

    private IReadOnlyList<string> Keywords(string place)
    {
        if (_keywords.TryGetValue(place, out var known))
            return known;
        var keywords = new string[26];
        Array.Fill(keywords, "");
        foreach (var line in Lines(place.Length == 0 ? "dovecot-keywords" : place + "/dovecot-keywords") ?? [])
        {
            var blank = line.IndexOf(' ');
            if (blank > 0 && int.TryParse(line[..blank], CultureInfo.InvariantCulture, out var number) && number is >= 0 and < 26)
                keywords[number] = line[(blank + 1)..].Trim();
        }
        return _keywords[place] = keywords;
    }

    private string[]? Lines(string file)
    {
        var path = Path.Combine(root, file);
        return FileErrors.Guarded(path, null, () => File.Exists(path) ? File.ReadAllLines(path) : null);
    }
}
