using System.Runtime.CompilerServices;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>What the pages of a folder hold, and what has changed since they were written. Of the messages only the UIDs are in memory, in
/// ranges, and flags of pages in which some changed: a folder may have a million messages, of which each takes a hundred bytes.</summary>
internal sealed class KnownMessages
{
    private readonly KnownPage[] _pages;

    // What the pages hold.
    private readonly UidSet _uids;

    private KnownMessages(KnownPage[] pages, UidSet uids, UidSet kept) => (_pages, _uids, Kept) = (pages, uids, kept);

    public static KnownMessages None { get; } = new([], UidSet.Empty, UidSet.Empty);

    public IReadOnlyList<KnownPage> Pages => _pages;

    /// <summary>The messages that the folder still has.</summary>
    public UidSet Kept { get; }

    /// <summary>Reads all pages once.</summary>
    /// <param name="lookUp">Whether to look for each message, too.</param>
    /// <returns>Without the messages that the archive has lost.</returns>
    /// <exception cref="StorageException">A page is missing or damaged.</exception>
    public static async Task<(KnownMessages Known, int Lost)> OpenAsync(
        ObjectReader reader,
        SnapshotFolder folder,
        bool lookUp,
        CancellationToken cancellationToken
    )
    {
        var (pages, uids, lost) = (new KnownPage[folder.Pages.Count], new List<UidRange>(), new List<Uid>());
        var (some, contents) = (new List<Uid>(PageCodec.Most), lookUp ? new List<ContentId>(PageCodec.Most) : null);
        for (var place = 0; place < pages.Length; place++)
        {
            some.Clear();
            contents?.Clear();
            var page = folder.Pages[place];
            var (total, bytes) = await SnapshotPages.ScanAsync(reader, page, some, contents, cancellationToken);
            uids.AddRange(UidSet.Of(some).Ranges);
            pages[place] = new KnownPage(page, total, bytes);
            if (contents is not null)
                lost.AddRange(some.Zip(reader.Know(contents)).Where(message => !message.Second).Select(message => message.First));
        }
        var all = UidSet.Of(uids);
        return (new KnownMessages(pages, all, lost.Count == 0 ? all : all.Except(UidSet.Of(lost))), lost.Count);
    }

    /// <summary>Pages that were just written, or whose messages nobody asks for.</summary>
    public static KnownMessages Of(IEnumerable<KnownPage> pages, UidSet uids) => new([.. pages], uids, uids);

    public KnownMessages Keeping(UidSet uids) => new(_pages, _uids, Kept.Intersect(uids));

    public KnownMessages Without(UidSet uids) => uids.Count == 0 ? this : new(_pages, _uids, Kept.Except(uids));

    /// <summary>How many messages of a page the folder still has.</summary>
    public int CountKept(int page) => CountIn(Kept, page);

    /// <summary>Whether a page is what it was when it was written.</summary>
    public bool IsUnchanged(int page) => _pages[page].Flags is null && CountIn(_uids, page) == CountKept(page);

    /// <summary>The messages of a page that the folder still has, with the flags that they have now.</summary>
    /// <exception cref="StorageException">The page cannot be read any more.</exception>
    public async Task<List<ArchivedMessage>> ReadAsync(ObjectReader reader, int page, CancellationToken cancellationToken)
    {
        var messages = new List<ArchivedMessage>(_pages[page].Page.Count);
        foreach (var (message, flags) in await ReadAllAsync(reader, page, cancellationToken))
        {
            if (flags is { } set)
                messages.Add(message with { Flags = set });
        }
        return messages;
    }

    /// <summary>All messages of a page, also those that the folder does not have any more: they have null for flags.</summary>
    /// <inheritdoc cref="ReadAsync(ObjectReader, int, CancellationToken)"/>
    public async Task<IReadOnlyList<(ArchivedMessage Message, FlagSet? Flags)>> ReadAllAsync(
        ObjectReader reader,
        int page,
        CancellationToken cancellationToken
    )
    {
        var known = _pages[page];
        try
        {
            var messages = PageCodec.ReadIdentity(await reader.PageAsync(known.Page.Identity, cancellationToken));
            var flags = PageCodec.ReadFlags(known.Flags ?? await reader.PageAsync(known.Page.Flags, cancellationToken), messages.Count);
            return [.. messages.Select((message, place) => (message, Kept.Contains(message.Uid) ? flags[place] : null))];
        }
        catch (InvalidDataException exception)
        {
            throw SnapshotPages.Damaged(known.Page, exception);
        }
    }

