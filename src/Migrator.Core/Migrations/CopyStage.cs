using System.Runtime.CompilerServices;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Pacing;

namespace Migrator.Core.Migrations;

/// <summary>Target to target: copies what was delivered to another folder already, where several folders of the source show a message. It
/// is fetched and sent once. What cannot be copied is left to the fetch stage.</summary>
internal sealed class CopyStage(FolderCopyState folder, IMailTarget target)
{
    private const int Chunk = 500;

    // A lost connection leaves so many to be looked for.
    private const int AtOnce = 200;

    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;
    private readonly DeliveryRecorder _delivery = new(folder, target);
    private bool _isUnsure;

    /// <summary>A pending message, and the one that is at the target.</summary>
    private sealed record Copy(MessageRecord Record, FolderCheckpoint Folder, MessageRecord Original);

    /// <summary>Records what is known of pending messages by their originals: those that are in the target folder already are recognized
    /// without being fetched.</summary>
    public async Task IdentifyAsync(CancellationToken stop)
    {
        await foreach (var copies in ReadAsync(record => record is { Content: null, Intent: null }, stop))
            await _checkpoint.WriteAsync(
                folder.Folder.Id,
                [.. copies.Select(copy => copy.Record with { Content = copy.Original.Content })],
                stop
            );
    }

    /// <summary>Copies what is not in the target folder.</summary>
    /// <param name="matcher">After it took what is there.</param>
    /// <returns>Whether the target may have made copies that are not known: they are to be looked for.</returns>
    public async Task<bool> RunAsync(TargetMatcher matcher, FolderState targetState, CancellationToken stop)
    {
        // What was sent or copied before may have arrived in another form, unless nothing has.
        await foreach (
            var copies in ReadAsync(record => record.Content is not null && (record.Intent is null || !matcher.HasArrivals), stop)
        )
        {
            var removed = copies
                .Select(copy => (copy.Record, Uid: matcher.TakeRemoved(copy.Original.Content!.Value)))
                .Where(copy => copy.Uid is not null)
                .ToDictionary(copy => copy.Record.Uid, copy => DeliveryRecorder.Delivered(copy.Record, copy.Uid!.Value));
            await _delivery.RemovedAsync([.. removed.Values], stop);
            foreach (
                var place in copies
                    .Where(copy => !removed.ContainsKey(copy.Record.Uid))
                    .GroupBy(copy => (copy.Folder.Target, copy.Folder.TargetUidValidity))
            )
            {
                foreach (var some in place.Chunk(AtOnce))
                    await CopyAsync(place.Key.Target, place.Key.TargetUidValidity, [.. some], targetState, stop);
            }
        }
        await _delivery.ConfirmAsync(stop);
        return _isUnsure;
    }

    /// <summary>Pending messages that have an original at the target.</summary>
    private async IAsyncEnumerable<IReadOnlyList<Copy>> ReadAsync(
        Func<MessageRecord, bool> isWanted,
        [EnumeratorCancellation] CancellationToken stop
    )
    {
        if (folder.Shared.IsEmpty)
            yield break;
        await foreach (var page in folder.Folder.ReadPagesAsync(_checkpoint, MessageStates.Pending, Chunk, stop))
        {
            var due = page.Where(record => isWanted(record) && folder.IsDue(record) && !folder.Failures.Contains(record.Uid));
            if (await FindAsync([.. due], stop) is { Count: > 0 } copies)
                yield return copies;
        }
    }

    private async Task<IReadOnlyList<Copy>> FindAsync(IReadOnlyList<MessageRecord> records, CancellationToken stop)
    {
        var copies = new Dictionary<Uid, Copy>();
        var known = records.Count == 0 ? [] : await _checkpoint.FoldersAsync(stop);
        var places = records.SelectMany(record =>
            folder.Shared.Elsewhere(folder.Mapping, folder.Folder.UidValidity, record.Uid).Select(place => (Record: record, Place: place))
        );
        foreach (var group in places.GroupBy(pair => (pair.Place.Folder, pair.Place.Validity)))
        {
            var other = known.FirstOrDefault(other => (other.Source, other.UidValidity) == group.Key);
            if (other is null || other.Target == folder.Mapping.Target)
                continue;
            var wanted = group
                .Where(pair => !copies.ContainsKey(pair.Record.Uid))
                .ToDictionary(pair => pair.Place.Uid, pair => pair.Record);
            await foreach (var original in DeliveredAsync(other, [.. wanted.Keys.Order()], stop))
            {
                if (wanted.TryGetValue(original.Uid, out var record) && IsSame(record, original))
                    copies[record.Uid] = new Copy(record, other, original);
            }
        }
        return [.. copies.Values.OrderBy(copy => copy.Record.Uid)];
    }

