using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Between a folder's messages and its pages.</summary>
internal static class SnapshotPages
{
    // A page that grew this small is joined with the next one when it is written anew anyway.
    private const int Least = PageCodec.Most / 4;

    /// <summary>All messages of a folder, ascending by UID.</summary>
    /// <exception cref="StorageException">A page is missing or damaged.</exception>
    public static async Task<List<ArchivedMessage>> ReadAsync(ObjectReader reader, SnapshotFolder folder, CancellationToken cancellationToken)
    {
        var messages = new List<ArchivedMessage>(folder.Count);
        foreach (var page in folder.Pages)
            messages.AddRange(await ReadAsync(reader, page, cancellationToken).ConfigureAwait(false));
        return messages;
    }

    public static async Task<IReadOnlyList<ArchivedMessage>> ReadAsync(ObjectReader reader, SnapshotPage page, CancellationToken cancellationToken)
    {
        try
        {
            return PageCodec.Read(await reader.PageAsync(page.Identity, cancellationToken).ConfigureAwait(false), await reader.PageAsync(page.Flags, cancellationToken).ConfigureAwait(false));
        }
        catch (InvalidDataException exception)
        {
            throw new StorageException(Reason.ArchiveDamaged, $"The page {page.Identity} is damaged: {exception.Message}.", exception);
        }
    }

    /// <summary>Writes the pages that are not there yet. They end where the pages of the snapshot before ended, so that what did not
    /// change is the same page.</summary>
    /// <param name="messages">Ascending by UID.</param>
    /// <param name="before">The pages of the snapshot before; empty for a new folder.</param>
    /// <param name="store">Stores a page under its content id, unless it is there.</param>
    public static async Task<IReadOnlyList<SnapshotPage>> WriteAsync(IReadOnlyList<ArchivedMessage> messages, IReadOnlyList<SnapshotPage> before, Func<byte[], Task<ContentId>> store)
    {
        var pages = new List<SnapshotPage>();
        var page = new List<ArchivedMessage>();
        var endsBefore = before.SkipLast(1).Select(page => page.LastUid).ToList();
        var next = 0;
        foreach (var message in messages)
        {
            // A page ends before the first message that was in a later page, even if its own last one is gone.
            var passed = false;
            while (next < endsBefore.Count && message.Uid > endsBefore[next])
                (passed, next) = (true, next + 1);
            if (page.Count >= PageCodec.Most || (passed && page.Count >= Least))
                await EndAsync().ConfigureAwait(false);
            page.Add(message);
        }
        await EndAsync().ConfigureAwait(false);
        return pages;

        async Task EndAsync()
        {
            if (page.Count == 0)
                return;
            pages.Add(new SnapshotPage(await store(PageCodec.Identity(page)).ConfigureAwait(false), await store(PageCodec.Flags(page)).ConfigureAwait(false), page[^1].Uid, page.Count));
            page.Clear();
        }
    }
}