    /// <summary>Page by page, the messages that the folder still has.</summary>
    /// <param name="which">Pages with none of these are not read; null for all.</param>
    /// <inheritdoc cref="ReadAsync(ObjectReader, int, CancellationToken)"/>
    public async IAsyncEnumerable<IReadOnlyList<ArchivedMessage>> ReadAsync(
        ObjectReader reader,
        UidSet? which,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var some = which is null ? Kept : Kept.Intersect(which);
        for (var page = 0; page < _pages.Length; page++)
        {
            if (CountIn(some, page) > 0)
                yield return (await ReadAsync(reader, page, cancellationToken)).FindAll(message => some.Contains(message.Uid));
        }
    }

    /// <summary>The messages with the highest UIDs among these, descending.</summary>
    /// <inheritdoc cref="ReadAsync(ObjectReader, int, CancellationToken)"/>
    public async Task<IReadOnlyList<ArchivedMessage>> HighestAsync(
        ObjectReader reader,
        UidSet among,
        int count,
        CancellationToken cancellationToken
    )
    {
        var (some, highest) = (Kept.Intersect(among), new List<ArchivedMessage>());
        for (var page = _pages.Length - 1; page >= 0 && highest.Count < count; page--)
        {
            if (CountIn(some, page) > 0)
                highest.AddRange(
                    (await ReadAsync(reader, page, cancellationToken))
                        .Where(message => some.Contains(message.Uid))
                        .Reverse()
                        .Take(count - highest.Count)
                );
        }
        return highest;
    }

    /// <summary>With the flags that messages have now. Only pages that hold some of them are read.</summary>
    /// <inheritdoc cref="ReadAsync(ObjectReader, int, CancellationToken)"/>
    public async Task<KnownMessages> WithAsync(
        ObjectReader reader,
        IReadOnlyDictionary<Uid, FlagSet> flags,
        CancellationToken cancellationToken
    )
    {
        var (asked, pages) = (UidSet.Of(flags.Keys.Where(Kept.Contains)), _pages.ToArray());
        for (var page = 0; page < pages.Length; page++)
        {
            if (CountIn(asked, page) == 0)
                continue;
            var isChanged = false;
            var messages = await ReadAllAsync(reader, page, cancellationToken);
            var now = new FlagSet?[messages.Count];
            for (var place = 0; place < now.Length; place++)
            {
                var (message, before) = messages[place];
                now[place] = before;
                // By their exact letters: sets that differ in case alone count as equal elsewhere.
                if (
                    before is not null
                    && flags.TryGetValue(message.Uid, out var set)
                    && !set.ToString().Equals(before.ToString(), StringComparison.Ordinal)
                )
                    (now[place], isChanged) = (set, true);
            }
            if (isChanged)
                pages[page] = pages[page] with { Flags = PageCodec.Flags(now) };
        }
        return new KnownMessages(pages, _uids, Kept);
    }

    /// <summary>Those that the archive does not hold any more: all pages are read, and each message is looked for.</summary>
    /// <inheritdoc cref="ReadAsync(ObjectReader, int, CancellationToken)"/>
    public async Task<UidSet> LostAsync(ObjectReader reader, CancellationToken cancellationToken)
    {
        var lost = new List<Uid>();
        await foreach (var messages in ReadAsync(reader, null, cancellationToken))
            lost.AddRange(
                messages
                    .Zip(reader.Know([.. messages.Select(message => message.Content)]))
                    .Where(message => !message.Second)
                    .Select(message => message.First.Uid)
            );
        return UidSet.Of(lost);
    }

    private int CountIn(UidSet uids, int page) =>
        uids.CountTo(_pages[page].Page.LastUid) - (page == 0 ? 0 : uids.CountTo(_pages[page - 1].Page.LastUid));
}
