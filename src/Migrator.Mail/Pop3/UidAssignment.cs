using System.Globalization;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Mail.Pop3;

/// <summary>Gives the messages of a mailbox UIDs that stay theirs from session to session.</summary>
/// <remarks>
/// <para>A message is known by its UIDL and the size that LIST says. A server may give a UIDL again once its message is gone (RFC 1939,
/// section 7), and some number from 1 again: where the size is another one, or the message was gone in between, or another UIDL was seen to
/// be given again, the message is read, and what it is decides. Sizes are compared with what the same server listed before, never with what
/// it sent: some only estimate them.</para>
/// <para>Where the server has no UIDLs, gives one to several messages, or gives numbers that are just those of the listing, a message is
/// known by its content, and a number among messages of the same content: those are downloaded each time the mailbox is opened. A UIDL that
/// several messages had is written down as no name for any (<c>twice:</c>): once the others are gone it would name the last one again,
/// which would be taken for another message.</para>
/// </remarks>
internal sealed class UidAssignment(IUidMap uidMap, string account, TimeProvider time)
{
    private readonly List<UidMapEntry> _added = [];
    private UidMapIndex _index = new([]);
    private IReadOnlyDictionary<Uid, KnownContent> _contents = new Dictionary<Uid, KnownContent>();

    /// <param name="hash">The content of these messages; null for one that the server does not return.</param>
    /// <returns>The messages by UID, and the highest UID that a message was ever given.</returns>
    public async Task<(SortedDictionary<Uid, ListedMessage> Messages, Uid Highest)> AssignAsync(
        IReadOnlyList<ListedMessage> listed,
        Func<IReadOnlyList<ListedMessage>, Task<IReadOnlyList<ContentId?>>> hash,
        CancellationToken cancellationToken
    )
    {
        _index = new UidMapIndex(await uidMap.ReadAsync(cancellationToken));
        // Refused for a moment: taken for a server without them, every message would have to be downloaded to be known.
        if (listed.Count > 0 && listed.All(message => message.Uidl is null) && _index.HasUniqueIds)
            throw new MailException(
                Reason.TemporaryFailure,
                $"{account}: the server returned no unique IDs (UIDL) this time. Without them, messages that were fetched "
                    + "before cannot be recognized."
            );

        foreach (
            var shared in listed
                .Where(message => message.Uidl is not null)
                .GroupBy(message => message.Uidl)
                .Where(group => group.Count() > 1)
        )
            UidOf(Twice(shared.Key!));
        var justNumbers = listed.All(message => IsNumber(message.Uidl, message.Number));
        var nameless = listed.Where(message => justNumbers || message.Uidl is not { } uidl || _index.Has(Twice(uidl))).ToList();
        var named = listed.Except(nameless).ToList();
        // All that was ever stored is listed there: only where it may be wanted.
        if (
            nameless.Count > 0
            || named.Exists(message =>
                _index.Of(message.Uidl!) is [.., var latest] && (latest.WasGone || !IsListedAsBefore(message, latest))
            )
        )
            _contents = await uidMap.ContentsAsync(cancellationToken);
        var uids = await ByUniqueIdAsync(named, hash);
        var contents = nameless.Count > 0 ? nameless.Zip(await hash(nameless)).ToDictionary(pair => pair.First, pair => pair.Second) : [];

        var (messages, copies) = (new SortedDictionary<Uid, ListedMessage>(), new Dictionary<string, Queue<string>>());
        foreach (var message in listed)
        {
            var uid = contents.TryGetValue(message, out var content)
                ? UidOf(ByContent(message, content))
                : uids.GetValueOrDefault(message) ?? UidOf(_index.NewKey(message.Uidl!, message.Size));
            messages[uid] = message;
        }
        // Where some messages have no name, nobody knows which of those that have one are gone.
        if (nameless.Count == 0)
            MarkGone(messages);
        if (_added.Count > 0)
            await uidMap.AddAsync(_added, cancellationToken);
        return (messages, _index.HighestOfMessages);

        string ByContent(ListedMessage message, ContentId? content)
        {
            // One that cannot be read is listed all the same, or nobody would learn of it; fetching it says why.
            var name = content is { } read ? $"sha256:{read}" : $"unread:{message.Uidl}:{message.Size}";
            if (!copies.TryGetValue(name, out var known))
                copies[name] = known = new Queue<string>(
                    _index.CopiesOf(name).Where(key => content is not { } same || !IsStoredOtherwise(key, same))
                );
            return known.TryDequeue(out var next) ? next : _index.NewCopy(name);
        }
    }

