using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Records what the target took, and finds out under which UID where it does not tell.</summary>
/// <param name="source">Has the folder open, and nobody else uses it meanwhile; null where that is not so.</param>
internal sealed class DeliveryRecorder(FolderCopyState folder, IMailTarget target, IMailSource? source = null)
{
    private const int InspectedAtOnce = 1000;

    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;
    private readonly Inspection _inspection = new(folder, target);
    private readonly List<(MessageRecord Record, MessageFingerprint Sent)> _unconfirmed = [];

    /// <summary>Messages that the target took without telling their UIDs.</summary>
    public int Unconfirmed => _unconfirmed.Count;

    /// <summary>One more than the highest UID that is known to have been given to a message delivered here.</summary>
    public TargetUid NextUid { get; private set; }

    public static MessageRecord Delivered(MessageRecord record, TargetUid uid) =>
        record with
        {
            State = MessageState.Unchecked,
            TargetUid = uid,
            Intent = null,
            Reason = null,
            Detail = null,
            TargetContent = null,
            IsOurs = false,
        };

    /// <summary>Takes up what an earlier run delivered and could not inspect any more.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        if (folder.Resumed)
            return;
        var due = new List<DueInspection>();
        await foreach (
            var record in folder.Folder.ReadAllAsync(_checkpoint, [MessageState.Unchecked, MessageState.Differs], cancellationToken)
        )
        {
            // Nobody knows any more which of them hold what servers alter without a change in size: all are read back.
            if (record.State == MessageState.Unchecked)
                due.Add(
                    new DueInspection(
                        record,
                        ReadBack: true,
                        AddFlags: MayBeCopy(record) || (record.TargetContent is not null && folder.Run.AddsFlags)
                    )
                );
            else if (IsDue(record, out var missing))
                due.Add(new DueInspection(record, ReadBack: missing, SizeTells: false));
        }
        folder.Uninspected.AddRange(await WithPartsAsync(due, cancellationToken));
        folder.Resumed = true;
        await _inspection.RunAsync(cancellationToken);
    }

    /// <summary>The target may have made it of another message, whose flags it has: a run that ends between the copy and its inspection
    /// leaves it without those that only this one has.</summary>
    private bool MayBeCopy(MessageRecord record) => folder.Shared.Elsewhere(folder.Mapping, folder.Folder.UidValidity, record.Uid).Any();

    /// <summary>Of what was inspected before: flags and dates that differ, while the copy is there, what was missing and is there again,
    /// and what was in the trash.</summary>
    private bool IsDue(MessageRecord record, out bool missing)
    {
        var known = RecordedDifferences.Of(record);
        missing = known.Any(difference => difference.Kind is DifferenceKind.Missing or DifferenceKind.Trashed);
        var there = folder.TargetUids?.Contains(record.TargetUid.Uid) ?? !missing;
        return there && (missing || !known.Any(difference => RecordedDifferences.IsLasting(difference.Kind)));
    }

    /// <param name="matches">Pending messages and where they were found at the target. Ours, if they were sent before; else somebody else
    /// brought them.</param>
    public async Task AdoptedAsync(IReadOnlyList<Match> matches, CancellationToken cancellationToken)
    {
        if (matches.Count == 0)
            return;
        var adopted = matches
            .Select(match => new DueInspection(
                Delivered(match.Record, match.Uid) with
                {
                    TargetContent = match.Stored,
                    IsOurs = match.IsOurs,
                },
                match.Altered,
                !match.Altered && (match.Sent ? MayBeCopy(match.Record) : folder.Run.AddsFlags),
                // Of a target that estimates, only what was read tells; and that was read.
                SizeTells: match.Stored is null && !folder.TargetRewrites
            )
            {
                Parts = match.Parts,
            })
            .ToList();
        await _checkpoint.WriteAsync(folder.Folder.Id, [.. adopted.Select(due => due.Record)], cancellationToken);
        var sent = adopted.Where(due => folder.Sent.Remove(due.Record.Uid)).ToList();
        folder.Progress.Delivered(sent.Count, sent.Sum(due => due.Record.Size));
        folder.CountThere(adopted.Count - sent.Count);
        folder.Poison.RecordProgress();
        await InspectLaterAsync(await WithPartsAsync(adopted, cancellationToken), cancellationToken);
    }

    /// <summary>Reads at the source what was sent, where the target makes other bytes of it and the message is not at hand any
    /// more.</summary>
    private async Task<List<DueInspection>> WithPartsAsync(List<DueInspection> due, CancellationToken cancellationToken)
    {
        var unknown = due.Where(message => message is { ReadBack: true, Parts: null }).Select(message => message.Record.Uid).ToList();
        if (source is null || !folder.TargetRewrites || unknown.Count == 0)
            return due;
        var parts = new Dictionary<Uid, MessageParts?>();
        await folder.SourceFetches.Isolation.AskAsync(
            [.. unknown.Distinct().Order()],
            some =>
                source.FetchAsync(
                    [.. some.Where(uid => !parts.ContainsKey(uid))],
                    new FingerprintHasher((uid, fingerprint) => parts[uid] = fingerprint.Parts, parts: true),
                    cancellationToken
                )
        );
        return due.ConvertAll(message => message with { Parts = message.Parts ?? parts.GetValueOrDefault(message.Record.Uid) });
    }

    /// <param name="records">Delivered under an earlier numbering and removed at the target since.</param>
    public async Task RemovedAsync(IReadOnlyList<MessageRecord> records, CancellationToken cancellationToken)
    {
        if (records.Count == 0)
            return;
        await _checkpoint.WriteAsync(
            folder.Folder.Id,
            [.. records.Select(record => record with { State = MessageState.Delivered })],
            cancellationToken
        );
        folder.Progress.Vanished(records.Count);
        folder.TargetDiffers = true;
        folder.Poison.RecordProgress();
    }

    /// <summary>The target has said that it took this message, and not under which UID.</summary>
    /// <param name="record">Recorded as <see cref="MessageState.Sending"/>.</param>
    public void TakenUnnamed(MessageRecord record, MessageFingerprint sent) => _unconfirmed.Add((record, sent));

    /// <param name="messages">Recorded as <see cref="MessageState.Sending"/>; the target has said that it took them, and their
    /// UIDs.</param>
    /// <param name="inspection">How a message is inspected.</param>
    public async Task DeliveredAsync(
        IReadOnlyList<(MessageRecord Record, TargetUid Uid)> messages,
        Func<MessageRecord, DueInspection> inspection,
        CancellationToken cancellationToken
    )
    {
        if (messages.Count == 0)
            return;
        var merged = await MergedTargetUids.FindAsync(folder, messages, NextUid, cancellationToken);
        var delivered = messages
            .Where(message => !merged.Owners.ContainsKey(message.Record.Uid))
            .Select(message =>
                Delivered(message.Record, message.Uid) with
                {
                    // Where the target moves it, a run that is killed before it has looked for it leaves two copies for the next one.
                    Intent = folder.SentAgain.Contains(message.Record.Uid) ? message.Record.Intent : null,
                    // Under an earlier UID, it is somebody else's that the target gave instead (MergedTargetUids).
                    IsOurs = !merged.Earlier.Contains(message.Record.Uid),
                }
            )
            .ToList();
        await _checkpoint.WriteAsync(folder.Folder.Id, delivered, cancellationToken);
        NextUid = TargetUid.Higher(NextUid, messages.Max(message => message.Uid).Next);
        folder.TargetGave(NextUid);
        folder.Sent.ExceptWith(messages.Select(message => message.Record.Uid));
        folder.Progress.Delivered(delivered.Count, delivered.Sum(record => record.Size));
        folder.Poison.RecordProgress();
        await merged.RecordAsync(folder, cancellationToken);
        await InspectLaterAsync(
            delivered.Select(inspection).Select(due => due with { ReadBack = due.ReadBack || merged.Earlier.Contains(due.Record.Uid) }),
            cancellationToken
        );
    }

    /// <summary>Whether <see cref="DeliveredAsync"/> of so many messages looks at the target.</summary>
    public bool InspectsAfter(int messages) => folder.Uninspected.Count + messages >= InspectedAtOnce;

    /// <summary>Finds the UIDs that are not known yet, and inspects everything that was not.</summary>
    public async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        await LocateAsync(cancellationToken);
        await _inspection.RunAsync(cancellationToken);
    }

    private async Task LocateAsync(CancellationToken cancellationToken)
    {
        if (_unconfirmed.Count == 0)
            return;
        // Reopened: without UIDPLUS, servers often do not tell of their own accord what an append added.
        await folder.OpenTargetAsync(target, cancellationToken);
        var from = _unconfirmed.Min(message => message.Record.Intent!.Value.UidNext);
        var uids = await target.ListUidsAsync(from.Uid, cancellationToken);
        var delivered = await _checkpoint.DeliveredToAsync(folder.Mapping.Target, folder.Folder.TargetUidValidity, from, cancellationToken);
        var there = await TargetMatcher.ScanAsync(
            folder,
            target,
            TargetMatcher.Unowned(uids, delivered),
            [],
            _ => true,
            from,
            [],
            cancellationToken
        );

        var (exact, others) = (
            new List<(MessageRecord Record, TargetUid Uid)>(),
            new List<(MessageRecord Record, MessageFingerprint Sent)>()
        );
        foreach (var (record, sent) in _unconfirmed)
        {
            if (there.Take(record.Content!.Value, null, record.InternalDate, record.Flags) is { } same)
                exact.Add((record, same.Uid));
            else
                others.Add((record, sent));
        }
        _unconfirmed.Clear();
        var located = others.ConvertAll(message =>
            (
                message.Record,
                Uid: there.TakeAltered(
                    message.Sent,
                    message.Record.InternalDate,
                    message.Record.Flags,
                    message.Record.Intent!.Value.UidNext,
                    justSent: true
                )
            )
        );
        var altered = located.Where(message => message.Uid is not null).Select(message => (message.Record, message.Uid!.Value)).ToList();
        var stored = altered.Select(message => message.Record.Uid).ToHashSet();
        var parts = others.ToDictionary(message => message.Record.Uid, message => message.Sent.Parts);
        await DeliveredAsync(
            [.. exact.Concat(altered).OrderBy(message => message.Item2)],
            record => new DueInspection(record, stored.Contains(record.Uid)) { Parts = parts.GetValueOrDefault(record.Uid) },
            cancellationToken
        );
        await folder.FailAsync(
            [
                .. located
                    .Where(message => message.Uid is null)
                    .Select(message => (message.Record, Reason.NotConfirmed, "the target accepted it, but contains no equal message")),
            ],
            cancellationToken
        );
    }

    private async Task InspectLaterAsync(IEnumerable<DueInspection> due, CancellationToken cancellationToken)
    {
        folder.Uninspected.AddRange(due);
        if (folder.Uninspected.Count >= InspectedAtOnce)
            await _inspection.RunAsync(cancellationToken);
    }
}
