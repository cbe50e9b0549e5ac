using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Between a folder's messages and its pages.</summary>
internal static class SnapshotPages
{
    /// <summary>Names what these pages hold.</summary>
    public static ContentId IdOf(IEnumerable<SnapshotPage> pages) =>
        ContentId.Of([.. pages.SelectMany(page => page.Identity.ToArray().Concat(page.Flags.ToArray()))]);

    /// <summary>All messages of a folder, ascending by UID.</summary>
    /// <exception cref="StorageException">A page is missing or damaged.</exception>
    public static async Task<List<ArchivedMessage>> ReadAsync(
        ObjectReader reader,
        SnapshotFolder folder,
        CancellationToken cancellationToken
    )
    {
        var messages = new List<ArchivedMessage>(folder.Count);
        foreach (var page in folder.Pages)
            messages.AddRange(await ReadAsync(reader, page, cancellationToken));
        return messages;
    }

    public static async Task<IReadOnlyList<ArchivedMessage>> ReadAsync(
        ObjectReader reader,
        SnapshotPage page,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return PageCodec.Read(
                await reader.PageAsync(page.Identity, cancellationToken),
                await reader.PageAsync(page.Flags, cancellationToken)
            );
        }
        catch (InvalidDataException exception)
        {
            throw Damaged(page, exception);
        }
    }

    /// <inheritdoc cref="PageCodec.Scan"/>
    /// <exception cref="StorageException">A page is missing or damaged.</exception>
    public static async Task<(int Total, long Bytes)> ScanAsync(
        ObjectReader reader,
        SnapshotPage page,
        ICollection<Uid> uids,
        ICollection<ContentId>? contents,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return PageCodec.Scan(
                await reader.PageAsync(page.Identity, cancellationToken),
                await reader.PageAsync(page.Flags, cancellationToken),
                uids,
                contents
            );
        }
        catch (InvalidDataException exception)
        {
            throw Damaged(page, exception);
        }
    }

    public static StorageException Damaged(SnapshotPage page, InvalidDataException exception) =>
        new(Reason.ArchiveDamaged, $"The page {page.Identity} is damaged: {exception.Message}.", exception);

    /// <summary>Writes the pages that are not there yet. A page of the snapshot before is used again where its messages are still what they
    /// were, although some may be gone; only their flags are rewritten. One in which nothing changed is not read.</summary>
    /// <param name="known">What the pages before hold.</param>
    /// <param name="stored">What has come since, ascending by UID.</param>
    /// <param name="reader">Reads pages that are in the archive.</param>
    /// <param name="store">Stores a page under its content id, unless it is there.</param>
    public static async Task<IReadOnlyList<KnownPage>> WriteAsync(
        KnownMessages known,
        ArchivedMessage[] stored,
        ObjectReader reader,
        Func<byte[], Task<ContentId>> store,
        CancellationToken cancellationToken
    )
    {
        var (parts, next) = (new List<Part>(), 0);
        for (var page = 0; page < known.Pages.Count; page++)
        {
            var first = next;
            while (next < stored.Length && stored[next].Uid <= known.Pages[page].Page.LastUid)
                next++;
            var piece = new Piece(page, first, next);
            if (next > first)
            {
                var messages = await ReadAsync(known, stored, piece, reader, cancellationToken);
                parts.Add(
                    new Part(await AgainAsync(known.Pages[page].Page, messages, reader, store, cancellationToken), messages.Count, [piece])
                );
            }
            else if (known.CountKept(page) is > 0 and var kept)
                parts.Add(new Part(await AgainAsync(known, page, kept, reader, store, cancellationToken), kept, [piece]));
        }
        if (next < stored.Length)
            parts.Add(new Part(null, stored.Length - next, [new Piece(-1, next, stored.Length)]));
        var pages = new List<KnownPage>();
        foreach (var part in Joined(parts))
        {
            if (part.Page is { } page)
            {
                pages.Add(page);
                continue;
            }
            var waiting = new List<ArchivedMessage>(PageCodec.Most);
            foreach (var piece in part.Pieces)
            {
                foreach (var message in await ReadAsync(known, stored, piece, reader, cancellationToken))
                {
                    waiting.Add(message);
                    if (waiting.Count < PageCodec.Most)
                        continue;
                    pages.Add(await NewAsync(waiting, store));
                    waiting.Clear();
                }
            }
            if (waiting.Count > 0)
                pages.Add(await NewAsync(waiting, store));
        }
        return pages;
    }

    /// <summary>The messages of a page that the folder still has, among others that have come since.</summary>
    /// <param name="Page">-1 for none.</param>
    /// <param name="First">Of what has come.</param>
    /// <param name="End">Behind the last of what has come.</param>
    private readonly record struct Piece(int Page, int First, int End);

    /// <param name="Page">Null where it is still to be written.</param>
    /// <param name="Count">Messages in it.</param>
    /// <param name="Pieces">Read when it is written: of a folder of which all pages change, not all are in memory.</param>
    private readonly record struct Part(KnownPage? Page, int Count, IReadOnlyList<Piece> Pieces);

    private static async Task<IReadOnlyList<ArchivedMessage>> ReadAsync(
        KnownMessages known,
        ArchivedMessage[] stored,
        Piece piece,
        ObjectReader reader,
        CancellationToken cancellationToken
    )
    {
        var come = new ArraySegment<ArchivedMessage>(stored, piece.First, piece.End - piece.First);
        if (piece.Page < 0 || known.CountKept(piece.Page) == 0)
            return come;
        var there = await known.ReadAsync(reader, piece.Page, cancellationToken);
        return come.Count == 0 ? there : [.. there.Concat(come).OrderBy(message => message.Uid)];
    }

    private static async Task<KnownPage> NewAsync(List<ArchivedMessage> messages, Func<byte[], Task<ContentId>> store) =>
        new(
            new SnapshotPage(
                await store(PageCodec.Identity(messages)),
                await store(PageCodec.Flags([.. messages.Select(message => (FlagSet?)message.Flags)])),
                messages[^1].Uid,
                messages.Count
            ),
            messages.Count,
            messages.Sum(message => message.Size)
        );

    /// <returns>A page to which nothing has come; null where it is to be rewritten.</returns>
    private static async Task<KnownPage?> AgainAsync(
        KnownMessages known,
        int place,
        int kept,
        ObjectReader reader,
        Func<byte[], Task<ContentId>> store,
        CancellationToken cancellationToken
    )
    {
        var (page, total, bytes, _) = known.Pages[place];
        if (kept < total && (kept > PageCodec.Most || page.Count > PageCodec.Most || HasTooFew(kept, total)))
            return null;
        if (known.IsUnchanged(place))
            return new KnownPage(page with { Count = kept }, total, bytes);
        var messages = await known.ReadAllAsync(reader, place, cancellationToken);
        var flags = await store(PageCodec.Flags([.. messages.Select(message => message.Flags)]));
        return new KnownPage(
            page with
            {
                Flags = flags,
                Count = kept,
            },
            total,
            messages.Sum(message => message.Flags is null ? 0 : message.Message.Size)
        );
    }

    /// <returns>A page in whose place these messages are now; null where they are to be written to new pages.</returns>
    private static async Task<KnownPage?> AgainAsync(
        SnapshotPage page,
        IReadOnlyList<ArchivedMessage> messages,
        ObjectReader reader,
        Func<byte[], Task<ContentId>> store,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<FlagSet?>? flags = null;
        if (ContentId.Of(PageCodec.Identity(messages)) == page.Identity)
        {
            flags = [.. messages.Select(message => (FlagSet?)message.Flags)];
        }
        else if (messages.Count <= PageCodec.Most && page.Count <= PageCodec.Most)
        {
            try
            {
                flags = Flags(PageCodec.ReadIdentity(await reader.PageAsync(page.Identity, cancellationToken)), messages);
            }
            catch (Exception exception)
                when (exception is InvalidDataException || (exception is StorageException storage && ArchiveContents.IsDamage(storage)))
            {
                // Rewritten, it is whole again.
            }
        }
        return flags is null
            ? null
            : new KnownPage(
                page with
                {
                    Flags = await store(PageCodec.Flags(flags)),
                    Count = messages.Count,
                },
                flags.Count,
                messages.Sum(message => message.Size)
            );
    }

    private static bool HasTooFew(int left, int total) => left * 4 < total * 3;

    /// <returns>The flags of each message of the page, null for those that are gone; null where other messages came to it, or too many are
    /// gone.</returns>
    private static List<FlagSet?>? Flags(IReadOnlyList<ArchivedMessage> known, IReadOnlyList<ArchivedMessage> messages)
    {
        if (HasTooFew(messages.Count, known.Count))
            return null;
        var (flags, next) = (new List<FlagSet?>(known.Count), 0);
        foreach (var message in known)
        {
            var isThere = next < messages.Count && messages[next] with { Flags = FlagSet.None } == message;
            flags.Add(isThere ? messages[next].Flags : null);
            next += isThere ? 1 : 0;
        }
        return next == messages.Count ? flags : null;
    }

    /// <summary>Small pages are joined with what is written behind them, once that is half as large: so a message is written again some ten
    /// times at most until its page is full, and one new message seldom writes more than itself.</summary>
    private static List<Part> Joined(IReadOnlyList<Part> parts)
    {
        var joined = new List<Part>();
        foreach (var part in parts)
        {
            var last = part;
            while (
                last.Page is null
                && joined.Count > 0
                && joined[^1] is var before
                && (before.Page is null || before.Count <= 2 * last.Count)
                && before.Count + last.Count <= PageCodec.Most
            )
            {
                last = new Part(null, before.Count + last.Count, [.. before.Pieces, .. last.Pieces]);
                joined.RemoveAt(joined.Count - 1);
            }
            joined.Add(last);
        }
        return joined;
    }
}
