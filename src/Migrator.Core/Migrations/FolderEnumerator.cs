using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Finds out what a source folder holds and records what is new.</summary>
internal static class FolderEnumerator
{
    private const int Chunk = 1000;
    private const int Page = 200;

    private static readonly IReadOnlyList<MessageState> s_differs = [MessageState.Differs];

    /// <param name="folder">The run of a folder that <paramref name="source"/> and the target have opened.</param>
    /// <param name="uids">What the source lists.</param>
    /// <param name="recorded">Of messages that it held when it was last listed. By these, and not by the highest UID, messages are new:
    /// some servers show one after others that came later.</param>
    public static async Task RunAsync(
        FolderCopyState folder,
        IMailSource source,
        FolderState state,
        UidSet uids,
        UidSet recorded,
        CancellationToken cancellationToken
    )
    {
        var (checkpoint, id) = (folder.Run.Checkpoint, folder.Folder.Id);
        // What was delivered of them belongs to nobody from now on: a message that was moved away and back is a new one, and finds its
        // copy.
        var (gone, fresh) = (recorded.Except(uids), uids.Except(recorded));
        if (folder.Run.Follows)
            await ReportForeignAsync(folder, gone, cancellationToken);
        await checkpoint.MarkVanishedAsync(id, gone, cancellationToken);
        var vanished = await AddNewAsync(folder, source, fresh, cancellationToken);

        // What is recorded of the source's messages, without what is still to be delivered: to count them takes longer.
        var delivered =
            recorded.Count
            - gone.Count
            + fresh.Count
            - vanished
            - await checkpoint.CountAsync(id, MessageStates.NotDelivered, null, cancellationToken);
        var (removed, differences) =
            folder.TargetUids is null || delivered == 0
                ? (0, new List<Difference>())
                : (
                    await RemovedAsync(folder, folder.TargetUids, delivered, cancellationToken),
                    await DifferencesAsync(folder, folder.TargetUids, cancellationToken)
                );
        if (removed > 0)
            folder.Run.Progress.Notice(
                $"{folder.Mapping.Source.Path}: {removed:N0} message{(removed == 1 ? "" : "s")} delivered before "
                    + $"{(removed == 1 ? "is" : "are")} no longer in {folder.Mapping.Target}: removed or moved at the target, and not "
                    + "delivered again."
            );

        folder.TargetDiffers = removed > 0 || differences.Exists(difference => RecordedDifferences.IsLasting(difference.Kind));
        foreach (var difference in differences)
            folder.Run.Findings.Add(difference);

        // Counted only now: a connection lost before this point enumerates again.
        folder.Progress.Expected = uids.Count;
        folder.Progress.Found(uids.Count);
        folder.Progress.Vanished(vanished + removed);
        folder.CountThere(delivered - removed);
        folder.Run.Log.Copying(folder.Mapping.Source.Path, uids.Count, uids.Count - delivered);
        folder.Enumerated = state;
    }

    /// <summary>Names copies that stay because nothing proves that Migrator made them.</summary>
    private static async Task ReportForeignAsync(FolderCopyState folder, UidSet gone, CancellationToken cancellationToken)
    {
        List<Uid> uids = [.. gone];
        for (var next = 0; next < uids.Count; )
        {
            var page = await folder.Run.Checkpoint.ReadAsync(folder.Folder.Id, MessageStates.AtTarget, uids[next], Page, cancellationToken);
            foreach (var record in page.Where(record => gone.Contains(record.Uid) && record is { IsOurs: false, TargetUid.IsKnown: true }))
                folder.Run.Findings.Add(folder.Differs(record, DifferenceKind.Kept, "nothing proves that Migrator made this copy"));
            if (page.Count < Page)
                return;
            while (next < uids.Count && uids[next] <= page[^1].Uid)
                next++;
        }
    }

    /// <summary>What the target folder holds as far as is known: what it lists, and what was delivered to it and is older than what it
    /// shows.</summary>
    public static async Task<UidSet> HeldAsync(
        FolderCopyState folder,
        IMailTarget target,
        FolderState state,
        UidSet listed,
        CancellationToken cancellationToken
    ) =>
        LimitedView.Horizon(target.Provider, state, listed) is { IsKnown: true } horizon
            ? listed.Union(
                UidSet.Of(
                    (await folder.Run.Checkpoint.DeliveredToAsync(folder.Mapping.Target, state.UidValidity, 1, cancellationToken))
                        .Select(copy => copy.TargetUid.Uid)
                        .Where(uid => uid < horizon)
                )
            )
            : listed;

