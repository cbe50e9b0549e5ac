using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>After a migration from a POP3 server: deletes there what the target gives back byte for byte.</summary>
public sealed class DeliveredDeletion(Transfer transfer, MailboxEndpoints endpoints, ICheckpointStore store, TimeProvider time)
{
    private const int Chunk = 500;

    /// <param name="report">Of the migration.</param>
    /// <param name="days">Since the server listed a message first.</param>
    /// <returns>The report with what was deleted.</returns>
    public async Task<RunReport> RunAsync(RunReport report, int days, RunProgress progress, CancellationToken stop)
    {
        await using var checkpoint = await store.OpenAsync(new MailboxPair(transfer.Source, transfer.Target), stop);
        var (uidMap, listed) = (new CheckpointUidMap(checkpoint), new List<Uid>());
        // The run before has marked as vanished what the server no longer listed.
        foreach (var folder in await checkpoint.FoldersAsync(stop))
            listed.AddRange(await checkpoint.UidsAsync(folder.Id, MessageStates.AtTarget, stop));
        var due = SourceDeletion.Due(await uidMap.ReadAsync(stop), listed, days, time.GetUtcNow());
        var removal = await new SourceDeletion(token => endpoints.OpenSource(uidMap, token), progress).RunAsync(
            due,
            (uids, token) => ReadBackAsync(checkpoint, uids.ToHashSet(), progress, token),
            AnnounceAsync,
            stop
        );
        return report.With(removal) with { Notices = [.. progress.Notices] };

        async Task AnnounceAsync(IReadOnlyList<Uid> leaving)
        {
            var entries = await uidMap.ReadAsync(stop);
            await uidMap.AddAsync(UidMapMark.LeavingEntries(entries, leaving, time.GetUtcNow()), stop);
        }
    }

    private async Task<IReadOnlyDictionary<Uid, ContentId>> ReadBackAsync(
        IMailboxCheckpoint checkpoint,
        HashSet<Uid> due,
        RunProgress progress,
        CancellationToken stop
    )
    {
        var safe = new Dictionary<Uid, ContentId>();
        await using var target = await endpoints.OpenTarget(checkpoint.Lease, stop);
        foreach (var folder in await checkpoint.FoldersAsync(stop))
        {
            try
            {
                await ReadBackAsync(checkpoint, folder, target, due, safe, stop);
            }
            catch (MailException exception) when (exception.Reason.Scope < FailureScope.Session)
            {
                progress.Notice($"{exception.Message} What was not read back stays on the server.");
            }
        }
        return safe;
    }

    private static async Task ReadBackAsync(
        IMailboxCheckpoint checkpoint,
        FolderCheckpoint folder,
        IMailTarget target,
        HashSet<Uid> due,
        Dictionary<Uid, ContentId> safe,
        CancellationToken stop
    )
    {
        // Under another UIDVALIDITY the recorded UIDs mean other messages.
        if ((await target.OpenAsync(folder.Target, stop)).UidValidity != folder.TargetUidValidity)
            return;
        await foreach (var page in folder.ReadPagesAsync(checkpoint, MessageStates.AtTarget, Chunk, stop))
        {
            var wanted = page.Where(record => due.Contains(record.Uid) && record.TargetUid.IsKnown)
                .DistinctBy(record => record.TargetUid)
                .ToDictionary(record => record.TargetUid.Uid);
            if (wanted.Count > 0)
            {
                await target.FetchAsync(
                    [.. wanted.Keys.Order()],
                    new HashingSink(
                        (uid, content, _, _) =>
                        {
                            if (wanted.TryGetValue(uid, out var record) && record.Content == content)
                                safe[record.Uid] = content;
                        }
                    ),
                    stop
                );
            }
        }
    }
}
