using Migrator.Core.Mail;
using Migrator.Files.Findings;
using Migrator.Files.Manifest;
using Migrator.Files.Messages;
using Migrator.Files.Names;

namespace Migrator.Files.Reading;

/// <summary>Reads <c>.eml</c> and Apple Mail's <c>.emlx</c> files; a directory is a folder. Files beside the directories are in INBOX. An
/// Outlook <c>.msg</c> counts as a message too: it cannot be read, and that is said of each.</summary>
/// <remarks>Apple Mail keeps a mailbox in <c>NAME.mbox/</c>, with the messages some directories below, which are not folders.</remarks>
internal sealed class EmlReader(string root, MessageDates dates, FileFindings findings) : IFormatReader
{
    private static readonly string[] s_endings = [".eml", ".emlx", ".msg"];

    public bool IsMbox => false;

    public IEnumerable<FoundFolder> Find(CancellationToken cancellationToken)
    {
        var found = new List<FoundFolder>();
        FindBelow("", [], found, 0);
        return found;
    }

    public List<FoundMessage> Scan(string place, long from, CancellationToken cancellationToken)
    {
        var found = new List<FoundMessage>();
        Scan(place.Length == 0 ? "" : place + "/", IsApple(place), found, 0, cancellationToken);
        return found;
    }

    // Exporters number files, and a number may mean another message the next time.
    public string Key(FoundMessage message) =>
        message.Stamp == default ? message.File : $"{message.File} {message.Stamp.Size} {message.Stamp.Modified}";

    public FoundDetails Describe(string place, FoundMessage message)
    {
        using var pump = new FilePump();
        pump.Open(Path.Combine(root, message.File), message.Stamp);
        var stored = new LooseMessage(pump, message.File);
        var apple = stored.Apple();
        var (date, source) = dates.OfEml(MessageStart.Read(stored), apple?.Received, message.Stamp);
        return new FoundDetails(message.Stamp.Size, apple?.Flags ?? FlagSet.None, date, source);
    }

    public IStoredMessage Open(FilePump pump, FoundMessage message) => new LooseMessage(pump, message.File);

    public FlagSet Changed(ExportManifestMessage exported, string file) => FlagSet.Parse(exported.Flags);

    public FoundMessage? Moved(string place, FoundMessage message) => null;

    private void Scan(string place, bool apple, List<FoundMessage> found, int depth, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var entry in LooseFiles.Entries(root, place, depth, findings))
        {
            if (!entry.IsDirectory && IsMessage(entry.Name))
                found.Add(new FoundMessage(place + entry.Name, 0, -1, entry.Stamp));
            else if (entry.IsDirectory && apple && !IsApple(entry.Name) && entry.Name != "Attachments")
                Scan($"{place}{entry.Name}/", apple, found, depth + 1, cancellationToken);
        }
    }

    private void FindBelow(string place, string[] names, List<FoundFolder> found, int depth)
    {
        var entries = LooseFiles.Entries(root, place, depth, findings);
        var apple = IsApple(place.TrimEnd('/'));
        foreach (var other in entries.Where(entry => !entry.IsDirectory && !IsMessage(entry.Name)))
            LooseFiles.PassOver(root, place, other.Name, findings);
        if (names.Length > 0 || entries.Any(entry => !entry.IsDirectory && IsMessage(entry.Name)))
            found.Add(new FoundFolder(names.Length == 0 ? FolderPath.Inbox : new FolderPath(names), place.TrimEnd('/'), null));
        foreach (var (name, _) in entries.Where(entry => entry.IsDirectory))
        {
            if (apple && !IsApple(name))
                FindMailboxes($"{place}{name}/", names, found, depth + 1);
            else
                FindBelow($"{place}{name}/", [.. names, Name(name)], found, depth + 1);
        }
    }

    // What lies in these directories belongs to the mailbox above, except other mailboxes.
    private void FindMailboxes(string place, string[] names, List<FoundFolder> found, int depth)
    {
        foreach (var (name, _) in LooseFiles.Entries(root, place, depth, findings).Where(entry => entry.IsDirectory))
        {
            if (IsApple(name))
                FindBelow($"{place}{name}/", [.. names, Name(name)], found, depth + 1);
            else
                FindMailboxes($"{place}{name}/", names, found, depth + 1);
        }
    }

    private static string Name(string directory) =>
        FileNames.Unescape(IsApple(directory) ? Path.GetFileNameWithoutExtension(directory) : directory);

    private static bool IsApple(string directory) =>
        Path.GetFileName(directory) is { Length: > 5 } name && name.EndsWith(".mbox", StringComparison.OrdinalIgnoreCase);

    private static bool IsMessage(string name) => s_endings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
