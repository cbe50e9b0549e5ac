using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Pacing;
using Migrator.Core.Providers;
using Migrator.Mail.Connections;
using Migrator.Mail.Pacing;
using MimeKit;
using MimeKit.Utils;

namespace Migrator.Mail.Imap;

/// <summary>Reads one mailbox over IMAP. One session, one call at a time.</summary>
/// <param name="user">Login name of the mailbox.</param>
/// <param name="access">Read only (EXAMINE) at a source, so that not even <c>\Recent</c> changes.</param>
/// <param name="faults">Shared by all sessions with this server.</param>
/// <param name="shared">Likewise, of this account.</param>
/// <param name="time">For a message that has no date anywhere.</param>
/// <param name="serverName">Null where the server has not said.</param>
internal sealed class ImapSource(
    StreamingImapClient client,
    ResponseCodeCapture tail,
    string account,
    string user,
    FolderAccess access,
    KnownFaults faults,
    SharedListing shared,
    TimeProvider time,
    string? serverName
) : IMailSource
{
    // Nested, each in the one before.
    private const int MostSearched = 20;

    // Each is one message of the folder.
    private const int MostFound = 10 * MostSearched;

    private readonly FolderLister _lister = new(client, tail, time);
    private readonly Dictionary<FolderPath, ListedFolder> _named = [];
    private FolderListing? _folders;
    private bool _othersListed;
    private StreamingImapFolder? _open;
    private UidSets? _sets;
    private string _folder = "";

    public Pacer Pacer { get; init; } = Pacer.None;

    IPacer IMailSource.Pacer => Pacer;

    public ProviderProfile Provider { get; init; } = ProviderProfiles.Generic;

    public TimeSpan RoundTrip { get; init; }

    /// <summary>The labels of messages are among their flags.</summary>
    public bool LabelsAreKeywords { get; init; }

    public bool HasLabels => client.Capabilities.HasFlag(ImapCapabilities.GMailExt1);

    /// <summary>Says more of a mailbox that is not opened to a token.</summary>
    public Func<MailException, MailException> Explain { get; init; } = exception => exception;

    public StreamingImapFolder Opened => _open ?? throw new InvalidOperationException("No folder is open.");

    private string Where => account + _folder;

    public IReadOnlyList<string> Prefix => FolderNameMapping.Prefix(_lister.Primary);

    /// <summary>NUL where names are flat.</summary>
    public char Delimiter =>
        _lister.Primary == AccountNamespaces.Root ? client.Inbox.DirectorySeparator : _lister.Primary.DirectorySeparator;

    public IReadOnlyList<string> ListingNotices { get; private set; } = [];

    public string? ServerName => serverName;

    public bool AnnouncesSizes => true;

    public async Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken)
    {
        var items = StatusItems.Count | StatusItems.UidNext | StatusItems.UidValidity;
        if (client.Capabilities.HasFlag(ImapCapabilities.CondStore))
            items |= StatusItems.HighestModSeq;
        // Listing may open folders.
        _open = null;
        var listing = await ListAsync(faults.StatusUnreadable ? StatusItems.None : items, others: true, cancellationToken);
        ListingNotices = listing.Subscriptions is { } refusal
            ?
            [
                $"{account}: the server does not say which folders the user is subscribed to "
                    + $"({ExceptionClassifier.Innermost(refusal)}): subscriptions are not known.",
            ]
            : [];
        var withoutMail = WithoutMail(listing);
        return
        [
            .. listing.Folders.Select(entry =>
                Describe(entry.Key, entry.Value) with
                {
                    IsLabel = HasLabels,
                    HoldsNoMail = withoutMail.Contains(entry.Key.Names[0]) && entry.Value.Kind == NamespaceKind.Private,
                }
            ),
        ];
    }

    /// <summary>Names at the top: what is below them holds no mail either.</summary>
    private HashSet<string> WithoutMail(FolderListing listing)
    {
        var atTop = listing
            .Folders.Where(entry => entry.Value.Kind == NamespaceKind.Private)
            .Select(entry => entry.Key.Names[0])
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return Provider.FoldersWithoutMail.SelectMany(language => language.In(atTop)).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    public Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken) =>
        Guarded(
            Reason.FolderRefused,
            $"opening {folder}",
            async () =>
            {
                (_folder, _open) = ($", folder {folder}", null);
                var found =
                    await FindAsync(folder, cancellationToken)
                    ?? await FindNewAsync(folder, cancellationToken)
                    ?? throw new MailException(Reason.FolderMissing, $"{Where}: the folder does not exist.");
                found.Folder.ForgetState();
                client.Answers.PermanentFlagsSaid = false;
                try
                {
                    await found.Folder.OpenAsync(access, cancellationToken);
                }
                catch (ImapCommandException exception) when (MissingFolder.IsMeant(tail))
                {
                    throw new MailException(
                        Reason.FolderMissing,
                        $"{Where}: the server lists the folder and says that it does not exist: {tail.Refusal().Text}",
                        exception
                    );
                }
                _open = found.Folder;
                // A server that leaves UIDNEXT out of its answer to SELECT says it when asked. RFC 9051 has clients ask before they open
                // the folder, but what is known then is old by the time it is open.
                if (_open.UidNext is null)
                    await faults.TryStatusAsync(() => _open.StatusAsync(StatusItems.UidNext, cancellationToken));
                return State(_open);
            }
        );

    public Task<UidSet> ListUidsAsync(Uid from, CancellationToken cancellationToken) =>
        Guarded(
            Reason.FolderRefused,
            "listing messages",
            async () =>
            {
                try
                {
                    return await new UidListing(client, Opened, faults, Where).ReadAsync(from, cancellationToken);
                }
                catch (MailException exception) when (exception.Reason == Reason.ListingIncomplete)
                {
                    // Not every server says in a session that another one has removed messages: what the folder holds, it says where it is
                    // opened.
                    var validity = Opened.UidValidity;
                    await Opened.OpenAsync(access, cancellationToken);
                    if (Opened.UidValidity != validity)
                        throw new MailException(
                            Reason.FolderRecreated,
                            $"{Where}: the server recreated or renumbered the folder while it was listed."
                        );
                    return await new UidListing(client, Opened, faults, Where).ReadAsync(from, cancellationToken);
                }
            }
        );

    public Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        Guarded<IReadOnlyList<MessageSummary>>(
            Reason.FolderRefused,
            "reading flags, dates and sizes",
            async () =>
            {
                if (uids.Count == 0)
                    return [];
                var request = new FetchRequest(
                    MessageSummaryItems.UniqueId
                        | MessageSummaryItems.Flags
                        | MessageSummaryItems.InternalDate
                        | MessageSummaryItems.Size
                        | LabelItems
                );
                // Flags alone are news about a message, and no answer.
                var answers = (await AskAsync(uids, request, cancellationToken))
                    .Where(answer => answer.Sized || answer.Date is not null)
                    .ToList();
                var dates = answers.ToDictionary(answer => answer.Uid, answer => InternalDate.Read(answer.Date ?? ""));
                var arrivals = await new HeaderDates(this, time).ReadAsync(
                    [.. dates.Where(entry => entry.Value is null).Select(entry => entry.Key)],
                    cancellationToken
                );
                return [.. answers.Select(answer => Summary(answer, dates[answer.Uid], arrivals.GetValueOrDefault(answer.Uid)))];
            }
        );

    public Task<IReadOnlyDictionary<Uid, long?>> SizesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        Guarded<IReadOnlyDictionary<Uid, long?>>(
            Reason.FolderRefused,
            "reading sizes",
            async () =>
            {
                var request = new FetchRequest(MessageSummaryItems.UniqueId | MessageSummaryItems.Size);
                var answers = uids.Count == 0 ? [] : await AskAsync(uids, request, cancellationToken);
                return answers.Where(answer => answer.Sized).ToDictionary(answer => answer.Uid, answer => answer.Size);
            }
        );

    public Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<Uid> uids,
        ulong since,
        CancellationToken cancellationToken
    ) =>
        Guarded<IReadOnlyList<(Uid, FlagSet)>>(
            Reason.FolderRefused,
            "reading flags",
            async () =>
            {
                if (uids.Count == 0)
                    return [];
                var request = new FetchRequest(MessageSummaryItems.UniqueId | MessageSummaryItems.Flags | LabelItems);
                if (since > 0 && Opened.Supports(FolderFeature.ModSequences))
                    request.ChangedSince = since;
                var answers = await AskAsync(uids, request, cancellationToken);
                // Without its labels, a message would seem to have lost them.
                return
                [
                    .. answers
                        .Where(answer => answer.Flags is not null && (answer.Labels is not null || LabelItems == MessageSummaryItems.None))
                        .Select(answer => (answer.Uid, WithLabels(answer.Flags!.Value, answer.Labels))),
                ];
            }
        );

    public Task<IReadOnlyList<LabelledMessage>> FetchLabelsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        Guarded<IReadOnlyList<LabelledMessage>>(
            Reason.FolderRefused,
            "reading labels",
            async () =>
            {
                if (uids.Count == 0)
                    return [];
                var request = new FetchRequest(
                    MessageSummaryItems.UniqueId | MessageSummaryItems.GMailMessageId | MessageSummaryItems.GMailLabels
                );
                var answers = await AskAsync(uids, request, cancellationToken);
                var listing = _folders ?? await ListAsync(StatusItems.None, others: false, cancellationToken);
                return
                [
                    .. answers
                        .Where(answer => answer.MessageId > 0)
                        .Select(answer => new LabelledMessage(
                            answer.Uid,
                            answer.MessageId,
                            [.. (answer.Labels ?? []).Select(label => MailLabels.Folder(label, listing, Delimiter)).OfType<FolderPath>()]
                        )),
                ];
            }
        );

    public Task<IReadOnlyDictionary<ulong, Uid>> FindAsync(IReadOnlyCollection<ulong> ids, CancellationToken cancellationToken) =>
        Guarded<IReadOnlyDictionary<ulong, Uid>>(
            Reason.FolderRefused,
            "searching for messages",
            async () =>
            {
                var (wanted, found) = (ids.ToHashSet(), new Dictionary<ulong, Uid>());
                foreach (var chunk in wanted.Chunk(MostSearched))
                {
                    var query = chunk.Select(SearchQuery.GMailMessageId).Aggregate((SearchQuery all, SearchQuery id) => all.Or(id));
                    // A few bytes may name 4 billion messages, as a range (RFC 4731).
                    var named = (await Opened.SearchAsync(query, cancellationToken)).Take(MostFound);
                    Uid[] uids = [.. named.Select(uid => new Uid(uid.Id))];
                    if (uids.Length == 0)
                        continue;
                    var request = new FetchRequest(MessageSummaryItems.UniqueId | MessageSummaryItems.GMailMessageId);
                    foreach (var answer in await AskAsync(uids, request, cancellationToken))
                    {
                        if (wanted.Contains(answer.MessageId))
                            found[answer.MessageId] = answer.Uid;
                    }
                }
                return found;
            }
        );

    public Task<UidSet?> ChangedSinceAsync(ulong modSeq, CancellationToken cancellationToken) =>
        Guarded(
            Reason.FolderRefused,
            "searching for changed flags",
            async () =>
            {
                // A server that cuts a search short says nothing of what it left out.
                if (faults.CutsSearches || LabelItems != MessageSummaryItems.None || !Opened.Supports(FolderFeature.ModSequences))
                    return null;
                client.Answers.MessageLimit = null;
                try
                {
                    var changed = UidSets.Read(await Opened.SearchAsync(SearchQuery.ChangedSince(modSeq + 1), cancellationToken));
                    return client.Answers.MessageLimit is null ? changed : null;
                }
                catch (ImapCommandException)
                {
                    return null;
                }
            }
        );

    public Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken) =>
        Guarded(
            Reason.SourceUnreadable,
            "fetching messages",
            async () =>
            {
                // A server may send a message twice, or one that was not asked for, and what a command brought before it was cut short is
                // not asked for again: the first copy of each counts.
                var wanted = uids.ToHashSet();
                await InSetsAsync(
                    uids,
                    async ids =>
                    {
                        ids.RemoveAll(id => !wanted.Contains(id.Id));
                        if (ids.Count > 0)
                            await Opened.FetchAsync(ids, wanted, receiver, cancellationToken);
                    }
                );
                return true;
            }
        );

    public Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        Guarded<IReadOnlyDictionary<Uid, string>>(
            Reason.SourceUnreadable,
            "reading subjects",
            async () =>
            {
                var subjects = new Dictionary<Uid, string>();
                foreach (var (uid, headers) in await HeadersAsync(uids, HeaderId.Subject, cancellationToken))
                {
                    if (headers[HeaderId.Subject] is { } subject)
                        subjects.TryAdd(uid, subject);
                }
                return subjects;
            }
        );

    public Task<IReadOnlyDictionary<Uid, DateTimeOffset>> SentDatesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        Guarded<IReadOnlyDictionary<Uid, DateTimeOffset>>(
            Reason.SourceUnreadable,
            "reading dates of sending",
            async () =>
            {
                var dates = new Dictionary<Uid, DateTimeOffset>();
                foreach (var (uid, headers) in await HeadersAsync(uids, HeaderId.Date, cancellationToken))
                {
                    if (headers[HeaderId.Date] is { } text && DateUtils.TryParse(text, out var date))
                        dates.TryAdd(uid, date);
                }
                return dates;
            }
        );

    public Task<IReadOnlySet<Uid>> NotMatchingAsync(IReadOnlyList<Uid> uids, string key, CancellationToken cancellationToken) =>
        Guarded<IReadOnlySet<Uid>>(
            Reason.SearchRefused,
            $"searching for messages that match {key}",
            async () =>
            {
                if (uids.Count == 0)
                    return new HashSet<Uid>();
                // A range, because a long list of UIDs is refused by some; and of what one answer leaves out, the other says nothing.
                var asked = UidSet.Of(uids);
                var range = $"UID {uids[0]}:{uids[^1]}";
                var others = await SearchAsync($"{range} NOT ({key})");
                return others.Except(await SearchAsync($"{range} ({key})")).ToHashSet();

                async Task<UidSet> SearchAsync(string query) =>
                    UidSets.Read((await Opened.SearchAsync(query, cancellationToken)).UniqueIds).Intersect(asked);
            }
        );

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            if (client.IsConnected)
                await client.DisconnectAsync(quit: true, limit.Token);
        }
        catch (Exception exception) when (ExceptionClassifier.IsServers(exception) || exception is OperationCanceledException)
        {
            // A goodbye that fails changes nothing: all that matters was answered before.
        }
        client.Dispose();
        await Pacer.StoreAsync();
    }

    /// <summary>The folder as the server lists it; null where it does not.</summary>
    public async Task<ListedFolder?> FindAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        if (_folders is null && await FindByNameAsync(folder, cancellationToken) is { } named)
            return named;
        // Found by listing all rather than by asking for the name: % and * in a name would match others.
        var folders = _folders ?? await ListAsync(StatusItems.None, others: false, cancellationToken);
        if (!folders.Folders.ContainsKey(folder) && !_othersListed)
            folders = await ListAsync(StatusItems.None, others: true, cancellationToken);
        return folders.Folders.GetValueOrDefault(folder);
    }

    /// <summary>A folder that has to be there: also one that another session has created since this one listed them.</summary>
    public async Task<ListedFolder> FindExistingAsync(FolderPath folder, CancellationToken cancellationToken) =>
        await FindAsync(folder, cancellationToken)
        ?? await FindNewAsync(folder, cancellationToken)
        ?? throw new MailException(Reason.FolderMissing, $"{folder}: there is no such folder.");

    /// <summary>One of very many, which another session has listed: to list all of them would take each session time and memory.</summary>
    private async Task<ListedFolder?> FindByNameAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        if (_named.TryGetValue(folder, out var named))
            return named;
        if (shared.NameOf(folder) is not { } other)
            return null;
        try
        {
            var found = (StreamingImapFolder)await client.GetFolderAsync(other.Folder.FullName, cancellationToken);
            return _named[folder] = other with { Folder = found, Attributes = found.Attributes };
        }
        catch (Exception exception) when (exception is FolderNotFoundException or ImapCommandException)
        {
            return null;
        }
    }

    /// <summary>The same of a folder that another session may have created since this one listed them.</summary>
    private Task<ListedFolder?> FindNewAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        ForgetFolders();
        return FindAsync(folder, cancellationToken);
    }

    /// <summary>Whether the last listing had folders below this one.</summary>
    public bool HasBelow(FolderPath folder) => _folders?.Parents.Contains(folder) ?? shared.HasBelow(folder);

    /// <summary>Whether the server says that it can have no folder of this name (CANNOT, RFC 5530, section 3).</summary>
    /// <param name="fullName">With the server's delimiter. A folder of this name need not be there.</param>
    public async Task<bool> RefusesNameAsync(string fullName, CancellationToken cancellationToken) =>
        !await faults.TryStatusAsync(() =>
            ((StreamingImapFolder)client.Inbox).StatusByNameAsync(ModifiedUtf7.Encode(fullName), cancellationToken)
        )
        && tail.Refusal().Code == "CANNOT";

    /// <summary>Whether the server knows a folder by a name that differs from its own in upper and lower case alone.</summary>
    public async Task<bool> AnswersInOtherCaseAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        if (folder.IsInbox || await FindAsync(folder, cancellationToken) is not { Selectable: true } found)
            return false;
        var levels = FolderNameMapping.Full(found.Folder.WireName, found.Folder.DirectorySeparator);
        levels[^1] = string.Concat(
            levels[^1]
                .Select(letter =>
                    char.IsAsciiLetterUpper(letter) ? char.ToLowerInvariant(letter)
                    : char.IsAsciiLetterLower(letter) ? char.ToUpperInvariant(letter)
                    : letter
                )
        );
        var other = new FolderPath([.. folder.Names.SkipLast(1), levels[^1]]);
        return other != folder
            && await FindAsync(other, cancellationToken) is null
            && await faults.TryStatusAsync(() =>
                ((StreamingImapFolder)client.Inbox).StatusByNameAsync(
                    ModifiedUtf7.Encode(string.Join(found.Folder.DirectorySeparator, levels)),
                    cancellationToken
                )
            );
    }

    /// <summary>The largest message that a folder takes, where the server says it of each folder (RFC 7889, section 4).</summary>
    public async Task<long?> AppendLimitAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        if (
            faults.AppendLimitUnreadable
            || !client.Capabilities.HasFlag(ImapCapabilities.AppendLimit | ImapCapabilities.Status)
            || await FindAsync(folder, cancellationToken) is not { } found
        )
            return null;
        try
        {
            await found.Folder.StatusAsync(StatusItems.AppendLimit, cancellationToken);
            return found.Folder.AppendLimit;
        }
        catch (Exception exception) when (exception is ImapCommandException or FolderNotFoundException)
        {
            return null;
        }
        catch (ImapProtocolException)
        {
            faults.AppendLimitUnreadable = true;
            throw;
        }
    }

    /// <returns>Null where there is no such folder.</returns>
    public Task<AccessList?> AccessAsync(FolderPath folder, CancellationToken cancellationToken) =>
        !client.Capabilities.HasFlag(ImapCapabilities.Acl)
            ? Task.FromResult<AccessList?>(null)
            : GuardedElsewhere<AccessList?>(
                Reason.FolderRefused,
                $"asking for the access rights of {folder}",
                async () =>
                {
                    var found = await FindExistingAsync(folder, cancellationToken);
                    var entries = await found.Folder.GetAccessControlListAsync(cancellationToken);
                    return new AccessList(user, [.. entries.Select(entry => new AccessEntry(entry.Name, entry.Rights.ToString()))]);
                }
            );

    public async Task<IReadOnlyList<MailQuota>?> QuotasAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        if (await FindAsync(folder, cancellationToken) is not { } found)
            return null;
        client.Answers.TakeQuotas();
        await found.Folder.GetQuotaAsync(cancellationToken);
        return client.Answers.TakeQuotas();
    }

    public void Remember(FolderPath path, StreamingImapFolder folder) =>
        (_folders?.Folders ?? _named)[path] = new ListedFolder(folder, folder.Attributes, NamespaceKind.Private);

    /// <summary>The next look at the folders lists them again.</summary>
    public void ForgetFolders()
    {
        (_folders, _othersListed) = (null, false);
        _named.Clear();
        shared.Set(null);
    }

    /// <summary>Runs a command for these messages in sets that are short enough for this server.</summary>
    /// <param name="uids">In any order.</param>
    /// <param name="command">May be called for a message again after it was executed.</param>
    public Task InSetsAsync(IReadOnlyList<Uid> uids, Func<List<UniqueId>, Task> command) =>
        (_sets ??= new UidSets(Provider)).ForEachAsync(
            [.. uids.Order()],
            ids =>
            {
                client.Answers.MessageLimit = null;
                return command(ids);
            },
            exception =>
                exception is ImapCommandException refused
                && AnswerMeaning.RefusesLength(tail.Refusal().Text, refused.Response == ImapCommandResponse.Bad),
            () => client.Answers.MessageLimit
        );

    /// <summary>Whether the open folder said which flags it keeps.</summary>
    public bool PermanentFlagsSaid => client.Answers.PermanentFlagsSaid;

    public MailException Failed(Reason reason, string what) => new(reason, $"{Where}: {what}.");

    /// <summary>Runs a call about the open folder and says in our words what went wrong in it.</summary>
    public Task<T> Guarded<T>(Reason refused, string what, Func<Task<T>> call) => GuardedAsync(refused, () => $"{Where}: {what}", call);

    /// <summary>Likewise, a call that is not about the folder that happens to be open.</summary>
    /// <param name="what">Names the folder that it is about.</param>
    public Task<T> GuardedElsewhere<T>(Reason refused, string what, Func<Task<T>> call) =>
        GuardedAsync(refused, () => $"{account}: {what}", call);

    public MailException Translate(Exception exception, Reason refused, string what) =>
        ImapErrors.Translate(exception, refused, $"{Where}: {what}", tail);

    private async Task<T> GuardedAsync<T>(Reason refused, Func<string> what, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception exception) when (ExceptionClassifier.IsServers(exception))
        {
            var failure = ImapErrors.Translate(exception, refused, what(), tail);
            throw failure.Reason == Reason.MailboxNotConnected ? Explain(failure) : failure;
        }
    }

    private Task<FolderListing> ListAsync(StatusItems items, bool others, CancellationToken cancellationToken) =>
        GuardedElsewhere(
            Reason.FolderRefused,
            "listing folders",
            async () =>
            {
                try
                {
                    _folders = await _lister.ListAsync(items, others, cancellationToken);
                }
                catch (ImapProtocolException) when (items != StatusItems.None)
                {
                    // Without STATUS every folder is opened to know what it holds.
                    faults.StatusUnreadable = true;
                    throw;
                }
                _othersListed = others;
                shared.Set(_folders);
                return _folders;
            }
        );

    private MailFolder Describe(FolderPath path, ListedFolder folder) =>
        new(
            path,
            path.IsInbox ? SpecialUse.Inbox : FolderNameMapping.Use(folder.Attributes),
            folder.Selectable,
            folder.Subscribed,
            folder.Selectable && folder.Folder.UidValidity > 0 ? State(folder.Folder) : null
        )
        {
            Namespace = folder.Kind,
        };

    private FolderState State(IMailFolder folder) =>
        // Nobody promises that a change of labels counts for the mod-sequence: without one, all flags are compared every time.
        new(folder.UidValidity, folder.UidNext?.Id ?? 0, LabelItems == MessageSummaryItems.None ? folder.HighestModSeq : 0, folder.Count);

    private MessageSummaryItems LabelItems => LabelsAreKeywords && HasLabels ? MessageSummaryItems.GMailLabels : MessageSummaryItems.None;

    private static FlagSet WithLabels(FlagSet flags, IReadOnlyList<string>? labels) =>
        labels is null ? flags : new FlagSet(flags.Flags.Concat(labels.Select(MailLabels.Keyword).OfType<string>()));

    private async Task<IEnumerable<(Uid Uid, HeaderList Headers)>> HeadersAsync(
        IReadOnlyList<Uid> uids,
        HeaderId field,
        CancellationToken cancellationToken
    )
    {
        var summaries = new List<IMessageSummary>();
        var request = new FetchRequest(MessageSummaryItems.UniqueId, [field]);
        if (uids.Count > 0)
            await InSetsAsync(uids, async ids => summaries.AddRange(await Opened.FetchAsync(ids, request, cancellationToken)));
        var asked = uids.ToHashSet();
        return summaries
            .Where(summary => asked.Contains(summary.UniqueId.Id) && summary.Headers is not null)
            .Select(summary => ((Uid)summary.UniqueId.Id, summary.Headers!));
    }

    /// <returns>What the server said of these messages, ascending by UID.</returns>
    private async Task<IReadOnlyList<FetchAnswer>> AskAsync(
        IReadOnlyList<Uid> uids,
        FetchRequest request,
        CancellationToken cancellationToken
    )
    {
        client.Answers.KeepAnswers(uids);
        await InSetsAsync(uids, ids => Opened.FetchAsync(ids, request, cancellationToken));
        // A server may speak of one message in several answers.
        return
        [
            .. client
                .Answers.TakeAnswers()
                .GroupBy(answer => answer.Uid)
                // A message has one date for ever (RFC 9051, section 2.3.3): two of them are those of different messages under one UID.
                // To take either would store a wrong date as if it were the right one; without an answer, the message is asked for again.
                .Where(group => group.Select(answer => answer.Date).OfType<string>().Distinct(StringComparer.Ordinal).Count() < 2)
                .Select(group => group.Reverse().Aggregate((last, earlier) => last.Or(earlier)))
                .OrderBy(answer => answer.Uid),
        ];
    }

    private static MessageSummary Summary(FetchAnswer answer, InternalDate? said, ReceivedDate arrival) =>
        // A message whose size is not known is not one of 0 bytes, which may come as nothing.
        new(answer.Uid, answer.Size ?? 1, WithLabels(answer.Flags ?? FlagSet.None, answer.Labels), said?.Date ?? arrival.Date)
        {
            Origin = said is null ? arrival.From : null,
            OddDate = said is { Exact: true } ? null : answer.Date ?? "nothing",
            OddFlags = answer.OddFlags ?? (answer.Flags is null ? "nothing" : null),
        };
}
