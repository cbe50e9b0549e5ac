using System.Threading.Channels;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Pacing;

namespace Migrator.Core.Migrations;

/// <summary>Spool to target: appends what the fetch stage brings, in its order, as many at a time as there are and the target
/// takes. Writes down what it is about to do before it does it.</summary>
internal sealed class AppendStage(
    FolderCopyState folder,
    IMailTarget target,
    DeliveryRecorder delivery,
    TargetMatcher matcher,
    FolderState targetState
)
{
    // Without UIDPLUS a target UID costs a look at the target: one look serves so many messages.
    private const int UnconfirmedAtMost = 200;

    // In one run: a user's new mail may be all that the target received, and the network to blame.
    private const int MostResent = 2;

    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;
    private readonly Adoption _adoption = new(folder, target, delivery);

    /// <summary>What is recorded as being sent.</summary>
    private sealed record Sending(List<CapturedMessage> Batch, List<MessageRecord> Records, AppendIntent Intent)
    {
        /// <summary>What these messages say, where the target makes other bytes of them.</summary>
        public required Dictionary<Uid, MessageParts?> Parts { get; init; }

        /// <summary>Their Message-IDs, where the target takes messages with the same for one.</summary>
        public required Dictionary<Uid, ContentId?> MessageIds { get; init; }
    }

    /// <param name="stop">Ends the work after the append that is in progress.</param>
    /// <param name="abort">Ends it at once; what was in progress is sorted out by the next run.</param>
    public async Task RunAsync(ChannelReader<CapturedMessage> input, CancellationToken stop, CancellationToken abort)
    {
        using var batches = new CapturedBatches(input, () => folder.Poison.OneAtATime ? 1 : target.Traits.MaxBatch);
        while (await batches.WaitAsync(stop))
        {
            var batch = batches.Take();
            try
            {
                await DeliverAsync(batch, () => stop.IsCancellationRequested ? null : batches.TakeFull(), abort);
            }
            finally
            {
                Dispose(batch);
            }
            if (delivery.Unconfirmed >= UnconfirmedAtMost)
                await delivery.ConfirmAsync(abort);
        }
        // After a stop, too: what was delivered until then is still inspected.
        await delivery.ConfirmAsync(abort);
    }

    private static void Dispose(IEnumerable<CapturedMessage> messages)
    {
        foreach (var message in messages)
            message.Entry.Dispose();
    }

    /// <param name="next">Another full batch; null where there is none at the moment.</param>
    private async Task DeliverAsync(List<CapturedMessage> batch, Func<List<CapturedMessage>?> next, CancellationToken abort)
    {
        var toSend = await _adoption.AdoptAsync(batch, matcher, targetState, abort);
        await RefuseTooLargeAsync(toSend, abort);
        await DoubtAsync(toSend, abort);
        if (toSend.Count > 0)
            await AppendAsync(toSend, next, abort);
    }

    /// <summary>Takes out what is larger than the target takes.</summary>
    private async Task RefuseTooLargeAsync(List<CapturedMessage> toSend, CancellationToken abort)
    {
        var refused = toSend
            .Where(message => message.Entry.Length > folder.MaxSize || folder.Run.Quota.Excludes(message.Entry.Length))
            .ToList();
        await folder.FailAsync([.. refused.Select(message => FetchStage.Refused(message.Record, folder.MaxSize))], abort);
        toSend.RemoveAll(refused.Contains);
        Dispose(refused);
    }

    /// <summary>Takes out what was sent again and again, and is not found at the target although that has received something: where it is
    /// there and the target does not return what it stored, each session would add another copy, without an end.</summary>
    private async Task DoubtAsync(List<CapturedMessage> toSend, CancellationToken abort)
    {
        var resent = folder.Resent.Where(message => message.Value >= MostResent && folder.Sent.Contains(message.Key)).ToDictionary();
        // Fewer arrivals are somebody else's, or one of ours that failed before: each copy that a session adds is one more.
        if (resent.Count == 0 || matcher.Strangers < resent.Count)
            return;
        var doubtful = toSend.Where(message => message.Record.Intent is not null && resent.ContainsKey(message.Record.Uid)).ToList();
        toSend.RemoveAll(doubtful.Contains);
        const string why = "it was sent several times, and the target received something each time that cannot be read, or is not equal";
        await folder.FailAsync([.. doubtful.Select(message => (message.Record, Reason.NotConfirmed, why))], abort);
    }

    private Task AppendAsync(List<CapturedMessage> batch, CancellationToken abort) => AppendAsync(batch, () => null, abort);

    private async Task AppendAsync(List<CapturedMessage> batch, Func<List<CapturedMessage>?> next, CancellationToken abort)
    {
        try
        {
            // Before it is recorded as sent: the next run would look for it at the target.
            await target.Pacer.AdmitAsync(TransferDirection.Upload, batch.Count, batch.Sum(message => message.Entry.Length), abort);
        }
        catch (MailException exception) when (exception.Reason == Reason.DailyLimit && batch.Count > 1)
        {
            // What fits is not to be fetched again tomorrow.
            var half = batch.Count / 2;
            await AppendAsync(batch[..half], abort);
            await AppendAsync(batch[half..], abort);
            return;
        }
        await SendAsync(await PrepareAsync(batch, abort), next, abort);
    }

    private async Task<Sending> PrepareAsync(List<CapturedMessage> batch, CancellationToken abort)
    {
        var intent = new AppendIntent(
            targetState.UidValidity,
            TargetUid.Higher(TargetUid.Min, TargetUid.Higher(new TargetUid(targetState.UidNext), delivery.NextUid))
        );
        var records = batch.ConvertAll(message =>
            message.Record with
            {
                State = MessageState.Sending,
                Intent = intent,
                Reason = null,
                Detail = null,
            }
        );
        await _checkpoint.WriteAsync(folder.Folder.Id, records, abort);
        return new Sending(batch, records, intent) { Parts = await PartsAsync(batch), MessageIds = await AnnounceAsync(batch) };
    }

    /// <summary>Sends a batch, and full ones that are there behind it. Each of these is recorded as being sent while the target stores the
    /// one before it, and is sent before that one is recorded as stored: or the target would wait for our disk, twice for each
    /// batch.</summary>
    private async Task SendAsync(Sending first, Func<List<CapturedMessage>?> next, CancellationToken abort)
    {
        var (current, following, begun) = (first, (Sending?)null, first);
        var appending = BeginAsync(current, abort);
        try
        {
            while (true)
            {
                var preparing = PrepareNextAsync(next, abort);
                var result = await appending;
                await ((Task)preparing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                following = preparing.IsCompletedSuccessfully ? await preparing : null;
                if (following is not null && IsPlain(result))
                    (begun, appending) = (following, BeginAsync(following, abort));
                await RecordAsync(current, result, abort);
                Dispose(current.Batch);
                await preparing;
                if (following is null)
                    return;
                if (begun != following)
                    (begun, appending) = (following, BeginAsync(following, abort));
                (current, following) = (following, null);
            }
        }
        catch
        {
            // A session runs one call at a time, which reads the spool.
            await ((Task)appending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Dispose(current.Batch);
            if (following is not null)
            {
                Dispose(following.Batch);
                if (begun != following)
                    await NotSentAsync(following.Batch);
            }
            throw;
        }
    }

    private Task<AppendResult> BeginAsync(Sending sending, CancellationToken abort)
    {
        folder.Sent.UnionWith(sending.Records.Select(record => record.Uid));
        foreach (var message in sending.Batch.Where(message => message.Record.Intent is not null))
        {
            folder.SentAgain.Add(message.Record.Uid);
            folder.Resent[message.Record.Uid] = folder.Resent.GetValueOrDefault(message.Record.Uid) + 1;
        }
        return target.AppendAsync([.. sending.Batch.Select(Outgoing)], abort);
    }

    /// <returns>Null where there is none, or the target is needed before it may be sent.</returns>
    private async Task<Sending?> PrepareNextAsync(Func<List<CapturedMessage>?> next, CancellationToken abort)
    {
        // What is at the target already must be found first; and a pacer may wait for long, while what was stored is on no record.
        if (!matcher.IsEmpty || delivery.Unconfirmed > 0 || folder.Poison.OneAtATime || target.Pacer.HasLimits || next() is not { } batch)
            return null;
        try
        {
            await RefuseTooLargeAsync(batch, abort);
            return batch.Count == 0 ? null : await PrepareAsync(batch, abort);
        }
        catch
        {
            Dispose(batch);
            throw;
        }
    }

    /// <summary>Whether it can be recorded while the target is at work.</summary>
    private bool IsPlain(AppendResult result) =>
        result.Interruption is null
        && result.Messages.All(answer =>
            answer.State == AppendState.Stored && answer.Uid.IsKnown && answer.UidValidity == targetState.UidValidity
        )
        && !delivery.InspectsAfter(result.Messages.Count);

    private async Task RecordAsync(Sending sent, AppendResult result, CancellationToken abort)
    {
        var (batch, records, intent, parts, ids) = (sent.Batch, sent.Records, sent.Intent, sent.Parts, sent.MessageIds);
        if (result.Messages.Any(answer => answer.UidValidity.IsKnown && answer.UidValidity != targetState.UidValidity))
            throw new MailException(
                Reason.FolderRecreated,
                $"{folder.Mapping.Target}: the target recreated the folder while it was copied to."
            );
        folder.Taken += result.Messages.Count(answer => answer.State == AppendState.Stored);
        // What was answered is recorded before anything else happens, even after a stop.
        var recording = CancellationToken.None;
        var taken = records
            .Zip(result.Messages)
            .Where(pair => pair.Second is { State: AppendState.Stored, Uid.IsKnown: true })
            .Select(pair => (pair.First, pair.Second.Uid))
            .ToList();
        var delicate = batch.Where(message => message.Entry.IsDelicate).Select(message => message.Record.Uid).ToHashSet();
        foreach (
            var (message, record) in batch
                .Zip(records)
                .Zip(result.Messages)
                .Where(pair => pair.Second is { State: AppendState.Stored, Uid.IsKnown: false })
                .Select(pair => pair.First)
        )
        {
            await using var content = message.Entry.Open();
            delivery.TakenUnnamed(record, MessageFingerprint.Of(content, folder.TargetRewrites));
        }
        await delivery.DeliveredAsync(
            taken,
            record => new DueInspection(record, delicate.Contains(record.Uid))
            {
                Parts = parts.GetValueOrDefault(record.Uid),
                MessageId = ids.GetValueOrDefault(record.Uid),
            },
            recording
        );
        if (result.Interruption is MailException { Reason.Scope: FailureScope.Session } loss && batch.Count == 1)
            await LostAsync(records[0], loss, abort);
        await NotSentAsync([
            .. batch.Zip(result.Messages).Where(pair => pair.Second.State == AppendState.NotSent).Select(pair => pair.First),
        ]);
        result.ThrowIfInterrupted();
        var together = batch.Zip(result.Messages).Where(pair => pair.Second.State == AppendState.RefusedTogether).ToList();
        if (
            together.Count > 0
            && await _adoption.NotStoredAsync(together.ConvertAll(pair => pair.First), intent, abort) is { Count: > 0 } left
        )
            await RefusedAsync(left, together[0].Second, abort);
        var refused = batch.Zip(result.Messages).Where(pair => pair.Second.State == AppendState.Refused).ToList();
        if (refused.Count == 0)
            return;
        // Before any of them is sent again, in another form or by the next run.
        var notStored = (await _adoption.NotStoredAsync(refused.ConvertAll(pair => pair.First), intent, abort)).ToHashSet();
        foreach (var (message, answer) in refused.Where(pair => notStored.Contains(pair.First)))
            await RefusedAsync([message], answer, abort);
    }

    /// <summary>Not there for certain, unless an earlier append of theirs is: nobody has to look for them.</summary>
    private async Task NotSentAsync(List<CapturedMessage> messages)
    {
        var records = messages.ConvertAll(message =>
            message.Record with
            {
                State = message.Record.Intent is null ? MessageState.Found : MessageState.Sending,
                Reason = null,
                Detail = null,
            }
        );
        await _checkpoint.WriteAsync(folder.Folder.Id, records, CancellationToken.None);
        folder.Sent.ExceptWith(records.Select(record => record.Uid));
    }

    /// <summary>Before they are sent: see <see cref="EarlierCopies.Sending"/>.</summary>
    private async Task<Dictionary<Uid, ContentId?>> AnnounceAsync(List<CapturedMessage> batch)
    {
        var ids = new Dictionary<Uid, ContentId?>();
        if (folder.Run.Earlier is not { Any: true } earlier)
            return ids;
        foreach (var message in batch)
        {
            await using var content = message.Entry.Open();
            earlier.Sending(ids[message.Record.Uid] = MessageFingerprint.Of(content).Identity.MessageId);
        }
        return ids;
    }

    /// <summary>What these messages say, where the target makes other bytes of them; else nothing is read.</summary>
    private async Task<Dictionary<Uid, MessageParts?>> PartsAsync(List<CapturedMessage> batch)
    {
        var parts = new Dictionary<Uid, MessageParts?>();
        foreach (var message in folder.TargetRewrites ? batch : [])
        {
            await using var content = message.Entry.Open();
            parts[message.Record.Uid] = MessageFingerprint.Of(content, parts: true).Parts;
        }
        return parts;
    }

    /// <summary>None of the batch was taken: halves it until the messages that are refused stand alone.</summary>
    private async Task RefusedAsync(List<CapturedMessage> batch, AppendedMessage answer, CancellationToken abort)
    {
        if (batch.Count > 1)
        {
            var half = batch.Count / 2;
            await AppendAgainAsync(batch[..half], abort);
            await AppendAgainAsync(batch[half..], abort);
            return;
        }
        var (message, refusal) = (batch[0], answer.Refusal!);
        if (refusal.Reason == Reason.OverQuota)
            folder.Run.Quota.Refused(message.Entry.Length);
        else if (refusal.Reason == Reason.AppendRefused && Again(message, answer.RefusedForDate) is { } again)
        {
            await AppendAgainAsync([again], abort);
            return;
        }
        else if (refusal.Reason == Reason.AppendRefused && await OverlongLineAsync(message, abort) is { } length)
        {
            var why = $"its longest line has {length:N0} bytes, the target takes about {target.Provider.LongestLine:N0}. {refusal.Message}";
            await folder.FailAsync([(message.Record, Reason.LineTooLong, why)], abort);
            return;
        }
        await folder.FailAsync([(message.Record, refusal.Reason, refusal.Message)], abort);
    }

    /// <summary>The same message as the target may take it: a refusal that says nothing in particular may have been for the moment, for the
    /// date or for the keywords. It is worth more without these than not at all, and what the target makes of it is read back and
    /// reported.</summary>
    /// <returns>Null where everything was tried.</returns>
    private static CapturedMessage? Again(CapturedMessage message, bool forDate) =>
        !message.Refused ? message with { Refused = true, WithoutDate = forDate }
        : !message.WithoutDate && IsUnusual(message.Record.InternalDate) ? message with { WithoutDate = true }
        : !message.WithoutKeywords && message.Record.Flags.Keywords.Any() ? message with { WithoutKeywords = true, WithoutDate = forDate }
        : null;

    private static bool IsUnusual(DateTimeOffset date) =>
        date.Year is < 1990 or > 2037 || Math.Abs(date.Offset.TotalHours) > 12 || date.Offset.Minutes % 15 != 0;

    /// <summary>A provider with a limit for lines does not say that it refuses a message for one.</summary>
    /// <returns>Bytes of the longest line; null where it is not too long.</returns>
    private async Task<long?> OverlongLineAsync(CapturedMessage message, CancellationToken abort)
    {
        if (target.Provider.LongestLine is not { } most)
            return null;
        await using var content = message.Entry.Open();
        return await LineLength.LongestAsync(content, abort) is var longest && longest > most ? longest : null;
    }

    private async Task AppendAgainAsync(List<CapturedMessage> batch, CancellationToken abort)
    {
        var excluded = batch.Where(message => folder.Run.Quota.Excludes(message.Entry.Length)).ToList();
        await folder.FailAsync([.. excluded.Select(message => FetchStage.Refused(message.Record, folder.MaxSize))], abort);
        var left = batch.Except(excluded).ToList();
        if (left.Count > 0)
            await AppendAsync(left, abort);
    }

    /// <summary>The connection broke while one message alone was on its way: after some times it is that message's
    /// fault.</summary>
    private async Task LostAsync(MessageRecord record, MailException loss, CancellationToken abort)
    {
        // While the server is busy, any other message would fare no better.
        if (!folder.Poison.OneAtATime || loss.Reason == Reason.ServerBusy)
            return;
        if (folder.Poison.IsPoison(record.Uid))
            await folder.FailAsync([(record, Reason.AppendLost, loss.Message)], abort);
    }

    private OutgoingMessage Outgoing(CapturedMessage message)
    {
        var flags = message.WithoutKeywords ? message.Record.Flags.System : message.Record.Flags;
        return new OutgoingMessage(
            message.Entry.Length,
            target.FilterPermanentFlags(flags),
            message.WithoutDate ? null : message.Record.InternalDate,
            message.Entry.Open
        );
    }
}
