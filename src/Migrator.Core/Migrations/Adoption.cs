using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Finds messages of a batch that are at the target already, and records them as delivered: what an earlier session sent without
/// an answer, what other programs brought there, and what the target stored of what it refused.</summary>
internal sealed class Adoption(FolderCopyState folder, IMailTarget target, DeliveryRecorder delivery)
{
    /// <param name="matcher">What the target held before this session, and no record accounts for.</param>
    /// <returns>What is not at the target yet.</returns>
    public async Task<List<CapturedMessage>> AdoptAsync(
        List<CapturedMessage> batch,
        TargetMatcher matcher,
        FolderState targetState,
        CancellationToken abort
    )
    {
        if (matcher.IsEmpty)
            return [.. batch];
        var (adopted, left) = await MatchAsync(
            matcher,
            batch,
            record => record.Intent?.UidValidity == targetState.UidValidity,
            record =>
                record.Intent is { } intent && intent.UidValidity == targetState.UidValidity ? intent.UidNext
                : folder.SentEarlier ? folder.Folder.SentFrom
                : null
        );
        if (folder.KeepsFlagsInHeaders)
            (adopted, left) = await new FlagFields(folder, target, matcher).MatchAsync(batch, adopted, left, abort);
        var (toSend, removed) = (new List<CapturedMessage>(), new List<MessageRecord>());
        foreach (var message in left)
        {
            if (matcher.TakeRemoved(message.Entry.Content) is { } gone)
                removed.Add(DeliveryRecorder.Delivered(message.Record, gone));
            else
                toSend.Add(message);
        }
        await delivery.AdoptedAsync(adopted, abort);
        await delivery.RemovedAsync(removed, abort);
        return toSend;
    }

    /// <summary>Of messages that were refused, those that are not at the target: some servers store what they refuse, and not every one
    /// undoes what it stored of a batch before it came to the message that it refuses, although RFC 3502 asks for it.</summary>
    public async Task<List<CapturedMessage>> NotStoredAsync(List<CapturedMessage> batch, AppendIntent intent, CancellationToken abort)
    {
        // What earlier appends left there has its owner first.
        await delivery.ConfirmAsync(abort);
        var state = await folder.OpenTargetAsync(target, abort);
        if (state.UidNext.IsKnown && state.UidNext <= intent.UidNext.Uid)
            return batch;
        var uids = await target.ListUidsAsync(intent.UidNext.Uid, abort);
        var delivered = await folder.Run.Checkpoint.DeliveredToAsync(folder.Mapping.Target, state.UidValidity, intent.UidNext, abort);
        var there = await TargetMatcher.ScanAsync(
            folder,
            target,
            TargetMatcher.Unowned(uids, delivered),
            [],
            _ => true,
            intent.UidNext,
            [],
            abort
        );
        var (found, left) = await MatchAsync(there, batch, _ => true, _ => intent.UidNext);
        folder.Taken += found.Count;
        await delivery.AdoptedAsync(found, abort);
        return left;
    }

    /// <summary>Finds messages at the target: first those that are there as they were sent, then what a server made of the
    /// others.</summary>
    /// <param name="wasSent">By an earlier session.</param>
    /// <param name="sentFrom">From which target UID on a message may be that was sent; null for one that was not.</param>
    private async Task<(List<Match> Found, List<CapturedMessage> Left)> MatchAsync(
        TargetMatcher there,
        List<CapturedMessage> batch,
        Predicate<MessageRecord> wasSent,
        Func<MessageRecord, TargetUid?> sentFrom
    )
    {
        var (found, others, left) = (new List<Match>(), new List<CapturedMessage>(), new List<CapturedMessage>());
        foreach (var message in batch)
        {
            var record = message.Record;
            if (there.Take(message.Entry.Content, record.TargetContent, record.InternalDate, record.Flags) is { } same)
                found.Add(new Match(record, same.Uid, wasSent(record), same.Altered) { WasOurs = same.WasOurs });
            else
                others.Add(message);
        }
        foreach (var message in others)
        {
            if (await FindAsync(there, message, wasSent(message.Record), sentFrom(message.Record)) is { } match)
                found.Add(match);
            else
                left.Add(message);
        }
        return (found, left);
    }

    /// <summary>Finds what is at the target in other bytes than it has at the source.</summary>
    private async Task<Match?> FindAsync(TargetMatcher there, CapturedMessage message, bool wasSent, TargetUid? sentFrom)
    {
        if (sentFrom is null && !folder.ComparesParts)
            return null;
        await using var content = message.Entry.Open();
        var (record, sent) = (message.Record, MessageFingerprint.Of(content, folder.ComparesParts));
        if (sent.Parts is { } parts && there.Take(parts, record.InternalDate, record.Flags, out var stored) is { } same)
        {
            folder.NoticeParts();
            return new Match(record, same, wasSent, Altered: false) { Stored = stored };
        }
        return sentFrom is { } from && there.TakeAltered(sent, record.InternalDate, record.Flags, from, justSent: false) is { } altered
            ? new Match(record, altered, Sent: true, Altered: true) { Parts = sent.Parts }
            : null;
    }
}
