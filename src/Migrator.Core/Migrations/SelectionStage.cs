using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Decides which messages of a folder are left out by rule. What is, is recorded: it is judged again when the rules or its flags
/// have changed, and not in every run.</summary>
internal sealed class SelectionStage(FolderCopyState folder, IMailSource source)
{
    private const int Chunk = 1000;

    private static readonly IReadOnlyList<MessageState> s_notSent = [MessageState.Found, MessageState.Failed],
        s_notDelivered = [.. s_notSent, MessageState.Skipped];

    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;

    public async Task RunAsync(CancellationToken stop)
    {
        var mark = folder.Run.Selection?.Mark;
        if (folder.IsSelected || (mark is null && folder.Folder.Selection is null))
            return;
        var isOther = folder.Folder.Selection != mark;
        // Until all are judged by them, no run must take these rules for those that what is left out was judged by.
        if (isOther)
            await SaveAsync(FolderCheckpoint.Selecting, stop);
        await foreach (var page in folder.Folder.ReadPagesAsync(_checkpoint, isOther ? s_notDelivered : s_notSent, Chunk, stop))
            await JudgeAsync([.. page.Where(MayBeLeftOut)], stop);
        if (isOther)
            await SaveAsync(mark, stop);
        if (mark is not null)
            folder.Progress.Skipped(await _checkpoint.CountAsync(folder.Folder.Id, [MessageState.Skipped], null, stop));
        folder.IsSelected = true;
    }

    /// <summary>Not what the target may have, and not what is recorded without a date and a size.</summary>
    private static bool MayBeLeftOut(MessageRecord record) => record.Intent is null && record.Reason != Reason.SourceUnreadable.Code;

    private async Task JudgeAsync(List<MessageRecord> records, CancellationToken stop)
    {
        IReadOnlySet<Uid> left = folder.Run.Selection is { } selection
            ? await new MessageFilter(selection, source, folder.SourceSelections).LeftOutAsync(
                records.ConvertAll(record => new MessageSummary(record.Uid, record.Size, record.Flags, record.InternalDate)),
                stop
            )
            : new HashSet<Uid>();
        await _checkpoint.WriteAsync(
            folder.Folder.Id,
            [
                .. records
                    .Where(record => left.Contains(record.Uid) != (record.State == MessageState.Skipped))
                    .Select(record =>
                        record with
                        {
                            State = record.State == MessageState.Skipped ? MessageState.Found : MessageState.Skipped,
                            Reason = null,
                            Detail = null,
                        }
                    ),
            ],
            stop
        );
    }

    private async Task SaveAsync(string? selection, CancellationToken stop) =>
        folder.Folder = await _checkpoint.SaveFolderAsync(folder.Folder with { Selection = selection }, stop);
}
