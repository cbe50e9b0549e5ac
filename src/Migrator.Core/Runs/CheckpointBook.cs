using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>The book of UIDs of a mailbox that is copied. What messages were when they were read is in their records.</summary>
internal sealed class CheckpointBook(IMailboxCheckpoint checkpoint) : IUidBook
{
    private const int Page = 5000;

    private static readonly IReadOnlyList<MessageState> s_all = Enum.GetValues<MessageState>();

    public Task<IReadOnlyList<UidEntry>> ReadAsync(CancellationToken cancellationToken) => checkpoint.Uids.ReadAsync(cancellationToken);

    public Task AddAsync(IReadOnlyList<UidEntry> entries, CancellationToken cancellationToken) => checkpoint.Uids.AddAsync(entries, cancellationToken);

    public async Task<IReadOnlyDictionary<uint, KnownContent>> ContentsAsync(CancellationToken cancellationToken)
    {
        var contents = new Dictionary<uint, KnownContent>();
        foreach (var folder in (await checkpoint.FoldersAsync(cancellationToken).ConfigureAwait(false)).Where(folder => folder.Source.IsInbox))
        {
            for (uint from = 0; ;)
            {
                var page = await checkpoint.ReadAsync(folder.Id, s_all, from, Page, cancellationToken).ConfigureAwait(false);
                foreach (var record in page)
                {
                    if (record.Content is { } content)
                        contents[record.Uid] = new KnownContent(content, record.Size);
                }
                if (page.Count < Page || page[^1].Uid == uint.MaxValue)
                    break;
                from = page[^1].Uid + 1;
            }
        }
        return contents;
    }
}
