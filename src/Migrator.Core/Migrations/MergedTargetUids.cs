using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Messages of which the target says that it took them, under a UID that it had given before: it keeps one of several that it
/// takes for the same (Gmail, by Message-ID), and stored nothing.</summary>
/// <param name="Owners">By UID at the source: the message, and the copy of another one that it was merged with.</param>
/// <param name="Earlier">UIDs at the source of messages whose copy was there before and belongs to no other message.</param>
internal sealed record MergedTargetUids(
    IReadOnlyDictionary<Uid, (MessageRecord Record, DeliveredCopy Owner)> Owners,
    IReadOnlySet<Uid> Earlier
)
{
    private static readonly MergedTargetUids s_none = new(new Dictionary<Uid, (MessageRecord, DeliveredCopy)>(), new HashSet<Uid>());

    /// <param name="messages">In the order in which they were appended, with the UIDs that the target reported.</param>
    /// <param name="next">One more than the highest UID that was reported before.</param>
    public static async Task<MergedTargetUids> FindAsync(
        FolderCopyState folder,
        IReadOnlyList<(MessageRecord Record, TargetUid Uid)> messages,
        TargetUid next,
        CancellationToken cancellationToken
    )
    {
        var (suspicious, fresh) = (new List<(MessageRecord Record, TargetUid Uid)>(), new Dictionary<TargetUid, MessageRecord>());
        foreach (var message in messages)
        {
            // What is new has a higher UID than anything before (RFC 9051, section 2.3.1.1).
            var expected = TargetUid.Higher(next, message.Record.Intent?.UidNext ?? default);
            if (message.Uid < expected || !fresh.TryAdd(message.Uid, message.Record))
                suspicious.Add(message);
            next = TargetUid.Higher(next, message.Uid.Next);
        }
        if (suspicious.Count == 0)
            return s_none;
        var owned = (
            await folder.Run.Checkpoint.DeliveredToAsync(
                folder.Mapping.Target,
                folder.Folder.TargetUidValidity,
                suspicious.Min(message => message.Uid),
                cancellationToken
            )
        )
            .Where(copy => copy.Owned)
            .GroupBy(copy => copy.TargetUid)
            .ToDictionary(group => group.Key, group => group.First());
        foreach (var (uid, record) in fresh)
            owned.TryAdd(uid, new DeliveredCopy(uid, record.Content!.Value, Owned: true));
        var (owners, earlier) = (new Dictionary<Uid, (MessageRecord, DeliveredCopy)>(), new HashSet<Uid>());
        foreach (var (record, uid) in suspicious)
        {
            if (owned.TryGetValue(uid, out var owner))
                owners[record.Uid] = (record, owner);
            else
                earlier.Add(record.Uid);
            // The first that is given an earlier copy has it; the next one is merged with that.
            owned.TryAdd(uid, new DeliveredCopy(uid, record.Content!.Value, Owned: true));
        }
        return new MergedTargetUids(owners, earlier);
    }

    /// <summary>Fails them, each by name, unless the job takes one copy for all messages with the same content.</summary>
    public async Task RecordAsync(FolderCopyState folder, CancellationToken cancellationToken)
    {
        var accepted = Owners.Values.Where(pair => folder.Run.Options.AcceptMerged && pair.Owner.Content == pair.Record.Content).ToList();
        if (accepted.Count > 0)
        {
            await folder.Run.Checkpoint.WriteAsync(
                folder.Folder.Id,
                [
                    .. accepted.Select(pair =>
                        DeliveryRecorder.Delivered(pair.Record, pair.Owner.TargetUid) with
                        {
                            State = MessageState.Delivered,
                        }
                    ),
                ],
                cancellationToken
            );
            folder.Progress.AlreadyThere(accepted.Count);
            folder.Run.Findings.Merged(accepted.Count);
            folder.Poison.RecordProgress();
        }
        await folder.FailAsync(
            [
                .. Owners
                    .Values.Except(accepted)
                    .Select(pair =>
                        (
                            pair.Record,
                            Reason.MergedByTarget,
                            pair.Owner.Content == pair.Record.Content
                                ? $"the target kept no second copy: it answered with UID {pair.Owner.TargetUid}, an identical "
                                    + "message that was delivered before"
                                : $"the target did not store it: it answered with UID {pair.Owner.TargetUid}, which contains another "
                                    + "message, perhaps with the same Message-ID"
                        )
                    ),
            ],
            cancellationToken
        );
    }
}
