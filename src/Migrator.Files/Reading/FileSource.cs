using System.Collections.Concurrent;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Mail;
using Migrator.Files.Disk;
using Migrator.Files.Findings;
using Migrator.Files.Manifest;

namespace Migrator.Files.Reading;

/// <summary>Reads a mailbox out of local files: of an export, exactly as it was exported; of other programs, as well as the format tells.
/// Nothing is written.</summary>
/// <remarks>Bytes of other programs' files get CRLF line ends where they have LF, as mail has on the wire. A file that
/// cannot be read, or is not what was exported, fails alone with <see cref="Reason.SourceUnreadable"/>.</remarks>
public sealed class FileSource : IMailSource
{
    private sealed record Entry(MailFolder Folder, string? Place, ExportManifestFolder? Exported);

    // Shared by all sessions of an import: what was decided about the files holds for each of them.
    private sealed record Files(string Root, IFormatReader Reader, ExportManifestIndex? Index, string? Only, FileFindings Findings)
    {
        public Dictionary<FolderPath, Entry> Folders { get; } = [];

        public ConcurrentDictionary<string, UidValidity> Validities { get; } = [];
    }

    private readonly Files _files;
    private readonly string _root;
    private readonly IFormatReader _reader;
    private readonly ExportManifestIndex? _index;
    private readonly Dictionary<FolderPath, Entry> _folders;
    private FolderContents? _open;
    private FolderPath? _opened;
    private bool _ended;

    private FileSource(Files files) =>
        (_files, _root, _reader, _index, _folders) = (files, files.Root, files.Reader, files.Index, files.Folders);

    /// <summary>Files and directories below the root that were not taken for mail.</summary>
    public IReadOnlyCollection<string> PassedOver => _files.Findings.Places(FileFinding.Other);

    /// <summary>What is to be said about the files, by all sessions.</summary>
    public FileFindings Findings => _files.Findings;

    /// <remarks>Thunderbird does so in its kind of Maildir too. An export is read as it was written.</remarks>
    public bool KeepsFlagsInHeaders => _index is null;

    private FolderContents Opened => _open ?? throw new InvalidOperationException("No folder is open.");

    /// <param name="directory">For <see cref="FileFormat.Mbox"/> also a single file.</param>
    /// <param name="cancellationToken">Ends the look at what is there.</param>
    /// <param name="labels">Labels in the files of a Google Takeout become folders and flags.</param>
    /// <exception cref="MailException"><see cref="Reason.FilesUnreadable"/>; <see cref="Reason.ExportUnfinished"/>;
    /// <see cref="Reason.NothingToImport"/>.</exception>
    public static Task<FileSource> OpenAsync(
        string directory,
        FileFormat format,
        CancellationToken cancellationToken,
        bool labels = true
    ) =>
        Task.Run(
            () =>
            {
                if (RegularFile.KindOfTarget(directory) == EntryKind.Special)
                    throw new MailException(Reason.FilesUnreadable, $"{directory}: {RegularFile.Words(EntryKind.Special)}.");
                var named =
                    format == FileFormat.Mbox && File.Exists(directory)
                        ? File.ResolveLinkTarget(directory, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(directory)
                        : null;
                var single = Path.GetFileName(named);
                var parent = named is null ? directory : Path.GetDirectoryName(named)!;
                if (!Directory.Exists(parent))
                    throw new MailException(Reason.FilesUnreadable, $"{directory}: there is no such directory.");
                var root = RegularFile.Canonical(parent);
                var index = Index(root, single, format, cancellationToken);
                if (single is null && index is null && File.Exists(Path.Combine(root, ExportManifest.Unfinished)))
                    throw new MailException(
                        Reason.ExportUnfinished,
                        $"{directory}: the export into it was interrupted, and messages are missing."
                    );
                var (dates, findings) = (new MessageDates(TimeProvider.System), new FileFindings());
                IFormatReader reader = format switch
                {
                    FileFormat.Mbox => new MboxReader(root, single, labels && index is null, dates, findings),
                    FileFormat.Maildir => new MaildirReader(root, dates, findings),
                    _ => new EmlReader(root, dates, findings),
                };
                var source = new FileSource(new Files(root, reader, index, single, findings));
                source.Find(cancellationToken);
                if (index is null && source.IsEmpty(cancellationToken))
                    throw new MailException(Reason.NothingToImport, $"{directory}: {FileSurvey.Words(root, single, format)}.");
                return source;
            },
            cancellationToken
        );

    /// <summary>Another session that reads the same files.</summary>
    public FileSource Again() => new(_files);

    /// <remarks>Looks whether somebody wrote to the files since they were listed, and puts it among the findings.</remarks>
    public Task<MailException?> ShortfallAsync(CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                foreach (var entry in _folders.Values.Where(entry => entry.Place is not null && _files.Validities.ContainsKey(entry.Place)))
                {
                    var now = Contents(entry.Place!, entry.Exported, cancellationToken);
                    if (now.Validity != _files.Validities[entry.Place!])
                        Findings.Add(FileFinding.Changed, entry.Place!.Length == 0 ? "INBOX" : entry.Place);
                    foreach (
                        var (file, _) in _reader.IsMbox
                            ? now.Others.Where(other => FileStamp.Of(new FileInfo(Path.Combine(_root, other.File))) != other.Stamp)
                            : []
                    )
                        Findings.Add(FileFinding.Changed, file);
                }
                return Findings.Shortfall is { } words ? new MailException(Reason.FileUnreadable, words) : null;
            },
            cancellationToken
        );

