using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Migrator.Core.Archives.Search;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Reads a mailbox as it was at the moment of a snapshot. Every message is examined before it is returned: what is not what was
/// stored is not passed on.</summary>
public sealed class ArchiveSource : IMailSource
{
    // A secret of this process: of ids that are part of a hash, somebody could send two messages that have the same.
    private static readonly byte[] s_idKey = RandomNumberGenerator.GetBytes(32);

    private readonly ObjectReader _reader;
    private readonly Snapshot _snapshot;
    private readonly FoldersByPath _folders;
    private FolderMessages? _messages;
    private FolderPath? _open;
    private bool _ended;

    // Where only some messages are returned: these, by folder.
    private IReadOnlyDictionary<FolderPath, List<ArchivedMessage>>? _chosen;

    /// <param name="folders">Those that hold messages; the same for all sessions with one snapshot.</param>
    private ArchiveSource(Archive archive, ArchiveIndex index, Snapshot snapshot, FoldersByPath folders) =>
        (_reader, _snapshot, _folders) = (new ObjectReader(archive, index), snapshot, folders);

    /// <param name="chosen">By folder, the messages that are returned; null for all.</param>
    /// <returns>Opens as many sessions as are wanted.</returns>
    internal static Func<ArchiveSource> Sessions(
        Archive archive,
        ArchiveIndex index,
        Snapshot snapshot,
        IReadOnlyDictionary<FolderPath, List<ArchivedMessage>>? chosen = null
    )
    {
        var folders = new FoldersByPath(snapshot.Folders.Where(folder => folder.Selectable));
        return () => new ArchiveSource(archive, index, snapshot, folders) { _chosen = chosen };
    }

    /// <returns>Opens as many sessions as are wanted; the index is loaded once for all of them.</returns>
    /// <exception cref="StorageException">The index cannot be read.</exception>
    public static async Task<Func<CancellationToken, Task<IMailSource>>> SessionsAsync(
        Archive archive,
        Snapshot snapshot,
        CancellationToken cancellationToken
    )
    {
        var sessions = Sessions(archive, await archive.IndexAsync(cancellationToken), snapshot);
        return _ => Task.FromResult<IMailSource>(sessions());
    }

    /// <summary>The same, of messages that somebody has chosen and nothing else.</summary>
    /// <inheritdoc cref="SessionsAsync(Archive, Snapshot, CancellationToken)"/>
    public static async Task<Func<CancellationToken, Task<IMailSource>>> SessionsAsync(
        Archive archive,
        ChosenMessages chosen,
        CancellationToken cancellationToken
    )
    {
        var sessions = Sessions(archive, await archive.IndexAsync(cancellationToken), chosen.Snapshot, chosen.Messages);
        return _ => Task.FromResult<IMailSource>(sessions());
    }

    /// <summary>By content: each is stored once, whatever folders contain it.</summary>
    public bool IdentifiesMessages => true;

