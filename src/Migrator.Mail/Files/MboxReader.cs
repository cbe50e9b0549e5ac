using System.Text;
using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>Reads mboxes: Thunderbird's (<c>NAME</c> and <c>NAME.sbd/</c>), mutt's and Dovecot's (plain directories), Apple's
/// (<c>NAME.mbox/mbox</c>) and single ones (<c>NAME.mbox</c>).</summary>
/// <param name="only">The one file that counts; null for all.</param>
internal sealed class MboxReader(string root, string? only) : IFormatReader
{
    // Beside mboxes in a Thunderbird profile: indexes, filters, marks. An index can be empty, as an mbox can.
    private static readonly string[] s_others = [".msf", ".dat", ".html", ".json", ".sqlite", ".js", ".log"];

    public bool IsMbox => true;

    public IEnumerable<FoundFolder> Find(ICollection<string> passedOver) =>
        only is null ? FindBelow("", [], passedOver) : [new FoundFolder(new FolderPath([Name(only)]), only, null)];

    public List<FoundMessage> Scan(string place, long from, CancellationToken cancellationToken)
    {
        var path = Path.Combine(root, place);
        return File.Exists(path) ? new MboxScan(path, place).Run(from, cancellationToken) : [];
    }

    public string Key(string file, long offset) => $"{offset} {file}";

    public MessageSummary? Describe(uint uid, string place, FoundMessage message)
    {
        var path = Path.Combine(root, message.File);
        if (!File.Exists(path))
            return null;
        using var pump = new FilePump();
        pump.Open(path);
        var octets = new FirstOctets(MessageHead.MaxLength);
        pump.Run(message, octets, () => octets.HasHeader, CancellationToken.None);
        var end = octets.Kept.IndexOf((byte)'\n');
        var head = new MessageHead(end < 0 ? [] : octets.Kept[(end + 1)..]);
        var line = Encoding.Latin1.GetString(end < 0 ? octets.Kept : octets.Kept[..end]);
        return new MessageSummary(uid, message.Length, head.Flags, SeparatorLine.Date(line) ?? head.Date ?? LooseFiles.Modified(path));
    }

    // Other programs write flags into the message: its octets are then no longer those that were exported.
    public FlagSet Changed(SidecarMessage exported, string file) => FlagSet.Parse(exported.Flags);

    private IEnumerable<FoundFolder> FindBelow(string place, string[] names, ICollection<string> passedOver)
    {
        foreach (var (name, isDirectory) in LooseFiles.Entries(root, place, passedOver))
        {
            var below = place + name;
            if (isDirectory && name.EndsWith(".mbox", StringComparison.OrdinalIgnoreCase) && File.Exists(Path.Combine(root, below, "mbox")))
            {
                yield return new FoundFolder(new FolderPath([.. names, Name(name)]), below + "/mbox", null);
            }
            else if (isDirectory)
            {
                foreach (var folder in FindBelow(below + "/", [.. names, Name(name)], passedOver))
                    yield return folder;
            }
            else if (!name.StartsWith('.') && !s_others.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase) && MboxScan.IsMbox(Path.Combine(root, below)))
            {
                yield return new FoundFolder(new FolderPath([.. names, Name(name)]), below, null);
            }
            else
            {
                passedOver.Add(below);
            }
        }
    }

    private static string Name(string file)
    {
        file = Path.GetFileName(file);
        var known = Path.GetExtension(file).ToLowerInvariant() is ".sbd" or ".mbox" ? Path.GetFileNameWithoutExtension(file) : file;
        return FileNames.Unescape(known.Length > 0 ? known : file);
    }
}
