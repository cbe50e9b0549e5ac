using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Records what the target took, and looks whether it has it: with the flags and the date that it was
/// given.</summary>
internal sealed class Delivery(FolderRun folder, IMailTarget target)
{
    private const int CheckedAtOnce = 1000;

    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;
    private readonly List<MessageRecord> _unconfirmed = [];

    /// <summary>Messages that the target took without telling their UIDs.</summary>
    public int Unconfirmed => _unconfirmed.Count;

    /// <summary>One more than the highest UID that is known to have been given to a message delivered here.</summary>
    public uint NextUid { get; private set; }

    public static MessageRecord Delivered(MessageRecord record, uint uid) =>
        record with { State = MessageState.Delivered, TargetUid = uid, Intent = null, Reason = null, Detail = null };

    /// <param name="readBack">Of these records, those that may be there otherwise than they are at the source.</param>
    public async Task AdoptedAsync(IReadOnlyList<MessageRecord> records, Func<MessageRecord, bool> readBack, CancellationToken cancellationToken)
    {
        if (records.Count == 0)
            return;
        await _checkpoint.WriteAsync(folder.Folder.Id, records, cancellationToken).ConfigureAwait(false);
        var sent = records.Where(record => folder.Sent.Remove(record.Uid)).ToList();
        folder.Progress.Delivered(sent.Count, sent.Sum(record => record.Size));
        folder.Progress.AlreadyThere(records.Count - sent.Count);
        folder.MadeHeadway();
        await CheckLaterAsync(records, readBack, cancellationToken).ConfigureAwait(false);
    }

