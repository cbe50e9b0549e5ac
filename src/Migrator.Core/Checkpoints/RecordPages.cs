using System.Runtime.CompilerServices;
using Migrator.Core.Mail;

namespace Migrator.Core.Checkpoints;

/// <summary>Reads the records of a folder, ascending by UID. Records may be written meanwhile: each is read as it is when its page
/// is.</summary>
public static class RecordPages
{
    private const int DefaultSize = 1000;

    public static async IAsyncEnumerable<MessageRecord> ReadAllAsync(
        this FolderCheckpoint folder,
        IMailboxRecords checkpoint,
        IReadOnlyList<MessageState> states,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var page in folder.ReadPagesAsync(checkpoint, states, DefaultSize, cancellationToken))
        {
            foreach (var record in page)
                yield return record;
        }
    }

    /// <summary>The same, for work that is done for many records at once.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<MessageRecord>> ReadPagesAsync(
        this FolderCheckpoint folder,
        IMailboxRecords checkpoint,
        IReadOnlyList<MessageState> states,
        int size,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (Uid from = 0; ; )
        {
            var page = await checkpoint.ReadAsync(folder.Id, states, from, size, cancellationToken);
            if (page.Count > 0)
                yield return page;
            // One more than the highest UID there can be would be 0, and begin again.
            if (page.Count < size || page[^1].Uid == Uid.Max)
                yield break;
            from = page[^1].Uid.Next;
        }
    }
}
