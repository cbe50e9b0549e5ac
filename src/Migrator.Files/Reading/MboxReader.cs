using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Mail;
using Migrator.Files.Bytes;
using Migrator.Files.Disk;
using Migrator.Files.Findings;
using Migrator.Files.Manifest;
using Migrator.Files.Mbox;
using Migrator.Files.Messages;
using Migrator.Files.Names;

namespace Migrator.Files.Reading;

/// <summary>Reads mboxes: Thunderbird's (<c>NAME</c> and <c>NAME.sbd/</c>), mutt's and Dovecot's (plain directories), Apple's
/// (<c>NAME.mbox/mbox</c>), Google Takeout's and single ones (<c>NAME.mbox</c>).</summary>
/// <param name="only">The one file that counts; null for all.</param>
internal sealed class MboxReader(string root, string? only, bool labels, MessageDates dates, FileFindings findings) : IFormatReader
{
    private const string LabelPlace = "X-Gmail-Labels/";

    // Beside mboxes in a Thunderbird profile: indexes, filters, marks. An index can be empty, as an mbox can.
    private static readonly string[] s_companions =
    [
        ".msf",
        ".dat",
        ".html",
        ".json",
        ".sqlite",
        ".js",
        ".log",
        ".cmeta",
        ".ibex.index",
        ".lock",
    ];

    // A file is looked through once for all sessions: what was decided for one must hold for the others.
    private readonly Dictionary<(string Place, long From), MboxFile> _files = [];
    private readonly Dictionary<string, List<FoundMessage>> _labelled = [];
    private readonly Lock _lock = new();

    public bool IsMbox => true;

    public IEnumerable<FoundFolder> Find(CancellationToken cancellationToken)
    {
        var found = new List<FoundFolder>();
        if (only is null)
            FindBelow("", [], found, 0);
        else if (MboxFile.Begins(Path.Combine(root, only), out var isWide) is not null)
            found.Add(new FoundFolder(new FolderPath([Name(only)]), only, null));
        else
            findings.Add(isWide ? FileFinding.OtherEncoding : FileFinding.Other, only);
        return labels ? [.. Labelled(found, cancellationToken)] : found;
    }

    public List<FoundMessage> Scan(string place, long from, CancellationToken cancellationToken)
    {
        lock (_lock)
            return _labelled.TryGetValue(place, out var messages) ? [.. messages] : [.. File(place, from, cancellationToken).Messages];
    }

    public string Key(FoundMessage message) => $"{message.Offset} {message.File}";

    public FoundDetails Describe(string place, FoundMessage message)
    {
        using var pump = new FilePump();
        pump.Open(Path.Combine(root, message.File), message.Stamp);
        var line = new FirstBytesSink(1024);
        pump.Run(
            message,
            line,
            () => line.Kept.IndexOfAny((byte)'\r', (byte)'\n') >= 0 || line.Kept.Length == 1024,
            CancellationToken.None
        );
        var end = line.Kept.IndexOfAny((byte)'\r', (byte)'\n');
        var separator = Encoding.Latin1.GetString(end < 0 ? line.Kept : line.Kept[..end]);
        var start = MessageStart.Read(Open(pump, message));
        var head = new MessageHead(start);
        var flags = head.Flags;
        if (labels && head.GmailLabels is { } text)
            flags = new FlagSet(flags.Flags.Concat(GmailLabels.Parse(text).Flags));
        head.AddFindings(findings, $"{message.File}, byte {message.Offset:N0}");
        var (date, source) = dates.OfMbox(separator, start, message.Stamp);
        return new FoundDetails(message.Length, flags, date, source);
    }

    public IStoredMessage Open(FilePump pump, FoundMessage message) => new MboxMessage(pump, message);

    // Other programs write flags into the message: its bytes are then no longer those that were exported.
    public FlagSet Changed(ExportManifestMessage exported, string file) => FlagSet.Parse(exported.Flags);