    /// <param name="messages">On record as <see cref="MessageState.Sending"/>; the target has said that it took them, and their UIDs,
    /// 0 where it does not tell.</param>
    /// <param name="readBack">Of these, those that the target may have changed.</param>
    public async Task DeliveredAsync(IReadOnlyList<(MessageRecord Record, uint Uid)> messages, Func<MessageRecord, bool> readBack, CancellationToken cancellationToken)
    {
        _unconfirmed.AddRange(messages.Where(message => message.Uid == 0).Select(message => message.Record));
        var delivered = messages.Where(message => message.Uid > 0).Select(message => Delivered(message.Record, message.Uid)).ToList();
        if (delivered.Count == 0)
            return;
        await _checkpoint.WriteAsync(folder.Folder.Id, delivered, cancellationToken).ConfigureAwait(false);
        NextUid = Math.Max(NextUid, delivered.Max(record => record.TargetUid) + 1);
        folder.Sent.ExceptWith(delivered.Select(record => record.Uid));
        folder.Progress.Delivered(delivered.Count, delivered.Sum(record => record.Size));
        folder.MadeHeadway();
        await CheckLaterAsync(delivered, readBack, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds the UIDs that are not known yet, and looks at everything not looked at.</summary>
    public async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        await LocateAsync(cancellationToken).ConfigureAwait(false);
        await CheckAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task LocateAsync(CancellationToken cancellationToken)
    {
        if (_unconfirmed.Count == 0)
            return;
        // Opened anew: without UIDPLUS, servers often do not tell of their own accord what an append added.
        await target.OpenAsync(folder.Mapping.Target, cancellationToken).ConfigureAwait(false);
        var from = _unconfirmed.Min(record => record.Intent!.Value.UidNext);
        var uids = await target.ListUidsAsync(from, cancellationToken).ConfigureAwait(false);
        var delivered = await _checkpoint.DeliveredToAsync(folder.Mapping.Target, folder.Folder.TargetUidValidity, from, cancellationToken).ConfigureAwait(false);
        var there = await Adoption.ScanAsync(target, Adoption.Unowned(uids, delivered), [], _ => true, from, [], cancellationToken).ConfigureAwait(false);

        var records = _unconfirmed.ToList();
        _unconfirmed.Clear();
        var found = records.ConvertAll(record => (Record: record, Uid: there.Take(record.Content!.Value, record.InternalDate)));
        var left = new Queue<uint>(there.Left());
        // The server stored these otherwise than they were sent. Appended in this order on this connection, they have their UIDs in this order.
        var altered = found.Where(pair => pair.Uid is null).Select(pair => pair.Record).ToList();
        var inOrder = altered.Count == left.Count ? altered.ToDictionary(record => record.Uid, _ => left.Dequeue()) : [];
        await DeliveredAsync([.. found.Select(pair => (pair.Record, Uid: pair.Uid ?? inOrder.GetValueOrDefault(pair.Record.Uid))).Where(pair => pair.Uid > 0)],
            record => inOrder.ContainsKey(record.Uid), cancellationToken).ConfigureAwait(false);
        await folder.FailAsync([.. altered.Where(record => !inOrder.ContainsKey(record.Uid))
            .Select(record => (record, Reason.NotConfirmed, "the target took it, but nothing there is equal to it"))], cancellationToken).ConfigureAwait(false);
    }

    private async Task CheckLaterAsync(IReadOnlyList<MessageRecord> records, Func<MessageRecord, bool> readBack, CancellationToken cancellationToken)
    {
        folder.Unchecked.AddRange(records.Select(record => (record, readBack(record))));
        if (folder.Unchecked.Count >= CheckedAtOnce)
            await CheckAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (folder.Unchecked.Count == 0)
            return;
        List<uint> uids = [.. folder.Unchecked.Select(message => message.Record.TargetUid).Order()];
        var there = new Dictionary<uint, MessageSummary>();
        await SummarizeAsync(uids, there, cancellationToken).ConfigureAwait(false);
        if (there.Count < uids.Count)
        {
            await target.OpenAsync(folder.Mapping.Target, cancellationToken).ConfigureAwait(false);
            await SummarizeAsync([.. uids.Where(uid => !there.ContainsKey(uid))], there, cancellationToken).ConfigureAwait(false);
        }
        var differences = new List<(MessageRecord Record, Difference Difference)>();
        foreach (var (record, _) in folder.Unchecked)
            differences.AddRange(Compare(record, there.GetValueOrDefault(record.TargetUid)).Select(difference => (record, difference)));
        // Some servers estimate sizes: another size is only a reason to look.
        await CompareContentAsync([.. folder.Unchecked
            .Where(message => there.TryGetValue(message.Record.TargetUid, out var summary) && (message.ReadBack || summary.Size != message.Record.Size))
            .Select(message => message.Record)], differences, cancellationToken).ConfigureAwait(false);

        // On record, because the next run has no reason to look again; reported only now, because a lost connection begins anew.
        var lasting = differences.Where(pair => pair.Difference.Kind is DifferenceKind.Missing or DifferenceKind.Content).ToList();
        await _checkpoint.WriteAsync(folder.Folder.Id, [.. lasting.Select(pair => pair.Record with { Reason = pair.Difference.Kind.ToString(), Detail = pair.Difference.Actual })], cancellationToken).ConfigureAwait(false);
        folder.TargetDiffers |= lasting.Count > 0;
        foreach (var (_, difference) in differences)
            folder.Run.Findings.Add(difference);
        folder.Unchecked.Clear();
    }

    private async Task CompareContentAsync(IReadOnlyList<MessageRecord> records, List<(MessageRecord, Difference)> differences, CancellationToken cancellationToken)
    {
        var byUid = records.ToDictionary(record => record.TargetUid);
        var refused = await Piecemeal.AskAsync([.. byUid.Keys.Order()], some => target.FetchAsync([.. some.Where(byUid.ContainsKey)], new ContentHasher((uid, content, _, size) =>
        {
            byUid.Remove(uid, out var record);
            if (content != record!.Content)
                differences.Add((record, folder.Differs(record, DifferenceKind.Content, $"{size:N0} octets, sha256 {content}")));
        }), cancellationToken)).ConfigureAwait(false);
        differences.AddRange(refused.Where(byUid.ContainsKey).Select(uid => (byUid[uid], folder.Differs(byUid[uid], DifferenceKind.Content, "the target does not give it out"))));
    }

    private Task SummarizeAsync(IReadOnlyList<uint> uids, Dictionary<uint, MessageSummary> there, CancellationToken cancellationToken) => Piecemeal.AskAsync(uids, async some =>
    {
        foreach (var summary in await target.SummarizeAsync(some, cancellationToken).ConfigureAwait(false))
            there[summary.Uid] = summary;
    });

    private IEnumerable<Difference> Compare(MessageRecord record, MessageSummary? there)
    {
        if (there is null)
            yield return folder.Differs(record, DifferenceKind.Missing, "no longer listed: removed or moved at the target meanwhile");
        else if (there.Flags != record.Flags)
            yield return folder.Differs(record, DifferenceKind.Flags, there.Flags.ToString());
        if (there is not null && there.InternalDate.ToUnixTimeSeconds() != record.InternalDate.ToUnixTimeSeconds())
            yield return folder.Differs(record, DifferenceKind.InternalDate, FolderRun.Text(there.InternalDate));
    }
}
