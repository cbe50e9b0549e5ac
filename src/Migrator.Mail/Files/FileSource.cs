using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>Reads a mailbox out of local files: of <see cref="Export"/>, exactly as it was exported; of other programs, as well as
/// the format tells. Nothing is written.</summary>
/// <remarks>Octets of other programs' files get CRLF line ends where they have LF, as mail has on the wire. A file that
/// cannot be read, or is not what was exported, fails alone with <see cref="Reason.SourceUnreadable"/>.</remarks>
public sealed class FileSource : IMailSource
{
    private sealed record Entry(MailFolder Folder, string? Place, SidecarFolder? Exported);

    private readonly string _root;
    private readonly IFormatReader _reader;
    private readonly SidecarIndex? _index;
    private readonly Dictionary<FolderPath, Entry> _folders = [];
    private readonly List<string> _passedOver = [];
    private FolderContents? _open;

    private FileSource(string root, IFormatReader reader, SidecarIndex? index) => (_root, _reader, _index) = (root, reader, index);

    /// <summary>Files and directories below the root that were not taken for mail.</summary>
    public IReadOnlyList<string> PassedOver => _passedOver;

    private FolderContents Opened => _open ?? throw new InvalidOperationException("No folder is open.");

    /// <param name="directory">For <see cref="FileFormat.Mbox"/> also a single file.</param>
    /// <param name="cancellationToken">Ends the look at what is there.</param>
    /// <exception cref="MailException"><see cref="Reason.FilesUnreadable"/>; <see cref="Reason.ExportUnfinished"/>.</exception>
    public static Task<FileSource> OpenAsync(string directory, FileFormat format, CancellationToken cancellationToken) => Task.Run(() =>
    {
        var single = format == FileFormat.Mbox && File.Exists(directory) ? Path.GetFileName(directory) : null;
        var root = Path.GetFullPath(single is null ? directory : Path.GetDirectoryName(Path.GetFullPath(directory))!);
        if (!Directory.Exists(root))
            throw new MailException(Reason.FilesUnreadable, $"{directory}: there is no such directory.");
        var sidecar = Path.Combine(root, Sidecar.File);
        var index = single is null && File.Exists(sidecar) ? SidecarIndex.Load(sidecar, format, cancellationToken) : null;
        if (single is null && index is null && File.Exists(Path.Combine(root, Sidecar.Unfinished)))
            throw new MailException(Reason.ExportUnfinished, $"{directory}: the export into it was interrupted, and messages are missing.");
        IFormatReader reader = format switch
        {
            FileFormat.Mbox => new MboxReader(root, single),
            FileFormat.Maildir => new MaildirReader(root),
            _ => new EmlReader(root),
        };
        var source = new FileSource(root, reader, index);
        source.Find(cancellationToken);
        return source;
    }, cancellationToken);

    /// <remarks>The state is left out for an mbox of another program: it would have to be read as a whole.</remarks>
    public Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken) => Task.Run<IReadOnlyList<MailFolder>>(() =>
        [.. _folders.Values.Select(entry => entry.Place is null || (_reader.IsMbox && entry.Exported is null) ? entry.Folder
            : entry.Folder with { State = Contents(entry.Place, entry.Exported, cancellationToken).State })], cancellationToken);

    public Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken) => Task.Run(() =>
    {
        if (!_folders.TryGetValue(folder, out var entry))
            throw new MailException(Reason.FolderMissing, $"{_root}: there is no folder {folder}.");
        if (entry.Place is not { } place)
            throw new MailException(Reason.FolderRefused, $"{_root}: the folder {folder} holds no messages, only other folders.");
        _open = Contents(place, entry.Exported, cancellationToken);
        return _open.State;
    }, cancellationToken);

    public Task<IReadOnlyList<uint>> ListUidsAsync(uint from, CancellationToken cancellationToken) => Task.FromResult(Opened.Uids(from));

    public Task<IReadOnlyList<MessageSummary>> SummarizeAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<MessageSummary>>(() => [.. Summarize(uids, cancellationToken)], cancellationToken);

    public Task<IReadOnlyList<(uint Uid, FlagSet Flags)>> FlagsAsync(IReadOnlyList<uint> uids, ulong since, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<(uint, FlagSet)>>(() => [.. Summarize(uids, cancellationToken).Select(summary => (summary.Uid, summary.Flags))], cancellationToken);

    public Task FetchAsync(IReadOnlyList<uint> uids, IContentReceiver receiver, CancellationToken cancellationToken)
    {
        var slots = Opened.Find(uids).ToList();
        return new FileFetch(_root, _reader, receiver).RunAsync(slots, Exported(slots), cancellationToken);
    }

    public Task<IReadOnlyDictionary<uint, string>> SubjectsAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var slots = Opened.Find(uids).ToList();
        return Task.Run(() => FileFetch.Subjects(_root, _reader, slots, Exported(slots), cancellationToken), cancellationToken);
    }

    public ValueTask DisposeAsync() => default;

    private void Find(CancellationToken cancellationToken)
    {
        foreach (var exported in _index?.Header.Folders ?? [])
        {
            var use = Enum.TryParse<SpecialUse>(exported.Use, ignoreCase: true, out var known) ? known : SpecialUse.None;
            Add(Parse(exported.Path), exported.Place, use, exported.Subscribed, exported);
        }
        var places = (_index?.Header.Folders ?? []).Select(folder => folder.Place).OfType<string>().ToHashSet();
        foreach (var found in _reader.Find(_passedOver))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Beside an export, only what holds mail counts: directories come into being on the way to others.
            if (places.Contains(found.Place) || (_index is not null && _reader.Scan(found.Place, 0, cancellationToken).Count == 0))
                continue;
            var path = found.Path;
            for (var copy = 2; _folders.ContainsKey(path); copy++)
                path = new FolderPath([.. found.Path.Names.SkipLast(1), $"{found.Path.Name} ({copy})"]);
            Add(path, found.Place, path.IsInbox ? SpecialUse.Inbox : SpecialUse.None, found.Subscribed ?? true, null);
        }
    }

    private FolderPath Parse(string path)
    {
        try
        {
            return FolderPath.Parse(path);
        }
        catch (FormatException exception)
        {
            throw new MailException(Reason.FilesUnreadable, $"{Path.Combine(_root, Sidecar.File)}: {exception.Message}", exception);
        }
    }

    private void Add(FolderPath path, string? place, SpecialUse use, bool subscribed, SidecarFolder? exported)
    {
        if (place is not null)
            FileFetch.Below(_root, place);
        _folders[path] = new Entry(new MailFolder(path, use, place is not null, subscribed, null), place, exported);
    }

    private FolderContents Contents(string place, SidecarFolder? exported, CancellationToken cancellationToken) =>
        FolderContents.Read(_root, _reader, place, _index, exported, cancellationToken);

    private IEnumerable<MessageSummary> Summarize(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var slots = Opened.Find(uids).ToList();
        var exported = Exported(slots);
        foreach (var slot in slots)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (exported.TryGetValue(slot.Uid, out var message))
                yield return new MessageSummary(slot.Uid, message.Size, slot.File is null ? FlagSet.Parse(message.Flags) : _reader.Changed(message, slot.File), message.InternalDate);
            else if (_reader.Describe(slot.Uid, Opened.Place, slot.Found) is { } described)
                yield return described;
        }
    }

    private Dictionary<uint, SidecarMessage> Exported(List<FolderContents.Slot> slots) =>
        _index?.Read(slots.Where(slot => slot.IsExported).Select(slot => slot.Line)).ToDictionary(message => message.Uid) ?? [];
}
