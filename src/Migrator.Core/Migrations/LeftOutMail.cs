using Migrator.Core.Checkpoints;
using Migrator.Core.Fetching;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Selection;

namespace Migrator.Core.Migrations;

/// <summary>Which messages a comparison does not expect at the target: those that the rules of the job leave out, unless an earlier run
/// delivered them under other rules.</summary>
/// <param name="records">What is recorded of the source folders.</param>
internal sealed class LeftOutMail(MessageSelection selection, IMailboxCheckpoint checkpoint, IReadOnlyList<FolderCheckpoint> records)
{
    private readonly Isolation _requests = new();

    /// <param name="source">Has opened the folder.</param>
    public async Task<IReadOnlySet<Uid>> OfAsync(
        FolderPath folder,
        IMailSource source,
        IReadOnlyList<MessageSummary> messages,
        CancellationToken stop
    )
    {
        var left = await new MessageFilter(selection, source, _requests).LeftOutAsync(messages, stop);
        // Of a folder that was recreated since, the newest record speaks of other messages: then too much is compared, and nothing less.
        if (left.Count == 0 || records.Where(known => known.Source == folder).MaxBy(known => known.Id) is not { } record)
            return left;
        var delivered = await checkpoint.ReadAsync(record.Id, MessageStates.AtTarget, left.Min(), messages.Count, stop);
        return left.Except(delivered.Select(message => message.Uid)).ToHashSet();
    }
}
