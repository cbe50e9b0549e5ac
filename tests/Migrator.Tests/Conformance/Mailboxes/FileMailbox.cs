using System.Text;
using Migrator.Core.Mail;
using Migrator.Files;
using Migrator.Files.Reading;
using Migrator.Tests.Files;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>An export in files: each session reads the newest.</summary>
public sealed class FileMailbox(FileFormat format) : MemoryBacked
{
    private readonly List<FileHarness> _exports = [];
    private FileSource? _session;

    public override MailboxTraits Traits { get; } =
        format == FileFormat.Mbox
            // One file holds all messages of a folder: none of them is removed from it while it is read.
            ? new() { Gone = GoneMessage.Kept, SummarizesGone = true }
            : new() { Gone = GoneMessage.Unreadable, SummarizesGone = true };

    public override async Task MarkVanishedAsync(FolderPath folder, Uid uid)
    {
        if (format == FileFormat.Mbox)
            await RemoveAsync(folder, uid);
        else
            File.Delete(Path.Combine(_exports[^1].Root, (await _session!.FileOfAsync(folder, uid, Stop))!));
    }

    public override async Task SpoilAsync(FolderPath folder, Uid uid)
    {
        var path = Path.Combine(_exports[^1].Root, (await _session!.FileOfAsync(folder, uid, Stop))!);
        var (text, line) = (
            await File.ReadAllTextAsync(path, Encoding.Latin1, Stop),
            Encoding.Latin1.GetString(Find(folder).Messages[uid].Bytes).Split("\r\n")[0]
        );
        var spoilt = text.Replace(line, line.ToUpperInvariant(), StringComparison.Ordinal);
        if (spoilt == text)
            throw new InvalidOperationException($"{path} does not hold {line}.");
        await File.WriteAllTextAsync(path, spoilt, Encoding.Latin1, Stop);
    }

    public override async Task<IMailSource> ConnectAsync()
    {
        if (Changed)
        {
            _exports.Add(new FileHarness());
            await _exports[^1].ExportAsync(Mailbox.Session(), format);
            Changed = false;
        }
        return _session = await _exports[^1].OpenAsync(format);
    }

    public override ValueTask DisposeAsync()
    {
        _exports.ForEach(export => export.Dispose());
        return default;
    }
}
