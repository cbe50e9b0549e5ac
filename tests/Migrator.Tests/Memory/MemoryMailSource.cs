using System.Security.Cryptography;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using MimeKit;

namespace Migrator.Tests.Memory;

/// <summary>A mailbox that lasts as long as the process: what <see cref="IMailSource"/> promises, in the fewest
/// words.</summary>
public sealed class MemoryMailSource : IMailSource
{
    private Folder? _open;
    private bool _isSession,
        _ended;

    public sealed record Message(Uid Uid, byte[] Bytes, FlagSet Flags, DateTimeOffset InternalDate);

    public sealed record Folder(
        FolderPath Path,
        SpecialUse Use = SpecialUse.None,
        bool Selectable = true,
        bool Subscribed = true,
        uint UidValidity = 1
    )
    {
        public SortedDictionary<Uid, Message> Messages { get; } = [];

        public bool Subscribed { get; set; } = Subscribed;

        /// <summary>0 for a server without mod-sequences. Anyone who changes something raises it.</summary>
        public ulong HighestModSeq { get; set; }

        /// <summary>Of the messages that were there once, so that no UID is given twice.</summary>
        public Uid LastUid { get; set; }

        public FolderState State =>
            new(UidValidity, Uid.Higher(LastUid, Messages.Keys.LastOrDefault()).Next, HighestModSeq, Messages.Count);

        /// <returns>Its UID.</returns>
        public Uid Add(byte[] bytes, string flags = "", DateTimeOffset? date = null, Uid? uid = null)
        {
            var message = new Message(uid ?? State.UidNext, bytes, FlagSet.Parse(flags), date ?? DateTimeOffset.UnixEpoch);
            Messages.Add(message.Uid, message);
            return message.Uid;
        }
    }

    /// <summary>In the order in which they are listed.</summary>
    public List<Folder> Folders { get; private init; } = [];

    /// <summary>Held by whatever reads or changes what sessions share.</summary>
    public Lock Turn { get; private init; } = new();

    /// <summary>Another session with the same mailbox, which returns everything.</summary>
    public MemoryMailSource Session() =>
        new()
        {
            Folders = Folders,
            Turn = Turn,
            _isSession = true,
            IdentifiesMessages = IdentifiesMessages,
            RoundTrip = RoundTrip,
        };

    public TimeSpan RoundTrip { get; init; }

    /// <summary>Messages with the same bytes are one message, in whatever folder.</summary>
    public bool IdentifiesMessages { get; init; }

    /// <summary>Bytes that a receiver gets at a time.</summary>
    public int Piece { get; init; } = 1 << 16;

    /// <summary>The receiver learns the UID at the end only.</summary>
    public bool IsShy { get; init; }

    /// <summary>UIDs of messages that are listed, but not returned.</summary>
    public HashSet<Uid> Withheld { get; } = [];

    /// <summary>UIDs of messages that are cut short the first time.</summary>
    public HashSet<Uid> Torn { get; } = [];

    /// <summary>Called before each message is handed over.</summary>
    public Action<Uid>? BeforeMessage { get; set; }

    public Folder Opened => _open ?? throw new InvalidOperationException("No folder is open.");

    public Folder Add(
        string path,
        SpecialUse use = SpecialUse.None,
        bool selectable = true,
        bool subscribed = true,
        uint uidValidity = 1
    ) => Add(FolderPath.Parse(path), use, selectable, subscribed, uidValidity);

    public Folder Add(
        FolderPath path,
        SpecialUse use = SpecialUse.None,
        bool selectable = true,
        bool subscribed = true,
        uint uidValidity = 1
    )
    {
        var folder = new Folder(path, use, selectable, subscribed, uidValidity);
        Folders.Add(folder);
        return folder;
    }

    public Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<MailFolder>>(
            () =>
                [
                    .. Folders.Select(folder => new MailFolder(
                        folder.Path,
                        folder.Use,
                        folder.Selectable,
                        folder.Subscribed,
                        folder.Selectable ? folder.State : null
                    )),
                ],
            cancellationToken
        );

    public Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken) =>
        Answer(
            () =>
            {
                _open = null;
                var found =
                    Folders.Find(known => known.Path == folder)
                    ?? throw new MailException(Reason.FolderMissing, $"{folder} does not exist.");
                _open = found.Selectable ? found : throw new MailException(Reason.FolderRefused, $"{folder} holds no messages.");
                return _open.State;
            },
            cancellationToken
        );

    public Task<UidSet> ListUidsAsync(Uid from, CancellationToken cancellationToken) =>
        Answer(() => UidSet.Of(Opened.Messages.Keys.Where(uid => uid >= from)), cancellationToken);

    public Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<MessageSummary>>(
            () =>
                [
                    .. Find(uids)
                        .Select(message => new MessageSummary(message.Uid, message.Bytes.Length, message.Flags, message.InternalDate)),
                ],
            cancellationToken
        );

    public Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<Uid> uids,
        ulong since,
        CancellationToken cancellationToken
    ) => Answer<IReadOnlyList<(Uid, FlagSet)>>(() => [.. Find(uids).Select(message => (message.Uid, message.Flags))], cancellationToken);

    public Task<IReadOnlyList<(Uid Uid, ulong Id)>> FetchIdsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<(Uid, ulong)>>(
            () => [.. Find(uids).Select(message => (message.Uid, BitConverter.ToUInt64(SHA256.HashData(message.Bytes))))],
            cancellationToken
        );

    public async Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        foreach (var uid in uids.Distinct().Order())
        {
            Message? message;
            lock (Turn)
                message = Opened.Messages.GetValueOrDefault(uid);
            if (message is null)
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            BeforeMessage?.Invoke(message.Uid);
            if (Withheld.Contains(message.Uid))
                throw new MailException(Reason.SourceUnreadable, $"{Opened.Path}: message {message.Uid} is not given out.");
            var stream = receiver.Open(IsShy ? null : message.Uid, message.Bytes.Length);
            if (Torn.Remove(message.Uid))
            {
                stream.Write(message.Bytes.AsSpan(0, message.Bytes.Length / 2));
                await stream.DisposeAsync();
                throw new MailException(Reason.SourceUnreadable, $"{Opened.Path}: message {message.Uid} was cut short.");
            }
            for (var at = 0; at < message.Bytes.Length; at += Piece)
                stream.Write(message.Bytes.AsSpan(at, Math.Min(Piece, message.Bytes.Length - at)));
            await receiver.CompleteAsync(message.Uid, stream, null, cancellationToken);
        }
    }

    public Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        Answer<IReadOnlyDictionary<Uid, string>>(
            () =>
                Find(uids)
                    .Select(message => (message.Uid, Subject: Field(message.Bytes, HeaderId.Subject)))
                    .Where(found => found.Subject is not null)
                    .ToDictionary(found => found.Uid, found => found.Subject!),
            cancellationToken
        );

    public ValueTask DisposeAsync()
    {
        // The mailbox itself may be given to one session after the other.
        _ended = _isSession;
        return default;
    }

    /// <summary>A header field of a message, decoded; null where there is none, or the header cannot be read.</summary>
    public static string? Field(byte[] bytes, HeaderId field)
    {
        using var message = new MemoryStream(bytes);
        try
        {
            return bytes.Length == 0 ? null : HeaderList.Load(message)[field];
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private Task<T> Answer<T>(Func<T> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_ended, this);
        lock (Turn)
            return Task.FromResult(call());
    }

    private IEnumerable<Message> Find(IEnumerable<Uid> uids) =>
        uids.Distinct().Order().Where(Opened.Messages.ContainsKey).Select(uid => Opened.Messages[uid]);
}
