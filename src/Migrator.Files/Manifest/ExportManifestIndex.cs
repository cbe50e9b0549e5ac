using System.Text.Json;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Files.Disk;

namespace Migrator.Files.Manifest;

/// <summary>The sidecar of an export, read. Of each message only its UID and the place of its line are held.</summary>
internal sealed class ExportManifestIndex
{
    /// <param name="At">Where the line begins.</param>
    public readonly record struct Line(Uid Uid, long At, int Length);

    // The first line has all folders; whatever is longer was not written by an export.
    private const int MostOfLine = 64 << 20;

    private readonly string _path;
    private readonly Dictionary<string, List<Line>> _lines = [];

    private ExportManifestIndex(string path, ExportManifestHeader header)
    {
        (_path, Header) = (path, header);
        foreach (var folder in header.Folders)
        {
            if (!_lines.TryAdd(folder.Path, []))
                throw new MailException(Reason.FilesUnreadable, $"{path}: the folder {folder.Path} is in it twice.");
        }
    }

    public ExportManifestHeader Header { get; }

    /// <summary>Ascending by UID.</summary>
    public IReadOnlyList<Line> Lines(ExportManifestFolder folder) => _lines[folder.Path];

    /// <exception cref="MailException"><see cref="Reason.FilesUnreadable"/>: it is cut short, or not one.</exception>
    public static ExportManifestIndex Load(string path, FileFormat format, CancellationToken cancellationToken)
    {
        ExportManifestIndex? index = null;
        var number = 0;
        foreach (var (at, line) in ReadLines(path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            number++;
            if (index is null)
            {
                index = new ExportManifestIndex(path, Parse<ExportManifestHeader>(path, number, line.Span));
                index.Check(format);
                continue;
            }
            var message = Parse<ExportManifestMessage>(path, number, line.Span);
            if (!index._lines.TryGetValue(message.Folder, out var lines))
                throw new MailException(
                    Reason.FilesUnreadable,
                    $"{path}, line {number}: the folder {message.Folder} is not in the first line."
                );
            if (!message.Uid.IsKnown || message.Size < 0 || message.Offset < 0)
                throw new MailException(Reason.FilesUnreadable, $"{path}, line {number}: uid must be above 0, size and offset not below.");
            lines.Add(new Line(message.Uid, at, line.Length));
        }
        if (index is null)
            throw new MailException(Reason.FilesUnreadable, $"{path}: the file is empty.");
        foreach (var folder in index.Header.Folders)
        {
            var lines = index._lines[folder.Path];
            lines.Sort((a, b) => a.Uid.CompareTo(b.Uid));
            if (lines.Zip(lines.Skip(1)).Any(pair => pair.First.Uid == pair.Second.Uid))
                throw new MailException(Reason.FilesUnreadable, $"{path}: two messages of {folder.Path} have one UID.");
            if (lines.Count != folder.Messages)
                throw new MailException(
                    Reason.FilesUnreadable,
                    $"{path}: it should have {folder.Messages:N0} lines about {folder.Path} and has {lines.Count:N0}; it was "
                        + "changed or cut short."
                );
        }
        return index;
    }

    /// <summary>The lines at these places, in the same order.</summary>
    public IEnumerable<ExportManifestMessage> Read(IEnumerable<Line> lines)
    {
        using var file = FileErrors.Open(_path);
        foreach (var line in lines)
        {
            var bytes = new byte[line.Length];
            if (FileErrors.Read(_path, file, bytes, line.At) != line.Length)
                throw new MailException(Reason.FilesUnreadable, $"{_path}: it was cut short while it was read.");
            yield return Parse<ExportManifestMessage>(_path, 0, bytes);
        }
    }

    private void Check(FileFormat format)
    {
        if (Header.MigratorExport > ExportManifest.Version)
            throw new MailException(Reason.FilesUnreadable, $"{_path}: a newer version of this program wrote it.");
        if (!Header.Format.Equals(format.ToString(), StringComparison.OrdinalIgnoreCase))
            throw new MailException(
                Reason.FilesUnreadable,
                $"{_path}: these files are {Header.Format}, not {format.ToString().ToLowerInvariant()}."
            );
    }

    private static IEnumerable<(long At, ReadOnlyMemory<byte> Line)> ReadLines(string path)
    {
        using var file = FileErrors.Open(path);
        var buffer = new byte[1 << 16];
        var (filled, at) = (0, 0L);
        while (true)
        {
            if (filled > MostOfLine)
                throw new MailException(Reason.FilesUnreadable, $"{path}: a line is longer than {MostOfLine >> 20} MiB.");
            if (filled == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
            var count = FileErrors.Read(path, file, buffer.AsSpan(filled), at + filled);
            filled += count;
            var start = 0;
            while (buffer.AsSpan(start, filled - start).IndexOf((byte)'\n') is >= 0 and var length)
            {
                yield return (at + start, buffer.AsMemory(start, length));
                start += length + 1;
            }
            if (count == 0)
            {
                // A last line without end was cut short: it fails to parse, or the count shows it.
                if (filled > start)
                    yield return (at + start, buffer.AsMemory(start, filled - start));
                yield break;
            }
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            (filled, at) = (filled - start, at + start);
        }
    }

    private static T Parse<T>(string path, int number, ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ExportManifest.Json<T>()) ?? throw new JsonException("it is null.");
        }
        catch (JsonException exception)
        {
            throw new MailException(
                Reason.FilesUnreadable,
                $"{path}{(number > 0 ? $", line {number}" : "")}: {exception.Message}",
                exception
            );
        }
    }
}
