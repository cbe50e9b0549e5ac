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

    /// <param name="folder">The run of a folder that <paramref name="source"/> and the target have opened.</param>
    /// <param name="uids">What the source lists.</param>
    public static async Task RunAsync(
        FolderCopyState folder,
        IMailSource source,
        FolderState state,
        IReadOnlyList<Uid> uids,
        CancellationToken cancellationToken
    )
    {
        var (checkpoint, id) = (folder.Run.Checkpoint, folder.Folder.Id);
        var (fresh, gone) = Compare(uids, await checkpoint.UidsAsync(id, MessageStates.AtSource, cancellationToken));
        // What was delivered of them belongs to nobody from now on: a message that was moved away and back is a new one, and finds its
        // copy.
        await checkpoint.MarkVanishedAsync(id, [.. gone], cancellationToken);
        var vanished = await AddNewAsync(folder, source, fresh, cancellationToken);

        var delivered = await checkpoint.UidsAsync(id, MessageStates.AtTarget, cancellationToken);
        var (removed, differences) =
            folder.TargetUids is null || delivered.Count == 0
                ? (0, new List<Difference>())
                : await RemovedAsync(folder, folder.TargetUids, cancellationToken);
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
        folder.CountThere(delivered.Count - removed);
        folder.Run.Log.Copying(folder.Mapping.Source.Path, uids.Count, uids.Count - delivered.Count);
        folder.Enumerated = state;
    }

    /// <param name="uids">What the source lists.</param>
    /// <param name="recorded">Of messages that it held when it was last listed.</param>
    public static (List<Uid> Fresh, HashSet<Uid> Gone) Compare(IReadOnlyList<Uid> uids, IReadOnlyList<Uid> recorded)
    {
        // By what is recorded, not by the highest UID: some servers show a message after others that came later.
        var gone = recorded.ToHashSet();
        return (uids.Where(uid => !gone.Remove(uid)).ToList(), gone);
    }

    /// <summary>What the target folder holds as far as is known: what it lists, and what was delivered to it and is older than what it
    /// shows.</summary>
    /// <param name="listed">Ascending.</param>
    public static async Task<HashSet<Uid>> HeldAsync(
        FolderCopyState folder,
        IMailTarget target,
        FolderState state,
        IReadOnlyList<Uid> listed,
        CancellationToken cancellationToken
    )
    {
        var (held, horizon) = (listed.ToHashSet(), LimitedView.Horizon(target.Provider, state, listed));
        if (horizon.IsKnown)
            held.UnionWith(
                (await folder.Run.Checkpoint.DeliveredToAsync(folder.Mapping.Target, state.UidValidity, 1, cancellationToken))
                    .Select(copy => copy.TargetUid.Uid)
                    .Where(uid => uid < horizon)
            );
        return held;
    }

    /// <summary>Whether a message that was delivered is at the target no longer.</summary>
    /// <param name="there">What the target folder holds.</param>
    public static bool IsRemoved(MessageRecord record, IReadOnlySet<Uid> there) => !there.Contains(record.TargetUid.Uid);

    /// <returns>How many were listed but gone when asked for.</returns>
    private static async Task<int> AddNewAsync(
        FolderCopyState folder,
        IMailSource source,
        IReadOnlyList<Uid> fresh,
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

    /// <returns>How many messages of the source were delivered and are no longer there, and what an earlier run saw to be otherwise
    /// than it was sent, and still is.</returns>
    private static async Task<(int, List<Difference>)> RemovedAsync(
        FolderCopyState folder,
        IReadOnlySet<Uid> there,
        CancellationToken cancellationToken
    )
    {
        var (removed, differences) = (0, new List<Difference>());
        await foreach (var records in folder.Folder.ReadPagesAsync(folder.Run.Checkpoint, MessageStates.AtTarget, Chunk, cancellationToken))
        {
            removed += records.Count(record => IsRemoved(record, there));
            differences.AddRange(
                from record in records
                from known in RecordedDifferences.Of(record)
                where
                    known.Kind switch
                    {
                        DifferenceKind.Missing or DifferenceKind.Trashed => !there.Contains(record.TargetUid.Uid),
                        DifferenceKind.Content => there.Contains(record.TargetUid.Uid),
                        DifferenceKind.Duplicate => there.Contains(record.TargetUid.Uid)
                            && there.Contains(LateArrivals.Second(known.Actual).Uid),
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
                                    known.Kind == DifferenceKind.Duplicate && !there.Contains(LateArrivals.Second(known.Actual).Uid)
                                )
                        )
                        .Select(record => RecordedDifferences.Without(record, DifferenceKind.Duplicate)),
                ],
                cancellationToken
            );
        }
        return (removed, differences);
    }
}
