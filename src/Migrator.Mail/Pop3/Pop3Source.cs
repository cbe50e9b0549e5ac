using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Pacing;
using Migrator.Core.Providers;
using Migrator.Mail.Connections;
using Migrator.Mail.Pacing;
using MimeKit;

namespace Migrator.Mail.Pop3;

/// <summary>Reads one mailbox over POP3, as a single folder INBOX. One session, one call at a time.</summary>
/// <param name="uidMap">Keeps the UIDs: POP3 has only numbers that change from session to session, and UIDLs.</param>
internal sealed class Pop3Source(
    Pop3Connection connection,
    Pop3Capabilities capabilities,
    Pop3Pipelining pipelining,
    MailServer server,
    IUidMap uidMap,
    TimeProvider time,
    Pacer pacer
) : IDeletableSource
{
    private const long MostHeader = 16 << 20;

    private readonly Pop3Retrieval _retrieval = new(connection, capabilities, pipelining, server.Account, time);
    private readonly FlagSet _flags = server.MarkAsRead ? FlagSet.Parse("\\Seen") : FlagSet.None;
    private readonly string _account = server.Account;

    // Gmail lists all mail of the last 30 days to a user of this form, whatever was fetched before.
    private readonly bool _inParts =
        ProviderProfiles.Choose(server.Provider, server.Host, "").Pop3InParts
        && !server.User.StartsWith("recent:", StringComparison.OrdinalIgnoreCase);
    private SortedDictionary<Uid, ListedMessage>? _messages;
    private Uid _highest;
    private bool _open;
    private bool _removing;
    private bool _ended;

    private SortedDictionary<Uid, ListedMessage> Messages
    {
        get
        {
            ThrowIfEnded();
            return _open ? _messages! : throw new InvalidOperationException("No folder is open.");
        }
    }

    public IPacer Pacer => pacer;

    /// <summary>Without a state: it is known when the folder is open.</summary>
    public Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfEnded();
        return Task.FromResult<IReadOnlyList<MailFolder>>([
            new MailFolder(FolderPath.Inbox, SpecialUse.Inbox, Selectable: true, Subscribed: true, State: null),
        ]);
    }

    public Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken) =>
        GuardedAsync(
            $"opening {folder}",
            async () =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                ThrowIfEnded();
                _open = false;
                if (!folder.IsInbox)
                    throw new MailException(Reason.FolderMissing, $"{_account}: {folder} does not exist; POP3 has only INBOX.");
                if (_messages is null)
                {
                    // A server that gave unique ids, and now leaves them out of what it can do, is asked for them all the same: without
                    // them, nothing that was fetched could be recognized, this time and each time.
                    var hasUniqueIds = capabilities.Uidl || new UidMapIndex(await uidMap.ReadAsync(cancellationToken)).HasUniqueIds;
                    var said = capabilities with { Uidl = hasUniqueIds };
                    var listing = new Pop3Listing(connection, said, $"{_account}: listing messages", time);
                    _retrieval.Listed = await listing.ReadAsync(cancellationToken);
                    // Before UIDs are given by a listing that may be the answer to something else.
                    connection.ThrowIfOutOfStep();
                    _retrieval.Stat = listing.Stat;
                    (_messages, _highest) = await new UidAssignment(uidMap, _account, time).AssignAsync(
                        _retrieval.Listed,
                        messages => _retrieval.HashAsync(messages, cancellationToken),
                        cancellationToken
                    );
                }
                _open = true;
                return new FolderState(UidValidity: 1, UidNext: _highest.Next, HighestModSeq: 0, _messages.Count);
            }
        );

    public Task<UidSet> ListUidsAsync(Uid from, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(UidSet.Of(Messages.Keys.Where(uid => uid >= from)));
    }

    /// <summary>The flags that the job gives to what is new, and 1970 for a date: the content tells it
    /// (<see cref="ReceivedDate"/>).</summary>
    public Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<MessageSummary>>([
            .. Known(uids).Select(message => new MessageSummary(message.Uid, message.Listed.Size ?? 0, _flags, DateTimeOffset.UnixEpoch)),
        ]);
    }

    /// <summary>None: the server keeps no flags, so that none can have changed. What the job gives to new messages must not be taken for a
    /// change, or a job that is changed would mark what was read as unread.</summary>
    public Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<Uid> uids,
        ulong since,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = Messages;
        return Task.FromResult<IReadOnlyList<(Uid, FlagSet)>>([]);
    }

    /// <returns>Of a server that lists its mail part by part, that there is another one.</returns>
    public Task<MailException?> ShortfallAsync(CancellationToken cancellationToken)
    {
        if (!_inParts || _messages is not { Count: > 0 } listed)
            return Task.FromResult<MailException?>(null);
        var fetched = listed.Values.Any(message => _retrieval.WasAsked(message.Number));
        return Task.FromResult<MailException?>(
            new MailException(
                Reason.MoreMailFollows,
                fetched
                    ? $"{_account}: the server lists the mailbox part by part; this part has {listed.Count:N0} messages."
                    : $"{_account}: the server lists only messages that are stored already: {listed.Count:N0}."
            )
            {
                // Without anything new, another session would not bring anything either, and so on without an end.
                RetryAfter = fetched ? capabilities.LoginDelay : null,
            }
        );
    }

    public async Task<bool> AcknowledgeAsync(Predicate<Uid> isStored, CancellationToken cancellationToken)
    {
        if (!_inParts || _messages is not { Count: > 0 } listed)
            return true;
        if (_ended || listed.Any(message => _retrieval.WasAsked(message.Value.Number) && !isStored(message.Key)))
            return false;
        // What a session fetched that broke off is listed until one fetches it that ends in peace.
        await FetchAsync(
            [
                .. listed
                    .Where(message => !_retrieval.WasAsked(message.Value.Number) && isStored(message.Key))
                    .Select(message => message.Key),
            ],
            Pop3Retrieval.Nobody,
            cancellationToken
        );
        return await GuardedAsync(
            "ending the session",
            async () =>
            {
                connection.ThrowIfOutOfStep();
                var goodbye = await connection.RunAsync("QUIT", cancellationToken);
                await EndAsync();
                return goodbye.Ok ? true : throw goodbye.Refused(Reason.ServerBusy, $"{_account}: ending the session");
            }
        );
    }

    public bool SizeFits(Uid uid) => Messages.TryGetValue(uid, out var message) && _retrieval.IsProved(message.Number);

    public Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken)
    {
        // Before the guard: a call without a folder does not end the session.
        var messages = Known(uids).ToList();
        return GuardedAsync(
            "fetching messages",
            async () =>
            {
                await _retrieval.FetchAsync(messages, receiver, cancellationToken);
                return true;
            }
        );
    }

    public Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken)
    {
        // As above.
        var messages = Known(uids).ToList();
        return GuardedAsync<IReadOnlyDictionary<Uid, string>>(
            "reading subjects",
            async () =>
            {
                var subjects = new Dictionary<Uid, string>();
                foreach (var batch in capabilities.Top ? messages.Chunk(_retrieval.BatchSize) : [])
                {
                    await _retrieval.AskAsync(
                        "TOP",
                        [.. batch.Select(message => message.Listed)],
                        async (index, reply) =>
                        {
                            using var header = new MemoryStream();
                            if (reply.Ok)
                            {
                                await connection.ReadContentAsync(
                                    bytes => header.Write(bytes[..(int)Math.Min(bytes.Length, ArrivalDate.MostKept - header.Length)]),
                                    MostHeader,
                                    cancellationToken
                                );
                            }
                            if (Subject(header) is { } subject)
                                subjects[batch[index].Uid] = subject;
                        },
                        cancellationToken
                    );
                }
                return subjects;
            }
        );
    }

    public Task RemoveAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        GuardedAsync(
            "removing messages",
            async () =>
            {
                // From here on the session must not end by QUIT unless all goes well: that is what deletes (RFC 1939, section 6).
                _removing = true;
                var what = $"{_account}: removing messages";
                var refused = default(MailException);
                foreach (var batch in Known(uids).Chunk(_retrieval.BatchSize))
                {
                    await _retrieval.AskAsync(
                        "DELE",
                        [.. batch.Select(message => message.Listed)],
                        (_, reply) =>
                        {
                            refused ??= reply.Ok ? null : reply.Refused(Reason.DeletionRefused, what);
                            return Task.CompletedTask;
                        },
                        cancellationToken
                    );
                }
                connection.ThrowIfOutOfStep();
                if (refused is null && await connection.RunAsync("QUIT", cancellationToken) is { Ok: false } goodbye)
                    refused = goodbye.Refused(Reason.DeletionRefused, what);
                await EndAsync();
                return refused is null ? true : throw refused;
            }
        );

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            // It would not list again what was fetched, stored or not.
            if (!_ended && !_removing && !_inParts)
                await connection.RunAsync("QUIT", limit.Token);
        }
        catch (Exception exception) when (ExceptionClassifier.IsMail(exception) || exception is OperationCanceledException)
        {
            // A goodbye that fails changes nothing: nothing was to be deleted.
        }
        await EndAsync();
        await pacer.StoreAsync();
    }

    private IEnumerable<(Uid Uid, ListedMessage Listed)> Known(IReadOnlyList<Uid> uids) =>
        uids.Where(Messages.ContainsKey).Distinct().Order().Select(uid => (uid, Messages[uid]));

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

    /// <summary>Runs a call and says in our words what went wrong in it. What breaks it off leaves answers unread, that the next call would
    /// take for its own: the session ends.</summary>
    private async Task<T> GuardedAsync<T>(string what, Func<Task<T>> call)
    {
        var usable = false;
        try
        {
            var result = await call();
            usable = true;
            return result;
        }
        catch (MailException exception) when (exception.Reason.Scope < FailureScope.Session)
        {
            usable = _retrieval.IsAtRest;
            throw;
        }
        catch (Exception exception) when (exception is not MailException && ExceptionClassifier.IsMail(exception))
        {
            throw new MailException(
                Reason.ConnectionLost,
                $"{_account}: {what}: the connection was lost ({ExceptionClassifier.Innermost(exception)}).",
                exception
            );
        }
        finally
        {
            if (!usable)
                await EndAsync();
        }
    }

    private void ThrowIfEnded()
    {
        if (_ended)
            throw new MailException(Reason.ConnectionLost, $"{_account}: the session has ended.");
    }

    private ValueTask EndAsync()
    {
        _ended = true;
        return connection.DisposeAsync();
    }
}