    public FoundMessage? Moved(string place, FoundMessage message) => null;

    private MboxFile File(string place, long from, CancellationToken cancellationToken)
    {
        if (!_files.TryGetValue((place, from), out var file))
            _files[(place, from)] = file = MboxFile.Read(Path.Combine(root, place), place, from, findings, cancellationToken);
        return file;
    }

    private void FindBelow(string place, string[] names, List<FoundFolder> found, int depth)
    {
        foreach (var (name, isDirectory, stamp) in LooseFiles.Entries(root, place, depth, findings))
        {
            var below = place + name;
            if (
                isDirectory
                && name.EndsWith(".mbox", StringComparison.OrdinalIgnoreCase)
                && RegularFile.Kind(Path.Combine(root, below, "mbox")) == EntryKind.Regular
            )
                found.Add(new FoundFolder(new FolderPath([.. names, Name(name)]), below + "/mbox", null));
            else if (isDirectory)
                FindBelow(below + "/", [.. names, Name(name)], found, depth + 1);
            else if (MboxFile.Begins(Path.Combine(root, below), out var isWide) is not null && !IsEmptyCompanion(name, stamp))
                found.Add(new FoundFolder(new FolderPath([.. names, Name(name)]), below, null));
            else if (isWide)
                findings.Add(FileFinding.OtherEncoding, below);
            else if (!s_companions.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
                LooseFiles.PassOver(root, place, name, findings);
        }
    }

    // By its name it is one of Thunderbird's, and nothing in it says otherwise.
    private static bool IsEmptyCompanion(string name, FileStamp stamp) =>
        stamp.Size == 0 && s_companions.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>Files of a Takeout hold all folders in one, or one message in several: its labels say where a message belongs.</summary>
    private IEnumerable<FoundFolder> Labelled(List<FoundFolder> found, CancellationToken cancellationToken)
    {
        var folders = new Dictionary<FolderPath, (SpecialUse Use, List<FoundMessage> Messages)>();
        var seen = new HashSet<(string, long)>();
        foreach (var folder in found)
        {
            if (
                MboxFile.Begins(Path.Combine(root, folder.Place), out _) != SeparatorKind.Gmail
                || TryFile(folder.Place, cancellationToken) is not { HasLabels: true } file
            )
            {
                yield return folder;
                continue;
            }
            findings.Add(FileFinding.Labelled, folder.Place);
            foreach (var (message, text, id) in file.Labelled)
            {
                if (id is not null && !seen.Add((id, message.Length)))
                {
                    findings.Add(FileFinding.SameGmail, $"{message.File}, byte {message.Offset:N0}");
                    continue;
                }
                var parsed = GmailLabels.Parse(text ?? "");
                if (parsed.Others)
                    findings.Add(FileFinding.SeveralLabels, $"{message.File}, byte {message.Offset:N0}");
                if (!folders.TryGetValue(parsed.Folder, out var messages))
                    folders[parsed.Folder] = messages = (parsed.Use, []);
                messages.Messages.Add(message);
            }
        }
        foreach (var (path, (use, messages)) in folders)
        {
            var place = LabelPlace + path;
            lock (_lock)
                _labelled[place] = messages;
            yield return new FoundFolder(path, place, null) { Use = use };
        }
    }

    // What cannot be read is said when its folder is opened.
    private MboxFile? TryFile(string place, CancellationToken cancellationToken)
    {
        try
        {
            lock (_lock)
                return File(place, 0, cancellationToken);
        }
        catch (MailException)
        {
            return null;
        }
    }

    private static string Name(string file)
    {
        file = Path.GetFileName(file);
        var known = Path.GetExtension(file).ToLowerInvariant() is ".sbd" or ".mbox" ? Path.GetFileNameWithoutExtension(file) : file;
        return FileNames.Unescape(known.Length > 0 ? known : file);
    }
}