    /// <summary>The file that holds a message, for people; null where there is none.</summary>
    public async Task<string?> FileOfAsync(FolderPath folder, Uid uid, CancellationToken cancellationToken)
    {
        if (!_folders.ContainsKey(folder))
            return null;
        if (_open is null || _opened != folder)
            await OpenAsync(folder, cancellationToken);
        return Opened.Find([uid]).ToList() is not [{ File: { } file } slot] ? null
            : _reader.IsMbox && !slot.IsExported ? $"{file}, byte {slot.Offset:N0}"
            : file;
    }

    /// <remarks>The state is left out for an mbox of another program: it would have to be read as a whole.</remarks>
    public Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken) =>
        InSession<IReadOnlyList<MailFolder>>(
            () =>
                [
                    .. _folders.Values.Select(entry =>
                        entry.Place is null || (_reader.IsMbox && entry.Exported is null)
                            ? entry.Folder
                            : entry.Folder with
                            {
                                State = State(entry, cancellationToken),
                            }
                    ),
                ],
            cancellationToken
        );

    public Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken) =>
        InSession(
            () =>
            {
                (_open, _opened) = (null, null);
                if (!_folders.TryGetValue(folder, out var entry))
                    throw new MailException(Reason.FolderMissing, $"{_root}: there is no folder {folder}.");
                if (entry.Place is not { } place)
                    throw new MailException(Reason.FolderRefused, $"{_root}: the folder {folder} has no messages, only other folders.");
                (_open, _opened) = (Contents(place, entry.Exported, cancellationToken), folder);
                _files.Validities.TryAdd(place, _open.Validity);
                return _open.State;
            },
            cancellationToken
        );

    public Task<UidSet> ListUidsAsync(Uid from, CancellationToken cancellationToken) =>
        InSession(() => Opened.Uids(from), cancellationToken);

    public Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        InSession<IReadOnlyList<MessageSummary>>(() => [.. Summarize(uids, cancellationToken)], cancellationToken);

    public Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<Uid> uids,
        ulong since,
        CancellationToken cancellationToken
    ) =>
        InSession<IReadOnlyList<(Uid, FlagSet)>>(
            () => [.. Summarize(uids, cancellationToken).Select(summary => (summary.Uid, summary.Flags))],
            cancellationToken
        );

    public Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        cancellationToken.ThrowIfCancellationRequested();
        var slots = Opened.Find(uids).ToList();
        return new FileFetch(_root, _reader, Findings, Opened.Place, receiver).RunAsync(slots, Exported(slots), cancellationToken);
    }

    public Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        InSession(
            () =>
            {
                var slots = Opened.Find(uids).ToList();
                return FileFetch.Subjects(_root, _reader, slots, Exported(slots), cancellationToken);
            },
            cancellationToken
        );

    public ValueTask DisposeAsync()
    {
        _ended = true;
        return default;
    }

    private Task<T> InSession<T>(Func<T> call, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        return Task.Run(call, cancellationToken);
    }

    // One file of an export is as exact as all of it, where the sidecar lies beside it.
    private static ExportManifestIndex? Index(string root, string? single, FileFormat format, CancellationToken cancellationToken)
    {
        var sidecar = Path.Combine(root, ExportManifest.File);
        if (!File.Exists(sidecar))
            return null;
        try
        {
            var index = ExportManifestIndex.Load(sidecar, format, cancellationToken);
            return single is null || index.Header.Folders.Any(folder => folder.Place == single) ? index : null;
        }
        catch (MailException) when (single is not null)
        {
            return null;
        }
    }

    private void Find(CancellationToken cancellationToken)
    {
        var exportedFolders = (_index?.Header.Folders ?? []).Where(folder => _files.Only is null || folder.Place == _files.Only).ToList();
        foreach (var exported in exportedFolders)
        {
            var use = Enum.TryParse<SpecialUse>(exported.Use, ignoreCase: true, out var known) ? known : SpecialUse.None;
            var path = Parse(exported.Path);
            if (_folders.ContainsKey(path))
                throw new MailException(
                    Reason.FilesUnreadable,
                    $"{Path.Combine(_root, ExportManifest.File)}: the folder {path} is in it twice."
                );
            Add(path, exported.Place, use, exported.Subscribed, exported);
        }
        var places = exportedFolders.Select(folder => folder.Place).OfType<string>().ToHashSet();
        foreach (var found in _reader.Find(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Beside an export, only what holds mail counts: directories come into being on the way to others.
            if (places.Contains(found.Place) || (_index is not null && _reader.Scan(found.Place, 0, cancellationToken).Count == 0))
                continue;
            var path = found.Path;
            for (var copy = 2; _folders.ContainsKey(path); copy++)
                path = new FolderPath([.. found.Path.Names.SkipLast(1), $"{found.Path.Name} ({copy})"]);
            if (path != found.Path)
                Findings.Add(FileFinding.SameFolder, $"{found.Place} is {path}");
            Add(path, found.Place, path == found.Path ? found.Use : SpecialUse.None, found.Subscribed ?? true, null);
        }
    }

    // What cannot be read is not nothing.
    private bool IsEmpty(CancellationToken cancellationToken) =>
        _folders.Values.All(entry => State(entry, cancellationToken) is { Count: 0 });

    /// <returns>Null where the folder cannot be read, which it says when it is opened.</returns>
    private FolderState? State(Entry entry, CancellationToken cancellationToken)
    {
        try
        {
            return Contents(entry.Place!, entry.Exported, cancellationToken).State;
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Folder)
        {
            return null;
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
            throw new MailException(Reason.FilesUnreadable, $"{Path.Combine(_root, ExportManifest.File)}: {exception.Message}", exception);
        }
    }

    private void Add(FolderPath path, string? place, SpecialUse use, bool subscribed, ExportManifestFolder? exported)
    {
        if (place is not null)
            FileFetch.Below(_root, place);
        _folders[path] = new Entry(new MailFolder(path, use, place is not null, subscribed, null), place, exported);
    }

    private FolderContents Contents(string place, ExportManifestFolder? exported, CancellationToken cancellationToken) =>
        FolderContents.Read(_root, _reader, place, _index, exported, cancellationToken);

    private IEnumerable<MessageSummary> Summarize(IReadOnlyList<Uid> uids, CancellationToken cancellationToken)
    {
        var slots = Opened.Find(uids).ToList();
        var exported = Exported(slots);
        foreach (var slot in slots)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return exported.TryGetValue(slot.Uid, out var message)
                ? new MessageSummary(
                    slot.Uid,
                    message.Size,
                    slot.File is null ? FlagSet.Parse(message.Flags) : _reader.Changed(message, slot.File),
                    message.InternalDate
                )
                : Describe(slot);
        }
    }

    private MessageSummary Describe(FolderContents.Slot slot)
    {
        var found = FileFetch.Present(_root, _reader, Opened.Place, slot.Found);
        try
        {
            var details = _reader.Describe(Opened.Place, found);
            Findings.Dated(Opened.Place, slot.Uid, details.Source);
            return new MessageSummary(slot.Uid, details.Size, details.Flags, details.Date);
        }
        catch (MailException exception) when (exception.Reason == Reason.SourceUnreadable)
        {
            // It is listed all the same, so that it fails separately, with this reason, when its bytes are asked for.
            return new MessageSummary(slot.Uid, Math.Max(slot.Length, slot.Stamp.Size), FlagSet.None, slot.Stamp.ModifiedAt);
        }
    }

    private Dictionary<Uid, ExportManifestMessage> Exported(List<FolderContents.Slot> slots) =>
        _index?.Read(slots.Where(slot => slot.IsExported).Select(slot => slot.Line)).ToDictionary(message => message.Uid) ?? [];
}