    /// <summary>Nobody but the source says that it is the same message: all else that is known of it must be the same too.</summary>
    private static bool IsSame(MessageRecord record, MessageRecord original) =>
        original is { TargetUid.IsKnown: true, Content: { } content }
        && (record.Content is null || record.Content == content)
        && original.Size == record.Size
        && IsAsWanted(record, original.InternalDate, original.Flags);

    /// <summary>A copy has the flags and the date of its original: what it lacks can be added, and nothing must be removed.</summary>
    private static bool IsAsWanted(MessageRecord record, DateTimeOffset date, FlagSet flags) =>
        date.ToUnixTimeSeconds() == record.InternalDate.ToUnixTimeSeconds() && flags.Except(record.Flags).IsEmpty;

    /// <param name="uids">Ascending.</param>
    private async IAsyncEnumerable<MessageRecord> DeliveredAsync(
        FolderCheckpoint other,
        IReadOnlyList<Uid> uids,
        [EnumeratorCancellation] CancellationToken stop
    )
    {
        for (var next = 0; next < uids.Count; )
        {
            var page = await _checkpoint.ReadAsync(other.Id, [MessageState.Delivered], uids[next], Chunk, stop);
            foreach (var record in page)
                yield return record;
            if (page.Count < Chunk)
                yield break;
            while (next < uids.Count && uids[next] <= page[^1].Uid)
                next++;
        }
    }

    private async Task CopyAsync(
        FolderPath from,
        UidValidity validity,
        IReadOnlyList<Copy> copies,
        FolderState targetState,
        CancellationToken stop
    )
    {
        var originals = await OriginalsAsync(from, validity, copies, stop);
        if (originals.Count == 0)
        {
            await folder.OpenTargetAsync(target, stop);
            return;
        }
        await target.Pacer.AdmitAsync(TransferDirection.Upload, originals.Count, 0, stop);
        var intent = new AppendIntent(
            targetState.UidValidity,
            TargetUid.Higher(TargetUid.Min, TargetUid.Higher(new TargetUid(targetState.UidNext), _delivery.NextUid))
        );
        var records = originals.ToDictionary(
            original => original.Key,
            original => original.Value.Record with { State = MessageState.Sending, Intent = intent, Reason = null, Detail = null }
        );
        await _checkpoint.WriteAsync(folder.Folder.Id, [.. records.Values], stop);
        folder.Sent.UnionWith(records.Values.Select(record => record.Uid));
        folder.SentAgain.UnionWith(originals.Values.Where(copy => copy.Record.Intent is not null).Select(copy => copy.Record.Uid));
        var made = new List<CopiedMessage>();
        try
        {
            made.AddRange(await target.CopyAsync([.. records.Keys.Order()], folder.Mapping.Target, stop));
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            // What it refuses to copy, it may take; and if not, it says so again.
            folder.Run.Log.NotCopied(folder.Mapping.Target.ToString(), exception.Message);
        }
        await folder.OpenTargetAsync(target, stop);
        var delivered = made.Where(copy =>
                copy.UidValidity == targetState.UidValidity && copy.Uid.IsKnown && records.ContainsKey(copy.Original)
            )
            .DistinctBy(copy => copy.Original)
            .OrderBy(copy => copy.Uid)
            .Select(copy => (records[copy.Original], copy.Uid))
            .ToList();
        _isUnsure |= delivered.Count < records.Count;
        // What was answered is recorded, even after a stop.
        await _delivery.DeliveredAsync(
            delivered,
            // Of a target that estimates sizes or makes other bytes, only what is read tells: the original was.
            record => new DueInspection(record, ReadBack: false, AddFlags: true, SizeTells: !folder.TargetRewrites) { IsCopy = true },
            CancellationToken.None
        );
    }

    /// <summary>Opens the folder with the originals.</summary>
    /// <returns>By UID, those that are still there as they were delivered: somebody may have read or marked them meanwhile.</returns>
    private async Task<Dictionary<TargetUid, Copy>> OriginalsAsync(
        FolderPath from,
        UidValidity validity,
        IReadOnlyList<Copy> copies,
        CancellationToken stop
    )
    {
        var wanted = copies.DistinctBy(copy => copy.Original.TargetUid).ToDictionary(copy => copy.Original.TargetUid);
        try
        {
            if ((await target.OpenAsync(from, stop)).UidValidity != validity)
                return [];
            var there = await target.FetchSummariesAsync([.. wanted.Keys.Select(uid => uid.Uid).Order()], stop);
            return there
                .Where(summary =>
                    wanted.TryGetValue(new TargetUid(summary.Uid), out var copy)
                    && IsAsWanted(copy.Record, summary.InternalDate, summary.Flags)
                )
                .ToDictionary(summary => new TargetUid(summary.Uid), summary => wanted[new TargetUid(summary.Uid)]);
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            return [];
        }
    }
}
