using Migrator.Core.Checkpoints;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>After a migration from a POP3 server: deletes there what the target gives back octet for octet.</summary>
public sealed class DeliveredRemoval(Transfer transfer, MailboxEnds ends, ICheckpointStore store, TimeProvider time)
{
    private const int Chunk = 500;

    /// <param name="days">Since the server listed a message first.</param>
    /// <exception cref="MailException">An end could not be reached.</exception>
    public async Task RunAsync(int days, RunProgress progress, CancellationToken stop)
    {
        await using var checkpoint = await store.OpenAsync(new MailboxPair(transfer.Source, transfer.Target), stop).ConfigureAwait(false);
        await new SourceRemoval(token => ends.OpenSource(checkpoint.Uids, token), checkpoint.Uids, time)
            .RunAsync(days, (due, token) => ReadBackAsync(checkpoint, due.ToHashSet(), token), progress, stop).ConfigureAwait(false);
    }

    private async Task<IReadOnlyDictionary<uint, ContentId>> ReadBackAsync(IMailboxCheckpoint checkpoint, HashSet<uint> due, CancellationToken stop)
    {
        var safe = new Dictionary<uint, ContentId>();
        await using var target = await ends.OpenTarget(checkpoint.Hold, stop).ConfigureAwait(false);
        foreach (var folder in await checkpoint.FoldersAsync(stop).ConfigureAwait(false))
        {
            // Under another UIDVALIDITY the recorded UIDs mean other messages.
            if ((await target.OpenAsync(folder.Target, stop).ConfigureAwait(false)).UidValidity != folder.TargetUidValidity)
                continue;
            for (uint from = 0; ;)
            {
                var page = await checkpoint.ReadAsync(folder.Id, MessageStates.AtTarget, from, Chunk, stop).ConfigureAwait(false);
                if (page.Count == 0)
                    break;
                var wanted = page.Where(record => due.Contains(record.Uid)).ToDictionary(record => record.TargetUid);
                await target.FetchAsync([.. wanted.Keys.Order()], new ContentHasher((uid, content, _, _) =>
                {
                    if (wanted.TryGetValue(uid, out var record) && record.Content == content)
                        safe[record.Uid] = content;
                }), stop).ConfigureAwait(false);
                if (page[^1].Uid == uint.MaxValue)
                    break;
                from = page[^1].Uid + 1;
            }
        }
        return safe;
    }
}