    /// <summary>Whether a message that was delivered is at the target no longer.</summary>
    /// <param name="there">What the target folder holds.</param>
    public static bool IsRemoved(MessageRecord record, UidSet there) => !there.Contains(record.TargetUid.Uid);

    /// <returns>How many were listed but gone when asked for.</returns>
    private static async Task<int> AddNewAsync(
        FolderCopyState folder,
        IMailSource source,
        UidSet fresh,
        CancellationToken cancellationToken
    )
    {
        var vanished = 0;
        foreach (var chunk in fresh.Chunk(Chunk))
        {
            var summaries = new List<MessageSummary>(chunk.Length);
            await folder.SourceSummaries.AskAsync(
                chunk,
                async some => summaries.AddRange(await source.FetchSummariesAsync(some, cancellationToken))
            );
            var silent = chunk.Except(summaries.Select(summary => summary.Uid)).ToList();
            IReadOnlyList<Uid> stillThere = silent.Count == 0 ? [] : await source.ListUidsAsync(silent[0], cancellationToken);
            // A message that is listed but has no date or size is recorded all the same: capture asks again, and says so if it gets
            // nothing.
            var unreadable = silent
                .Intersect(stillThere)
                .Select(uid => new MessageSummary(uid, 0, FlagSet.None, DateTimeOffset.UnixEpoch))
                .ToList();
            vanished += silent.Count - unreadable.Count;

            var next = Uid.Higher(folder.Folder.NextUid, chunk[^1].Next);
            await folder.Run.Checkpoint.AddFoundAsync(folder.Folder.Id, [.. summaries, .. unreadable], next, cancellationToken);
            if (unreadable.Count > 0)
            {
                var records = await folder.Run.Checkpoint.ReadAsync(
                    folder.Folder.Id,
                    [MessageState.Found],
                    unreadable[0].Uid,
                    Chunk,
                    cancellationToken
                );
                // Failed, not found: only of a failed message are flags and date asked for again.
                await folder.Run.Checkpoint.WriteAsync(
                    folder.Folder.Id,
                    [
                        .. records
                            .Where(record => unreadable.Exists(summary => summary.Uid == record.Uid))
                            .Select(record => record with { State = MessageState.Failed, Reason = Reason.SourceUnreadable.Code }),
                    ],
                    cancellationToken
                );
            }
            folder.ReportOddities(summaries);
            folder.Folder = folder.Folder with { NextUid = next };
        }
        return vanished;
    }

    /// <param name="delivered">Messages of the source that were delivered.</param>
    /// <returns>How many of them are no longer there. Of some, no UID is known: the target had moved them before it was.</returns>
    private static async Task<int> RemovedAsync(FolderCopyState folder, UidSet there, int delivered, CancellationToken cancellationToken) =>
        delivered - await folder.Run.Checkpoint.CountAsync(folder.Folder.Id, MessageStates.AtTarget, there.Ranges, cancellationToken);

    /// <returns>What an earlier run saw to be otherwise than it was sent, and still is.</returns>
    private static async Task<List<Difference>> DifferencesAsync(FolderCopyState folder, UidSet there, CancellationToken cancellationToken)
    {
        var differences = new List<Difference>();
        await foreach (var records in folder.Folder.ReadPagesAsync(folder.Run.Checkpoint, s_differs, Chunk, cancellationToken))
        {
            differences.AddRange(
                from record in records
                from known in RecordedDifferences.Of(record)
                where
                    known.Kind switch
                    {
                        DifferenceKind.Missing or DifferenceKind.Trashed => !there.Contains(record.TargetUid.Uid),
                        DifferenceKind.Content => there.Contains(record.TargetUid.Uid),
                        // In another folder, it is looked for at the end of the run.
                        DifferenceKind.Duplicate => RecordedDifferences.LateCopyUid(known.Actual) is not { } second
                            || (there.Contains(record.TargetUid.Uid) && there.Contains(second.Uid)),
                        _ => false,
                    }
                select folder.Differs(record, known.Kind, known.Actual)
            );
            // A second copy that somebody has removed is none any more.
            await folder.Run.Checkpoint.WriteAsync(
                folder.Folder.Id,
                [
                    .. records
                        .Where(record =>
                            RecordedDifferences
                                .Of(record)
                                .Any(known =>
                                    known.Kind == DifferenceKind.Duplicate
                                    && RecordedDifferences.LateCopyUid(known.Actual) is { } second
                                    && !there.Contains(second.Uid)
                                )
                        )
                        .Select(record => RecordedDifferences.Without(record, DifferenceKind.Duplicate)),
                ],
                cancellationToken
            );
        }
        return differences;
    }
}
