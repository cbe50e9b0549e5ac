using System.Runtime.CompilerServices;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Copies that are ours and whose messages have left their folders at the source, by content: each waits for the message that is
/// the same in another folder, to be moved there.</summary>
internal sealed class FormerCopies
{
    private const int Chunk = 1000;

    private readonly List<Copy> _copies = [];
    private readonly Dictionary<ContentId, int> _last = [];
    private readonly HashSet<long> _sizes = [],
        _dates = [];
    private Dictionary<(long Size, long Date), Queue<Copy>>? _alike;

    /// <param name="Previous">The index of another with the same content; -1 for none.</param>
    private readonly record struct Copy(FolderCheckpoint Folder, Uid Uid, long Size, long Date, int Previous);

    public bool IsEmpty => _copies.Count == 0;

    /// <param name="isMovable">Whether copies of a folder may be moved.</param>
    public static async Task<FormerCopies> ReadAsync(
        IMailboxRecords records,
        Func<FolderCheckpoint, MessageRecord, bool> isMovable,
        CancellationToken stop
    )
    {
        var former = new FormerCopies();
        foreach (var folder in await records.FoldersOfFormerAsync(stop))
        {
            var owned = await records.OwnedAsync(folder.Target, folder.TargetUidValidity, stop);
            await foreach (var page in PagesAsync(records, folder, stop))
            {
                foreach (var record in page.Where(record => isMovable(folder, record) && !owned.Contains(record.TargetUid.Uid)))
                    former.Add(folder, record);
            }
        }
        return former;
    }

    /// <summary>Records of a folder whose messages have left it, page by page: some of their copies may belong to other messages by
    /// now.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<MessageRecord>> PagesAsync(
        IMailboxRecords records,
        FolderCheckpoint folder,
        [EnumeratorCancellation] CancellationToken stop
    )
    {
        for (Uid? next = 1; next is { } from; )
        {
            var page = await records.ReadFormerAsync(folder.Id, from, Chunk, stop);
            next = page.Count < Chunk || page[^1].Uid == Uid.Max ? null : page[^1].Uid.Next;
            if (page.Count > 0)
                yield return page;
        }
    }

    /// <summary>A record of a message that has left its folder, once its copy has left it too.</summary>
    public static MessageRecord Settled(MessageRecord record) => record with { TargetUid = default, IsOurs = false };

    /// <summary>Whether a message of this size or date may be one of them: servers estimate sizes, or change dates.</summary>
    public bool MayHave(MessageRecord record) => _sizes.Contains(record.Size) || _dates.Contains(record.InternalDate.ToUnixTimeSeconds());

    /// <summary>A copy of this content and date, which no other message is given after that.</summary>
    public (FolderCheckpoint Folder, Uid Uid)? Take(ContentId content, DateTimeOffset date)
    {
        if (!_last.TryGetValue(content, out var index))
            return null;
        for (var next = -1; index >= 0; (next, index) = (index, _copies[index].Previous))
        {
            var copy = _copies[index];
            // A server gives a message that it moves the date that it had; with another one it would not be the same at the target.
            if (copy.Date != date.ToUnixTimeSeconds())
                continue;
            if (next >= 0)
                _copies[next] = _copies[next] with { Previous = copy.Previous };
            else if (copy.Previous >= 0)
                _last[content] = copy.Previous;
            else
                _last.Remove(content);
            return (copy.Folder, copy.Uid);
        }
        return null;
    }

    /// <summary>A copy of this size and date, as far as shows without content, which no other message is given after that.</summary>
    public (FolderCheckpoint Folder, Uid Uid)? TakeLike(long size, DateTimeOffset date)
    {
        _alike ??= _copies.GroupBy(copy => (copy.Size, copy.Date)).ToDictionary(group => group.Key, group => new Queue<Copy>(group));
        return _alike.TryGetValue((size, date.ToUnixTimeSeconds()), out var alike) && alike.TryDequeue(out var copy)
            ? (copy.Folder, copy.Uid)
            : null;
    }

    private void Add(FolderCheckpoint folder, MessageRecord record)
    {
        if (record.Content is not { } content)
            return;
        _sizes.Add(record.Size);
        _dates.Add(record.InternalDate.ToUnixTimeSeconds());
        _copies.Add(
            new Copy(folder, record.Uid, record.Size, record.InternalDate.ToUnixTimeSeconds(), _last.GetValueOrDefault(content, -1))
        );
        _last[content] = _copies.Count - 1;
    }
}
