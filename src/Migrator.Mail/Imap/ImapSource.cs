using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using Migrator.Core.Mail;
using Migrator.Mail.Connecting;
using MimeKit;

namespace Migrator.Mail.Imap;

/// <summary>Reads one mailbox over IMAP. One session, one call at a time.</summary>
/// <param name="access">Read only (EXAMINE) at a source, so that not even <c>\Recent</c> changes.</param>
internal sealed class ImapSource(FetchingClient client, ResponseTail tail, string account, FolderAccess access, TimeProvider time) : IMailSource
{
    private readonly FolderLister _lister = new(client, tail, time);
    private FolderListing? _folders;
    private bool _othersListed;
    private FetchingFolder? _open;
    private string _folder = "";

    public FetchingFolder Opened => _open ?? throw new InvalidOperationException("No folder is open.");

    private string Where => account + _folder;

    public IReadOnlyList<string> Prefix => FolderNames.Prefix(_lister.Primary);

    /// <summary>NUL where names are flat.</summary>
    public char Delimiter => _lister.Primary == AccountNamespaces.Root ? client.Inbox.DirectorySeparator : _lister.Primary.DirectorySeparator;

    public IReadOnlyList<string> ListingNotices { get; private set; } = [];

    public async Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken)
    {
        var items = StatusItems.Count | StatusItems.UidNext | StatusItems.UidValidity;
        if (client.Capabilities.HasFlag(ImapCapabilities.CondStore))
            items |= StatusItems.HighestModSeq;
        // Listing may open folders.
        _open = null;
        var listing = await ListAsync(items, others: true, cancellationToken).ConfigureAwait(false);
        ListingNotices = listing.Subscriptions is { } refusal
            ? [$"{account}: the server does not say which folders the user is subscribed to ({MailErrors.Innermost(refusal)}): subscriptions are not known."] : [];
        return [.. listing.Folders.Select(entry => Describe(entry.Key, entry.Value))];
    }

    public Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken) => Guarded(Reason.FolderRefused, $"opening {folder}", async () =>
    {
        (_folder, _open) = ($", folder {folder}", null);
        var found = await FindAsync(folder, cancellationToken).ConfigureAwait(false) ?? throw new MailException(Reason.FolderMissing, $"{Where}: the folder does not exist.");
        found.Folder.ForgetState();
        try
        {
            await found.Folder.OpenAsync(access, cancellationToken).ConfigureAwait(false);
        }
        catch (ImapCommandException exception) when (MissingFolder.IsMeant(tail))
        {
            throw new MailException(Reason.FolderMissing, $"{Where}: the server lists the folder and says that it does not exist: {tail.Last().Text}", exception);
        }
        _open = found.Folder;
        if (_open.UidNext is null)
            await AskUidNextAsync(_open, cancellationToken).ConfigureAwait(false);
        return State(_open);
    });

    public Task<IReadOnlyList<uint>> ListUidsAsync(uint from, CancellationToken cancellationToken) => Guarded<IReadOnlyList<uint>>(Reason.FolderRefused, "listing messages", async () =>
    {
        if (Opened.Count == 0)
            return [];
        var query = from <= 1 ? SearchQuery.All : SearchQuery.Uids(new UniqueIdRange(new UniqueId(from), UniqueId.MaxValue));
        var uids = await Opened.SearchAsync(query, cancellationToken).ConfigureAwait(false);
        // "n:*" names the last message even where its UID is below n (RFC 9051, section 9, seq-range).
        return [.. uids.Select(uid => uid.Id).Where(uid => uid >= from).Order()];
    });

    public Task<IReadOnlyList<MessageSummary>> SummarizeAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => Guarded<IReadOnlyList<MessageSummary>>(Reason.FolderRefused, "reading flags, dates and sizes", async () =>
    {
        if (uids.Count == 0)
            return [];
        var request = new FetchRequest(MessageSummaryItems.UniqueId | MessageSummaryItems.Flags | MessageSummaryItems.InternalDate | MessageSummaryItems.Size);
        var summaries = await Opened.FetchAsync(Ids(uids), request, cancellationToken).ConfigureAwait(false);
        return
        [
            .. Asked(summaries, uids)
                .Where(summary => summary.InternalDate is not null)
                .Select(summary => new MessageSummary(summary.UniqueId.Id, summary.Size ?? 0, Flags.From(summary), summary.InternalDate!.Value)),
        ];
    });

    public Task<IReadOnlyList<(uint Uid, FlagSet Flags)>> FlagsAsync(IReadOnlyList<uint> uids, ulong since, CancellationToken cancellationToken) => Guarded<IReadOnlyList<(uint, FlagSet)>>(Reason.FolderRefused, "reading flags", async () =>
    {
        if (uids.Count == 0)
            return [];
        var request = new FetchRequest(MessageSummaryItems.UniqueId | MessageSummaryItems.Flags);
        if (since > 0 && Opened.Supports(FolderFeature.ModSequences))
            request.ChangedSince = since;
        var summaries = await Opened.FetchAsync(Ids(uids), request, cancellationToken).ConfigureAwait(false);
        return [.. Asked(summaries, uids).Where(summary => summary.Flags is not null).Select(summary => (summary.UniqueId.Id, Flags.From(summary)))];
    });

    public Task FetchAsync(IReadOnlyList<uint> uids, IContentReceiver receiver, CancellationToken cancellationToken) => Guarded(Reason.SourceUnreadable, "fetching messages", async () =>
    {
        if (uids.Count > 0)
            await Opened.FetchAsync(Ids(uids), receiver, cancellationToken).ConfigureAwait(false);
        return true;
    });

    public Task<IReadOnlyDictionary<uint, string>> SubjectsAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => Guarded<IReadOnlyDictionary<uint, string>>(Reason.SourceUnreadable, "reading subjects", async () =>
    {
        if (uids.Count == 0)
            return new Dictionary<uint, string>();
        var request = new FetchRequest(MessageSummaryItems.UniqueId, [HeaderId.Subject]);
        var summaries = await Opened.FetchAsync(Ids(uids), request, cancellationToken).ConfigureAwait(false);
        var subjects = new Dictionary<uint, string>();
        foreach (var summary in Asked(summaries, uids))
        {
            if (summary.Headers?[HeaderId.Subject] is { } subject)
                subjects[summary.UniqueId.Id] = subject;
        }
        return subjects;
    });

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            if (client.IsConnected)
                await client.DisconnectAsync(quit: true, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (MailErrors.IsMail(exception) || exception is OperationCanceledException)
        {
            // A goodbye that fails changes nothing: all that matters was answered before.
        }
        client.Dispose();
    }

    /// <summary>The folder as the server lists it; null where it does not.</summary>
    public async Task<ListedFolder?> FindAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        // Found by listing all rather than by asking for the name: % and * in a name would match others.
        var folders = _folders ?? await ListAsync(StatusItems.None, others: false, cancellationToken).ConfigureAwait(false);
        if (!folders.Folders.ContainsKey(folder) && !_othersListed)
            folders = await ListAsync(StatusItems.None, others: true, cancellationToken).ConfigureAwait(false);
        return folders.Folders.GetValueOrDefault(folder);
    }

    /// <summary>Whether the last listing had folders below this one.</summary>
    public bool HasBelow(FolderPath folder) => _folders?.Parents.Contains(folder) == true;

    public void Remember(FolderPath path, FetchingFolder folder) => _folders!.Folders[path] = new ListedFolder(folder, folder.Attributes, NamespaceKind.Private);

    /// <summary>The next look at the folders lists them anew.</summary>
    public void ForgetFolders() => (_folders, _othersListed) = (null, false);

    /// <summary>Runs a call about the open folder and says in our words what went wrong in it.</summary>
    public Task<T> Guarded<T>(Reason refused, string what, Func<Task<T>> call) => GuardedAsync(refused, () => $"{Where}: {what}", call);

    /// <summary>Likewise, a call that is not about the folder that happens to be open.</summary>
    /// <param name="what">Names the folder that it is about.</param>
    public Task<T> GuardedElsewhere<T>(Reason refused, string what, Func<Task<T>> call) => GuardedAsync(refused, () => $"{account}: {what}", call);

    private async Task<T> GuardedAsync<T>(Reason refused, Func<string> what, Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception exception) when (MailErrors.IsMail(exception))
        {
            throw ImapErrors.Translate(exception, refused, what(), tail);
        }
    }

    private Task<FolderListing> ListAsync(StatusItems items, bool others, CancellationToken cancellationToken) => GuardedElsewhere(Reason.FolderRefused, "listing folders", async () =>
    {
        _folders = await _lister.ListAsync(items, others, cancellationToken).ConfigureAwait(false);
        _othersListed = others;
        return _folders;
    });

    /// <summary>A server that leaves UIDNEXT out of its answer to SELECT says it when asked. RFC 9051 has clients ask before they open the folder, but
    /// what is known then is old by the time it is open.</summary>
    private static async Task AskUidNextAsync(FetchingFolder folder, CancellationToken cancellationToken)
    {
        try
        {
            await folder.StatusAsync(StatusItems.UidNext, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ImapCommandException or FolderNotFoundException or NotSupportedException)
        {
            // It stays unknown.
        }
    }

    private static MailFolder Describe(FolderPath path, ListedFolder folder) => new(path, path.IsInbox ? SpecialUse.Inbox : FolderNames.Use(folder.Attributes), folder.Selectable, folder.Subscribed,
        folder.Selectable && folder.Folder.UidValidity > 0 ? State(folder.Folder) : null)
    {
        Namespace = folder.Kind,
    };

    private static FolderState State(IMailFolder folder) => new(folder.UidValidity, folder.UidNext?.Id ?? 0, folder.HighestModSeq, folder.Count);

    private static List<UniqueId> Ids(IReadOnlyList<uint> uids) => uids.Select(uid => new UniqueId(uid)).ToList();

    // A server may speak of messages that it was not asked about, whenever it likes (RFC 9051, section 7).
    private static IEnumerable<IMessageSummary> Asked(IEnumerable<IMessageSummary> summaries, IReadOnlyList<uint> uids)
    {
        var asked = uids.ToHashSet();
        return summaries.Where(summary => asked.Remove(summary.UniqueId.Id)).OrderBy(summary => summary.UniqueId.Id);
    }
}
