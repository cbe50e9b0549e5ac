using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Between a folder's messages and its pages.</summary>
internal static class SnapshotPages
{
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
            throw new StorageException(Reason.ArchiveDamaged, $"The page {page.Identity} is damaged: {exception.Message}.", exception);
        }
    }

    /// <summary>Writes the pages that are not there yet. A page of the snapshot before is used again where its messages are still what they
    /// were, although some may be gone; only their flags are rewritten.</summary>
    /// <param name="messages">Ascending by UID.</param>
    /// <param name="before">The pages of the snapshot before; empty for a new folder.</param>
    /// <param name="identity">Gives the bytes of an identity page that is in the archive.</param>
    /// <param name="store">Stores a page under its content id, unless it is there.</param>
    public static async Task<IReadOnlyList<SnapshotPage>> WriteAsync(
        IReadOnlyList<ArchivedMessage> messages,
        IReadOnlyList<SnapshotPage> before,
        Func<ContentId, Task<byte[]>> identity,
        Func<byte[], Task<ContentId>> store
    )
    {
        var (parts, next) = (new List<Part>(), 0);
        foreach (var page in before)
        {
            var first = next;
            while (next < messages.Count && messages[next].Uid <= page.LastUid)
                next++;
            if (next > first)
                parts.Add(await AgainAsync(page, messages.Slice(first, next), identity, store));
        }
        if (next < messages.Count)
            parts.Add(new Part(null, messages.Slice(next, messages.Count)));
        var pages = new List<SnapshotPage>();
        foreach (var part in Joined(parts))
        {
            if (part.Page is { } page)
            {
                pages.Add(page);
                continue;
            }
            foreach (var chunk in part.Messages.Chunk(PageCodec.Most))
                pages.Add(
                    new SnapshotPage(
                        await store(PageCodec.Identity(chunk)),
                        await store(PageCodec.Flags([.. chunk.Select(message => (FlagSet?)message.Flags)])),
                        chunk[^1].Uid,
                        chunk.Length
                    )
                );
        }
        return pages;
    }

    /// <param name="Page">Null where it is still to be written.</param>
    private readonly record struct Part(SnapshotPage? Page, IReadOnlyList<ArchivedMessage> Messages);

    private static async Task<Part> AgainAsync(
        SnapshotPage page,
        IReadOnlyList<ArchivedMessage> messages,
        Func<ContentId, Task<byte[]>> identity,
        Func<byte[], Task<ContentId>> store
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
                flags = Flags(PageCodec.ReadIdentity(await identity(page.Identity)), messages);
            }
            catch (Exception exception)
                when (exception is InvalidDataException || (exception is StorageException storage && ArchiveContents.IsDamage(storage)))
            {
                // Rewritten, it is whole again.
            }
        }
        return flags is null
            ? new Part(null, messages)
            : new Part(page with { Flags = await store(PageCodec.Flags(flags)), Count = messages.Count }, messages);
    }

    /// <returns>The flags of each message of the page, null for those that are gone; null where other messages came to it, or too many are
    /// gone.</returns>
    private static List<FlagSet?>? Flags(IReadOnlyList<ArchivedMessage> known, IReadOnlyList<ArchivedMessage> messages)
    {
        if (messages.Count * 4 < known.Count * 3)
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
                && (before.Page is null || before.Messages.Count <= 2 * last.Messages.Count)
                && before.Messages.Count + last.Messages.Count <= PageCodec.Most
            )
            {
                last = new Part(null, [.. before.Messages, .. last.Messages]);
                joined.RemoveAt(joined.Count - 1);
            }
            joined.Add(last);
        }
        return joined;
    }

    private static List<ArchivedMessage> Slice(this IReadOnlyList<ArchivedMessage> messages, int first, int end)
    {
        var slice = new List<ArchivedMessage>(end - first);
        for (var place = first; place < end; place++)
            slice.Add(messages[place]);
        return slice;
    }
}
