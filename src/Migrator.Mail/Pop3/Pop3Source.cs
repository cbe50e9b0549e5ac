using System.Security.Cryptography;
using Migrator.Core.Mail;
using Migrator.Mail.Connecting;
using MimeKit;

namespace Migrator.Mail.Pop3;

/// <summary>Reads one mailbox over POP3, as a single folder INBOX. One session, one call at a time.</summary>
/// <param name="book">Keeps the UIDs: POP3 has only numbers that change from session to session, and UIDLs.</param>
internal sealed class Pop3Source(Pop3Connection connection, Pop3Capabilities capabilities, string account, IUidBook book, TimeProvider time) : IRemovableSource
{
    // Bounds the answers that are under way at once when a call is cancelled, and the commands that a server must hold.
    private const int Batch = 100;

    private readonly ArrivalDate _arrival = new(time);
    private SortedDictionary<uint, ListedMessage>? _messages;
    private uint _highest;
    private bool _estimates;
    private bool _removing;
    private bool _ended;

    private SortedDictionary<uint, ListedMessage> Messages => _messages ?? throw new InvalidOperationException("No folder is open.");

    /// <summary>Without a state: it is known when the folder is open.</summary>
    public Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<MailFolder>>([new MailFolder(FolderPath.Inbox, SpecialUse.Inbox, Selectable: true, Subscribed: true, State: null)]);
    }

    public Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken) => Guarded($"opening {folder}", async () =>
    {
        if (!folder.IsInbox)
            throw new MailException(Reason.FolderMissing, $"{account}: {folder} does not exist; POP3 has only INBOX.");
        if (_messages is null)
        {
            var listed = await Pop3Listing.ReadAsync(connection, capabilities, $"{account}: listing messages", cancellationToken).ConfigureAwait(false);
            (_messages, _highest) = await new UidAssignment(book, time).AssignAsync(listed, messages => HashAsync(messages, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        return new FolderState(UidValidity: 1, UidNext: _highest + 1, HighestModSeq: 0, _messages.Count);
    });

    public Task<IReadOnlyList<uint>> ListUidsAsync(uint from, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<uint>>([.. Messages.Keys.Where(uid => uid >= from)]);

    /// <summary>No flags, and 1970 for a date: the content tells it (<see cref="Arrival"/>).</summary>
    public Task<IReadOnlyList<MessageSummary>> SummarizeAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<MessageSummary>>([.. Known(uids).Select(message => new MessageSummary(message.Uid, message.Listed.Size, FlagSet.None, DateTimeOffset.UnixEpoch))]);

    public Task<IReadOnlyList<(uint Uid, FlagSet Flags)>> FlagsAsync(IReadOnlyList<uint> uids, ulong since, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<(uint, FlagSet)>>([.. Known(uids).Select(message => (message.Uid, FlagSet.None))]);

    public Task FetchAsync(IReadOnlyList<uint> uids, IContentReceiver receiver, CancellationToken cancellationToken) => Guarded("fetching messages", async () =>
    {
        var (refused, again) = (default(MailException), new List<(uint Uid, ListedMessage Listed)>());
        foreach (var batch in Known(uids).Chunk(BatchSize))
        {
            await AskAsync("RETR", batch.Select(message => message.Listed), async (index, reply) =>
            {
                var (uid, message) = batch[index];
                if (!reply.Ok)
                    refused ??= Unreadable(uid, reply);
                else if (await ReceiveAsync(uid, message.Size, receiver, cancellationToken).ConfigureAwait(false) is { } size)
                    again.Add((uid, message with { Size = size }));
            }, cancellationToken).ConfigureAwait(false);
            foreach (var (uid, message) in again)
                refused = await ReceiveAgainAsync(uid, message, receiver, cancellationToken).ConfigureAwait(false) ?? refused;
            again.Clear();
        }
        // Only now: the others came.
        return refused is null ? true : throw refused;
    });

    public Task<IReadOnlyDictionary<uint, string>> SubjectsAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => Guarded<IReadOnlyDictionary<uint, string>>("reading subjects", async () =>
    {
        var subjects = new Dictionary<uint, string>();
        foreach (var batch in capabilities.Top ? Known(uids).Chunk(BatchSize) : [])
        {
            await AskAsync("TOP", batch.Select(message => message.Listed), async (index, reply) =>
            {
                using var header = new MemoryStream();
                if (reply.Ok)
                    await connection.ReadContentAsync(octets => header.Write(octets[..(int)Math.Min(octets.Length, ArrivalDate.MostKept - header.Length)]), cancellationToken).ConfigureAwait(false);
                if (Subject(header) is { } subject)
                    subjects[batch[index].Uid] = subject;
            }, cancellationToken).ConfigureAwait(false);
        }
        return subjects;
    });

    public Task RemoveAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => Guarded("removing messages", async () =>
    {
        // From here on the session must not end by QUIT unless all goes well: that is what deletes (RFC 1939, section 6).
        _removing = true;
        var what = $"{account}: removing messages";
        var refused = default(MailException);
        foreach (var batch in Known(uids).Chunk(BatchSize))
        {
            await AskAsync("DELE", batch.Select(message => message.Listed), (_, reply) =>
            {
                refused ??= reply.Ok ? null : reply.Refused(Reason.RemovalRefused, what);
                return Task.CompletedTask;
            }, cancellationToken).ConfigureAwait(false);
        }
        if (refused is null && await connection.RunAsync("QUIT", cancellationToken).ConfigureAwait(false) is { Ok: false } goodbye)
            refused = goodbye.Refused(Reason.RemovalRefused, what);
        await EndAsync().ConfigureAwait(false);
        return refused is null ? true : throw refused;
    });

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            if (!_ended && !_removing)
                await connection.RunAsync("QUIT", limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (MailErrors.IsMail(exception) || exception is OperationCanceledException)
        {
            // A goodbye that fails changes nothing: nothing was to be deleted.
        }
        await EndAsync().ConfigureAwait(false);
    }

    // Where the server estimates sizes, each message comes twice: one by one, so that they still come in order.
    private int BatchSize => capabilities.Pipelining && !_estimates ? Batch : 1;

    private IEnumerable<(uint Uid, ListedMessage Listed)> Known(IReadOnlyList<uint> uids) =>
        uids.Where(Messages.ContainsKey).Distinct().Order().Select(uid => (uid, Messages[uid]));

    /// <summary>Sends one command for each of a few messages at once, and hands over each answer in turn, to be read to its end.</summary>
    private async Task AskAsync(string command, IEnumerable<ListedMessage> messages, Func<int, Pop3Reply, Task> answered, CancellationToken cancellationToken)
    {
        var commands = messages.Select(message => command == "TOP" ? $"TOP {message.Number} 0" : $"{command} {message.Number}").ToList();
        await connection.SendAsync(commands, cancellationToken).ConfigureAwait(false);
        for (var index = 0; index < commands.Count; index++)
            await answered(index, await connection.ReadReplyAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <returns>Null if the message came whole and was handed over; else how many octets came.</returns>
    private async Task<long?> ReceiveAsync(uint uid, long size, IContentReceiver receiver, CancellationToken cancellationToken)
    {
        var content = receiver.Open(uid, size);
        var message = new PassingMessage(size, content, _arrival);
        try
        {
            await connection.ReadContentAsync(message.Append, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await content.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        var arrival = _arrival.Take();
        if (!message.IsWhole)
        {
            await content.DisposeAsync().ConfigureAwait(false);
            return message.Received;
        }
        content.Position = 0;
        await receiver.CompleteAsync(uid, content, arrival, cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <summary>A message that did not have the size that LIST said was cut short, or LIST estimates. It counts if the same size comes
    /// again: refusing it outright would leave whole mailboxes behind, taking it as it comes would trust what was cut short.</summary>
    private async Task<MailException?> ReceiveAgainAsync(uint uid, ListedMessage message, IContentReceiver receiver, CancellationToken cancellationToken)
    {
        _estimates = true;
        var reply = await connection.RunAsync($"RETR {message.Number}", cancellationToken).ConfigureAwait(false);
        if (!reply.Ok)
            return Unreadable(uid, reply);
        return await ReceiveAsync(uid, message.Size, receiver, cancellationToken).ConfigureAwait(false) is not { } other ? null
            : new MailException(Reason.SourceUnreadable, $"{account}: the message with UID {uid} has {Messages[uid].Size} octets as the server lists it, but it sent {message.Size} and then {other}.");
    }

    private MailException Unreadable(uint uid, Pop3Reply reply) => reply.Refused(Reason.SourceUnreadable, $"{account}: fetching the message with UID {uid}");

    private async Task<IReadOnlyList<string?>> HashAsync(IReadOnlyList<ListedMessage> messages, CancellationToken cancellationToken)
    {
        var hashes = new List<string?>();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var batch in messages.Chunk(BatchSize))
        {
            await AskAsync("RETR", batch, async (_, reply) =>
            {
                if (reply.Ok)
                    await connection.ReadContentAsync(hash.AppendData, cancellationToken).ConfigureAwait(false);
                hashes.Add(reply.Ok ? Convert.ToHexStringLower(hash.GetHashAndReset()) : null);
            }, cancellationToken).ConfigureAwait(false);
        }
        return hashes;
    }

    private static string? Subject(MemoryStream header)
    {
        try
        {
            header.Position = 0;
            return header.Length == 0 ? null : HeaderList.Load(header)[HeaderId.Subject];
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Runs a call. Whatever breaks it off leaves answers unread, that the next call would take for its own: the session
    /// ends.</summary>
    private async Task<T> Guarded<T>(string what, Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (MailException exception) when (exception.Reason.Scope < FailureScope.Session)
        {
            throw;
        }
        catch (Exception exception)
        {
            await EndAsync().ConfigureAwait(false);
            if (exception is MailException || !MailErrors.IsMail(exception))
                throw;
            throw new MailException(Reason.ConnectionLost, $"{account}: {what}: the connection was lost ({MailErrors.Innermost(exception)}).", exception);
        }
    }

    private ValueTask EndAsync()
    {
        _ended = true;
        return connection.DisposeAsync();
    }
}
