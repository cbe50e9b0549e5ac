using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Copies of messages that were deleted at a POP3 server after it had listed what is still to be delivered. A message that is no
/// longer at the source leaves its copy to the next with its content, which may be the same message under another id. Not here: both were
/// at the source at once, and the one that is left would be missing at the target.</summary>
internal static class DeletedTwins
{
    public static async Task<UidSet> CopiesAsync(FolderCopyState folder, IMailSource source, CancellationToken stop)
    {
        var checkpoint = folder.Run.Checkpoint;
        if (source is not IDeletableSource)
            return UidSet.Empty;
        var marks = UidMapMark.LeavingMarks(await new CheckpointUidMap(checkpoint).ReadAsync(stop));
        var pending = marks.Count == 0 ? [] : await checkpoint.UidsAsync(folder.Folder.Id, MessageStates.Pending, stop);
        if (pending.Count == 0)
            return UidSet.Empty;
        var (earliest, copies) = (pending.Min(), new List<Uid>());
        // Nearly always all of it is newer: then no record need be read.
        if (marks.Values.All(mark => mark < earliest))
            return UidSet.Empty;
        await foreach (var record in folder.Folder.ReadAllAsync(checkpoint, [MessageState.Vanished], stop))
        {
            if (record.TargetUid.IsKnown && marks.TryGetValue(record.Uid, out var mark) && earliest < mark)
                copies.Add(record.TargetUid.Uid);
        }
        return UidSet.Of(copies);
    }
}
