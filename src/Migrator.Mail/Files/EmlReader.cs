using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>Reads <c>.eml</c> files; a directory is a folder. Files beside the directories are in INBOX.</summary>
internal sealed class EmlReader(string root) : IFormatReader
{
    public bool IsMbox => false;

    public IEnumerable<FoundFolder> Find(ICollection<string> passedOver) => FindBelow("", [], passedOver);

    public List<FoundMessage> Scan(string place, long from, CancellationToken cancellationToken) =>
    [
        .. LooseFiles.Entries(root, place, []).Where(entry => !entry.IsDirectory && IsEml(entry.Name))
            .Select(entry => new FoundMessage(place.Length == 0 ? entry.Name : $"{place}/{entry.Name}", 0, -1)),
    ];

    public string Key(string file, long offset) => file;

    public MessageSummary? Describe(uint uid, string place, FoundMessage message) =>
        LooseFiles.Describe(uid, Path.Combine(root, message.File), FlagSet.None);

    public FlagSet Changed(SidecarMessage exported, string file) => FlagSet.Parse(exported.Flags);

    private IEnumerable<FoundFolder> FindBelow(string place, string[] names, ICollection<string> passedOver)
    {
        var entries = LooseFiles.Entries(root, place, passedOver);
        foreach (var other in entries.Where(entry => !entry.IsDirectory && !IsEml(entry.Name)))
            passedOver.Add(place + other.Name);
        if (names.Length > 0 || entries.Any(entry => !entry.IsDirectory && IsEml(entry.Name)))
            yield return new FoundFolder(names.Length == 0 ? FolderPath.Inbox : new FolderPath(names), place.TrimEnd('/'), null);
        foreach (var (name, _) in entries.Where(entry => entry.IsDirectory))
        {
            foreach (var folder in FindBelow($"{place}{name}/", [.. names, FileNames.Unescape(name)], passedOver))
                yield return folder;
        }
    }

    private static bool IsEml(string name) => name.EndsWith(".eml", StringComparison.OrdinalIgnoreCase);
}
