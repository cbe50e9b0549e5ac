using Migrator.Core.Failures;
using Migrator.Files.Disk;
using Migrator.Files.Findings;
using Migrator.Files.Messages;

namespace Migrator.Files.Mbox;

/// <summary>An mbox that was looked through: where its messages are, and how they are written.</summary>
internal sealed class MboxFile
{
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    private readonly List<(FoundMessage Message, string? Labels, string? GmailId)> _messages;

    private MboxFile(List<(FoundMessage, string?, string?)> messages) => _messages = messages;

    public IEnumerable<FoundMessage> Messages => _messages.Select(entry => entry.Message);

    public IReadOnlyList<(FoundMessage Message, string? Labels, string? GmailId)> Labelled => _messages;

    public bool HasLabels => _messages.Exists(entry => entry.Labels is not null);

    /// <summary>Looks whether a file begins as an mbox does: blank lines may come first, then a separator, or a line like one with a header
    /// after it. A text that begins with the word "From " is none. An empty file is an empty folder.</summary>
    /// <returns>What its first separator is; null where it is not an mbox.</returns>
    public static SeparatorKind? Begins(string path, out bool isWide)
    {
        var head = new byte[4096];
        isWide = false;
        try
        {
            using var handle = FileErrors.Open(path);
            head = head[..FileErrors.Read(path, handle, head, 0)];
        }
        catch (MailException)
        {
            // It may be one: its folder says why it cannot be read.
            return SeparatorKind.None;
        }
        if (head.Length == 0)
            return SeparatorKind.None;
        isWide = WideText.IsWide(head);
        var text = head.AsSpan();
        if (text.StartsWith(Mark))
            text = text[Mark.Length..];
        text = text.TrimStart("\r\n"u8);
        if (!text.StartsWith("From "u8))
            return null;
        var end = text.IndexOfAny((byte)'\r', (byte)'\n');
        var kind = Separators.Kind(end < 0 ? text : text[..end]);
        return kind != SeparatorKind.None || (end > 0 && HeaderLine.Name(text[end..].TrimStart("\r\n"u8)) is not null) ? kind : null;
    }

    /// <exception cref="MailException"><see cref="Reason.FolderFilesUnreadable"/>: it cannot be read, or changed meanwhile.</exception>
    public static MboxFile Read(string path, string place, long from, FileFindings findings, CancellationToken cancellationToken)
    {
        using var handle = FileErrors.Open(path, Reason.FolderFilesUnreadable);
        var stamp = FileStamp.Of(handle);
        var head = new byte[Mark.Length];
        var begin =
            from == 0
            && FileErrors.Read(path, handle, head, 0, Reason.FolderFilesUnreadable) == head.Length
            && head.AsSpan().SequenceEqual(Mark)
                ? Mark.Length
                : from;
        var scan = new MboxScan(path, handle);
        scan.Run(begin, cancellationToken);
        if (FileStamp.Of(handle) != stamp)
            throw new MailException(Reason.FolderFilesUnreadable, $"{path}: it was changed while it was read.");

        if (begin > from)
            findings.Add(FileFinding.Mark, place);
        if (scan.BeginsWithText)
            findings.Add(FileFinding.TextBefore, $"{place}, byte {begin:N0}");
        if (scan.CarriageReturns && scan.Candidates.Count > 0)
            findings.Add(FileFinding.CarriageReturns, place);
        var parts = new MboxDecision(place, scan, findings, wholeFile: from == 0).Run();
        if (scan.QuotedLines > 0 && parts.Exists(part => !IsQuoted(part.Begins, parts[0].Begins)))
            findings.Add(FileFinding.QuotedKept, place);
        var messages = new List<(FoundMessage, string?, string?)>(parts.Count);
        var texts = new Dictionary<string, string>();
        foreach (var (begins, end) in parts)
        {
            if (begins.OfFolder)
            {
                findings.Add(FileFinding.FolderData, place);
                continue;
            }
            var form =
                scan.CarriageReturns ? MessageForm.CarriageReturns
                : IsQuoted(begins, parts[0].Begins) ? MessageForm.Quoted
                : MessageForm.Plain;
            var labels =
                begins.Labels is null ? null
                : texts.TryGetValue(begins.Labels, out var known) ? known
                : texts[begins.Labels] = begins.Labels;
            messages.Add((new FoundMessage(place, begins.Start, end - begins.Start, stamp, form), labels, begins.GmailId));
        }
        return new MboxFile(messages);
    }

    // Thunderbird has quoted reversibly since it writes bare separators; of what it and others wrote before, nobody can tell.
    private static bool IsQuoted(MboxCandidate begins, MboxCandidate first) =>
        begins.Kind == SeparatorKind.Own || (begins.Kind == SeparatorKind.Bare && (begins.OfMozilla || first.Kind == SeparatorKind.Bare));
}