    private FolderMessages Opened => _messages ?? throw new InvalidOperationException("No folder is open.");

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
            _folders.Find(folder)
            ?? throw new MailException(Reason.FolderMissing, $"{folder}: the snapshot of {_snapshot.Finished:u} has no such folder.");
        try
        {
            messages ??= _chosen is not null
                ? FolderMessages.Of(_chosen[folder])
                : await FolderMessages.OpenAsync(_reader, record, cancellationToken);
        }
        catch (StorageException exception)
        {
            throw Unreadable(folder, exception);
        }
        (_open, _messages) = (folder, messages);
        return State(record);
    }

    public Task<UidSet> ListUidsAsync(Uid from, CancellationToken cancellationToken)
    {
        ThrowIfEnded(cancellationToken);
        return Task.FromResult(Opened.UidsFrom(from));
    }

    public async Task<IReadOnlyList<(Uid Uid, ulong Id)>> FetchIdsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken)
    {
        ThrowIfEnded(cancellationToken);
        var ids = new List<(Uid, ulong)>(uids.Count);
        await foreach (var some in MessagesAsync(uids, cancellationToken))
            ids.AddRange(some.Select(message => (message.Uid, IdOf(message.Content))));
        return ids;
    }

    public async Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken)
    {
        ThrowIfEnded(cancellationToken);
        var summaries = new List<MessageSummary>(uids.Count);
        await foreach (var some in MessagesAsync(uids, cancellationToken))
            summaries.AddRange(some.Select(message => new MessageSummary(message.Uid, message.Size, message.Flags, message.Date)));
        return summaries;
    }

    // A snapshot does not change: nothing has changed since any moment, but the caller may know nothing at all (0).
    public async Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<Uid> uids,
        ulong since,
        CancellationToken cancellationToken
    )
    {
        ThrowIfEnded(cancellationToken);
        var flags = new List<(Uid, FlagSet)>(uids.Count);
        await foreach (var some in MessagesAsync(uids, cancellationToken))
            flags.AddRange(some.Select(message => (message.Uid, message.Flags)));
        return flags;
    }

    /// <summary>What a message of the open folder has to hold; null where there is none of this UID.</summary>
    internal async ValueTask<ContentId?> ContentOfAsync(Uid uid, CancellationToken cancellationToken)
    {
        ThrowIfEnded(cancellationToken);
        await foreach (var some in MessagesAsync([uid], cancellationToken))
            return some[0].Content;
        return null;
    }

    public async Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken)
    {
        ThrowIfEnded(cancellationToken);
        StorageException? damage = null;
        await foreach (var some in MessagesAsync(uids, cancellationToken))
        {
            var failure = await FetchAsync(some, receiver, cancellationToken);
            damage ??= failure;
        }
        if (damage is not null)
            throw new MailException(damage.Reason == Reason.BlobOffline ? damage.Reason : Reason.SourceUnreadable, damage.Message, damage);
    }

    /// <returns>Why some could not be read; null where all were.</returns>
    private async Task<StorageException?> FetchAsync(
        IReadOnlyList<ArchivedMessage> messages,
        IContentSink receiver,
        CancellationToken cancellationToken
    )
    {
        StorageException? damage = null,
            receivers = null;
        try
        {
            await _reader.ReadAsync(
                messages,
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
        return damage;
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

    /// <inheritdoc cref="FolderMessages.ReadAsync"/>
    private async IAsyncEnumerable<IReadOnlyList<ArchivedMessage>> MessagesAsync(
        IReadOnlyList<Uid> uids,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (folder, pages) = (_open, Opened.ReadAsync(uids, cancellationToken).GetAsyncEnumerator(cancellationToken));
        await using (pages)
        {
            while (await NextAsync())
                yield return pages.Current;
        }

        async ValueTask<bool> NextAsync()
        {
            try
            {
                return await pages.MoveNextAsync();
            }
            catch (StorageException exception)
            {
                throw Unreadable(folder, exception);
            }
        }
    }

    private void ThrowIfEnded(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_ended, this);
    }

    private static ulong IdOf(ContentId content) =>
        BinaryPrimitives.ReadUInt64LittleEndian(HMACSHA256.HashData(s_idKey, content.ToArray()));

    private static FolderState State(SnapshotFolder folder) =>
        (folder.State ?? new FolderState(1, 0, 0, 0)) with
        {
            HighestModSeq = 0,
            Count = folder.Count,
        };

    private static MailException Unreadable(FolderPath? folder, StorageException exception) =>
        ArchiveContents.IsDamage(exception)
            ? new MailException(Reason.FolderUnreadable, $"{folder}: {exception.Message}", exception)
            : Lost(exception);

    /// <summary>A store that is away may come back; what it refuses, or has taken offline, it does the next time too.</summary>
    private static MailException Lost(StorageException exception) =>
        new(exception.Reason == Reason.StoreUnreachable ? Reason.ConnectionLost : exception.Reason, exception.Message, exception);
}
