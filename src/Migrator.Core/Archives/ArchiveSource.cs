using Migrator.Core.Archives.Search;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Reads a mailbox as it was at the moment of a snapshot. Every message is examined before it is returned: what is not what was
/// stored is not passed on.</summary>
public sealed class ArchiveSource : IMailSource
{
    private static readonly Comparer<ArchivedMessage> s_byUid = Comparer<ArchivedMessage>.Create((a, b) => a.Uid.CompareTo(b.Uid));

    private readonly ObjectReader _reader;
    private readonly Snapshot _snapshot;
    private List<ArchivedMessage>? _messages;
    private FolderPath? _open;
    private bool _ended;

    // Where only some messages are returned: these, by folder.
    private IReadOnlyDictionary<FolderPath, List<ArchivedMessage>>? _chosen;

    internal ArchiveSource(Archive archive, ArchiveIndex index, Snapshot snapshot) =>
        (_reader, _snapshot) = (new ObjectReader(archive, index), snapshot);

    /// <returns>Opens as many sessions as are wanted; the index is loaded once for all of them.</returns>
    /// <exception cref="StorageException">The index cannot be read.</exception>
    public static async Task<Func<CancellationToken, Task<IMailSource>>> SessionsAsync(
        Archive archive,
        Snapshot snapshot,
        CancellationToken cancellationToken
    )
    {
        var index = await archive.IndexAsync(cancellationToken);
        return _ => Task.FromResult<IMailSource>(new ArchiveSource(archive, index, snapshot));
    }

    /// <summary>The same, of messages that somebody has chosen and nothing else.</summary>
    /// <inheritdoc cref="SessionsAsync(Archive, Snapshot, CancellationToken)"/>
    public static async Task<Func<CancellationToken, Task<IMailSource>>> SessionsAsync(
        Archive archive,
        ChosenMessages chosen,
        CancellationToken cancellationToken
    )
    {
        var index = await archive.IndexAsync(cancellationToken);
        return _ => Task.FromResult<IMailSource>(new ArchiveSource(archive, index, chosen.Snapshot) { _chosen = chosen.Messages });
    }

    private List<ArchivedMessage> Opened => _messages ?? throw new InvalidOperationException("No folder is open.");

    public Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken)
    {
        ThrowIfEnded(cancellationToken);
        return Task.FromResult<IReadOnlyList<MailFolder>>([
            .. _snapshot.Folders.Select(folder => new MailFolder(
                folder.Path,
                folder.Use,
                folder.Selectable,
                folder.Subscribed,
                folder.Selectable ? State(folder) : null
            )),
        ]);
    }

    public async Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        ThrowIfEnded(cancellationToken);
        var messages = _open == folder ? _messages : null;
        (_open, _messages) = (null, null);
        var record =
            _snapshot.Folders.FirstOrDefault(candidate => candidate.Path == folder && candidate.Selectable)
            ?? throw new MailException(Reason.FolderMissing, $"{folder}: the snapshot of {_snapshot.Finished:u} has no such folder.");
        try
        {
            messages ??= _chosen is not null ? _chosen[folder] : await SnapshotPages.ReadAsync(_reader, record, cancellationToken);
        }
        catch (StorageException exception)
        {
            throw ArchiveContents.IsDamage(exception)
                ? new MailException(Reason.FolderUnreadable, $"{folder}: {exception.Message}", exception)
                : Lost(exception);
        }
        (_open, _messages) = (folder, messages);
        return State(record);
    }

    public Task<IReadOnlyList<Uid>> ListUidsAsync(Uid from, CancellationToken cancellationToken)
    {
        ThrowIfEnded(cancellationToken);
        return Task.FromResult<IReadOnlyList<Uid>>([.. Opened.Where(message => message.Uid >= from).Select(message => message.Uid)]);
    }

    public Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken)
    {
        ThrowIfEnded(cancellationToken);
        return Task.FromResult<IReadOnlyList<MessageSummary>>([
            .. Messages(uids).Select(message => new MessageSummary(message.Uid, message.Size, message.Flags, message.Date)),
        ]);
    }

    // A snapshot does not change: nothing has changed since any moment, but the caller may know nothing at all (0).
    public Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<Uid> uids,
        ulong since,
        CancellationToken cancellationToken
    )
    {
        ThrowIfEnded(cancellationToken);
        return Task.FromResult<IReadOnlyList<(Uid, FlagSet)>>([.. Messages(uids).Select(message => (message.Uid, message.Flags))]);
    }

    /// <summary>What a message of the open folder has to hold; null where there is none of this UID.</summary>
    internal ContentId? ContentOf(Uid uid) => Place(uid) is >= 0 and var place ? Opened[place].Content : null;

    public async Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken)
    {
        ThrowIfEnded(cancellationToken);
        StorageException? damage = null,
            receivers = null;
        try
        {
            await _reader.ReadAsync(
                [.. Messages(uids)],
                message => new HashStream(receiver.Open(message.Uid, message.Size)),
                async (message, stream) =>
                {
                    var checking = (HashStream)stream;
                    if (checking.Finish() != message.Content || checking.Length != message.Size)
                    {
                        await checking.DisposeAsync();
                        return false;
                    }
                    try
                    {
                        await receiver.CompleteAsync(message.Uid, checking.Inner!, null, cancellationToken);
                    }
                    catch (StorageException exception)
                    {
                        // A full disk at the receiver must not be taken for damage of the archive.
                        receivers = exception;
                        throw;
                    }
                    return true;
                },
                (_, exception) =>
                {
                    damage ??= ArchiveContents.MayBeElsewhere(exception) ? exception : throw exception;
                    return default;
                },
                cancellationToken
            );
        }
        catch (StorageException exception) when (exception != receivers)
        {
            throw Lost(exception);
        }
        if (damage is not null)
            throw new MailException(damage.Reason == Reason.BlobOffline ? damage.Reason : Reason.SourceUnreadable, damage.Message, damage);
    }

    // Subjects are for reports of failed messages: of those, the archive has nothing to read.
    public Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken)
    {
        ThrowIfEnded(cancellationToken);
        _ = Opened;
        return Task.FromResult<IReadOnlyDictionary<Uid, string>>(new Dictionary<Uid, string>());
    }

    public ValueTask DisposeAsync()
    {
        _ended = true;
        _reader.Dispose();
        return default;
    }

    /// <summary>Those of these that there are, ascending; without going through the whole folder for each chunk of it.</summary>
    private IEnumerable<ArchivedMessage> Messages(IReadOnlyList<Uid> uids) =>
        uids.Distinct().Order().Select(Place).Where(place => place >= 0).Select(place => Opened[place]);

    /// <returns>Negative where there is none of this UID.</returns>
    private int Place(Uid uid) => Opened.BinarySearch(new ArchivedMessage { Uid = uid }, s_byUid);

    private void ThrowIfEnded(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_ended, this);
    }

    private static FolderState State(SnapshotFolder folder) =>
        (folder.State ?? new FolderState(1, 0, 0, 0)) with
        {
            HighestModSeq = 0,
            Count = folder.Count,
        };

    /// <summary>A store that is away may come back; what it refuses, or has taken offline, it does the next time too.</summary>
    private static MailException Lost(StorageException exception) =>
        new(exception.Reason == Reason.StoreUnreachable ? Reason.ConnectionLost : exception.Reason, exception.Message, exception);
}
