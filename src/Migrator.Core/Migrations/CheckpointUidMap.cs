using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>The UID map of a mailbox that is copied. What messages were when they were read is in their records.</summary>
internal sealed class CheckpointUidMap(IMailboxCheckpoint checkpoint) : IUidMap
{
    private static readonly IReadOnlyList<MessageState> s_all = Enum.GetValues<MessageState>();

    public Task<IReadOnlyList<UidMapEntry>> ReadAsync(CancellationToken cancellationToken) => checkpoint.Uids.ReadAsync(cancellationToken);

    public Task AddAsync(IReadOnlyList<UidMapEntry> entries, CancellationToken cancellationToken) =>
        checkpoint.Uids.AddAsync(entries, cancellationToken);

    public async Task<IReadOnlyDictionary<Uid, KnownContent>> ContentsAsync(CancellationToken cancellationToken)
    {
        var contents = new Dictionary<Uid, KnownContent>();
        foreach (var folder in (await checkpoint.FoldersAsync(cancellationToken)).Where(folder => folder.Source.IsInbox))
        {
            await foreach (var record in folder.ReadAllAsync(checkpoint, s_all, cancellationToken))
            {
                if (record.Content is { } content)
                    contents[record.Uid] = new KnownContent(content, record.Size);
            }
        }
        return contents;
    }
}
