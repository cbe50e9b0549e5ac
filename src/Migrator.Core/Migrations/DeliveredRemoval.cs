using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>After a migration from a POP3 server: deletes there what the target gives back octet for octet.</summary>
public sealed class DeliveredRemoval(Transfer transfer, MailboxEnds ends, ICheckpointStore store, TimeProvider time)
{
    private const int Chunk = 500;

    /// <param name="report">Of the migration.</param>
    /// <param name="days">Since the server listed a message first.</param>
    /// <returns>The report with what was deleted.</returns>
    public async Task<RunReport> RunAsync(RunReport report, int days, RunProgress progress, CancellationToken stop)
    {
        await using var checkpoint = await store.OpenAsync(new MailboxPair(transfer.Source, transfer.Target), stop).ConfigureAwait(false);
        var (book, listed) = (new CheckpointBook(checkpoint), new List<uint>());
        // The run before has marked as vanished what the server no longer listed.
        foreach (var folder in await checkpoint.FoldersAsync(stop).ConfigureAwait(false))
            listed.AddRange(await checkpoint.UidsAsync(folder.Id, MessageStates.AtTarget, stop).ConfigureAwait(false));
        var due = SourceRemoval.Due(await book.ReadAsync(stop).ConfigureAwait(false), listed, days, time.GetUtcNow());
        var removal = await new SourceRemoval(token => ends.OpenSource(book, token), progress)
            .RunAsync(due, (uids, token) => ReadBackAsync(checkpoint, uids.ToHashSet(), progress, token), AnnounceAsync, stop).ConfigureAwait(false);
        return report.With(removal) with { Notices = [.. progress.Notices] };

        async Task AnnounceAsync(IReadOnlyList<uint> leaving)
        {
            var entries = await book.ReadAsync(stop).ConfigureAwait(false);
            await book.AddAsync(BookMark.LeavingEntries(entries, leaving, time.GetUtcNow()), stop).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyDictionary<uint, ContentId>> ReadBackAsync(IMailboxCheckpoint checkpoint, HashSet<uint> due, RunProgress progress, CancellationToken stop)
    {
        var safe = new Dictionary<uint, ContentId>();
        await using var target = await ends.OpenTarget(checkpoint.Hold, stop).ConfigureAwait(false);
        foreach (var folder in await checkpoint.FoldersAsync(stop).ConfigureAwait(false))
        {
            try
            {
                await ReadBackAsync(checkpoint, folder, target, due, safe, stop).ConfigureAwait(false);
            }
            catch (MailException exception) when (exception.Reason.Scope < FailureScope.Session)
            {
                progress.Notice($"{exception.Message} What was not read back stays on the server.");
            }
        }
        return safe;
    }

    private static async Task ReadBackAsync(
        IMailboxCheckpoint checkpoint, FolderCheckpoint folder, IMailTarget target, HashSet<uint> due, Dictionary<uint, ContentId> safe, CancellationToken stop)
    {
        // Under another UIDVALIDITY the recorded UIDs mean other messages.
        if ((await target.OpenAsync(folder.Target, stop).ConfigureAwait(false)).UidValidity != folder.TargetUidValidity)
            return;
        await foreach (var page in folder.ReadPagesAsync(checkpoint, MessageStates.AtTarget, Chunk, stop).ConfigureAwait(false))
        {
            var wanted = page.Where(record => due.Contains(record.Uid) && record.TargetUid > 0).DistinctBy(record => record.TargetUid).ToDictionary(record => record.TargetUid);
            if (wanted.Count > 0)
            {
                await target.FetchAsync([.. wanted.Keys.Order()], new ContentHasher((uid, content, _, _) =>
                {
                    if (wanted.TryGetValue(uid, out var record) && record.Content == content)
                        safe[record.Uid] = content;
                }), stop).ConfigureAwait(false);
            }
        }
    }
}
