using System.Runtime.CompilerServices;

namespace Migrator.Core.Checkpoints;

/// <summary>Reads the records of a folder one after the other, a page at a time.</summary>
public static class RecordPages
{
    private const int Page = 1000;

    /// <summary>Ascending by UID. Records may be written meanwhile: each is read as it is when its page is.</summary>
    public static async IAsyncEnumerable<MessageRecord> ReadAllAsync(this FolderCheckpoint folder, IMailboxCheckpoint checkpoint, IReadOnlyList<MessageState> states, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (uint from = 0; ;)
        {
            var records = await checkpoint.ReadAsync(folder.Id, states, from, Page, cancellationToken).ConfigureAwait(false);
            foreach (var record in records)
                yield return record;
            if (records.Count < Page || records[^1].Uid == uint.MaxValue)
                yield break;
            from = records[^1].Uid + 1;
        }
    }
}