    /// <summary>The server sent other bytes once it was asked for the message again, and those were stored. Under the same UID it would
    /// count as stored for ever.</summary>
    private bool IsStoredOtherwise(string key, ContentId content) =>
        _index.UidOf(key) is { } uid && _contents.TryGetValue(uid, out var stored) && stored.Content != content;

    /// <returns>The UID of each message; null for one that is new.</returns>
    private async Task<Dictionary<ListedMessage, Uid?>> ByUniqueIdAsync(
        List<ListedMessage> named,
        Func<IReadOnlyList<ListedMessage>, Task<IReadOnlyList<ContentId?>>> hash
    )
    {
        var known = named.Where(message => _index.Of(message.Uidl!).Count > 0).ToList();
        var doubtful = known.Where(IsDoubtful).ToList();
        var uids = known.Except(doubtful).ToDictionary(message => message, message => (Uid?)_index.Of(message.Uidl!)[^1].Uid);
        if (await CompareAsync(doubtful, uids, hash))
            // One id names another message than before: so may those whose sizes happen to be the same.
            await CompareAsync(
                [.. known.Except(doubtful).Where(message => _contents.ContainsKey(_index.Of(message.Uidl!)[^1].Uid))],
                uids,
                hash
            );
        return uids;
    }

    private bool IsDoubtful(ListedMessage message)
    {
        var latest = _index.Of(message.Uidl!)[^1];
        if (latest.WasGone || IsListedAsBefore(message, latest))
            return latest.WasGone;
        // UID maps of earlier versions have no sizes. What was stored has the size that was listed, unless the server estimates: then
        // reading it tells.
        return latest.Sizes.Count > 0 || (_contents.TryGetValue(latest.Uid, out var stored) && stored.Size != message.Size);
    }

    private static bool IsListedAsBefore(ListedMessage message, KnownMessage known) =>
        message.Size is not { } size || known.Sizes.Contains(size);

    /// <summary>Reads messages and finds them by what they are. One that was never read before cannot be compared: it is a new
    /// one.</summary>
    /// <returns>Whether one of them is another message than the one that was read under its id.</returns>
    private async Task<bool> CompareAsync(
        List<ListedMessage> messages,
        Dictionary<ListedMessage, Uid?> uids,
        Func<IReadOnlyList<ListedMessage>, Task<IReadOnlyList<ContentId?>>> hash
    )
    {
        var anotherOne = false;
        foreach (var message in messages)
            uids[message] = null;
        var comparable = messages.Where(message => _index.Of(message.Uidl!).Any(known => _contents.ContainsKey(known.Uid))).ToList();
        var contents = comparable.Count > 0 ? await hash(comparable) : [];
        foreach (var (message, content) in comparable.Zip(contents))
        {
            var same = _index
                .Of(message.Uidl!)
                .LastOrDefault(known =>
                    content is not null && _contents.TryGetValue(known.Uid, out var stored) && stored.Content == content
                );
            anotherOne |= same is null && content is not null;
            if (same is null)
                continue;
            uids[message] = same.Uid;
            if (message.Size is { } size && same.Sizes.Add(size))
                Mark(UidMapMark.Size(same.Uid, size));
            // What we were about to delete is read again each time until it is gone.
            if (same.TimesGone > same.TimesBack)
                Mark(UidMapMark.Back(same.Uid, same.TimesGone));
        }
        return anotherOne;
    }

    private void MarkGone(SortedDictionary<Uid, ListedMessage> messages)
    {
        foreach (
            var gone in _index
                .Latest.Where(known => !known.WasGone && !messages.ContainsKey(known.Uid))
                .OrderBy(known => known.Uid)
                .ToList()
        )
            Mark(UidMapMark.Gone(gone.Uid, gone.TimesGone + 1));
    }

    private void Mark(string key)
    {
        if (!_index.Has(key))
            UidOf(key);
    }

    private Uid UidOf(string key)
    {
        if (_index.UidOf(key) is { } known)
            return known;
        var uid = _index.Add(key);
        _added.Add(new UidMapEntry(key, uid, time.GetUtcNow()));
        return uid;
    }

    /// <summary>Such an id says no more than the message's place in this listing.</summary>
    private static bool IsNumber(string? uidl, int number) =>
        uidl is not null && long.TryParse(uidl, NumberStyles.None, CultureInfo.InvariantCulture, out var said) && said == number;

    private static string Twice(string uidl) => $"twice:{uidl}";
}
