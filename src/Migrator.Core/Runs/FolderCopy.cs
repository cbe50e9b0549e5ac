using System.Threading.Channels;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Copies one folder with one pair of sessions: enumerate, bring flags up to date, look for what is there
/// already, then capture and replay at the same time. Called again after a lost connection, it goes on.</summary>
internal sealed class FolderCopy(FolderRun folder, IMailSource source, IMailTarget target)
{
    // After a stop, the append that is under way may end in peace for this long.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;

    public async Task RunAsync(CancellationToken stop)
    {
        var (state, targetState) = await EnumerateAsync(stop).ConfigureAwait(false);
        if (folder.FlagsDue is { } known)
        {
            var stored = await FlagSync.RunAsync(folder, source, target, state, known, stop).ConfigureAwait(false);
            if (stored > 0)
                folder.Run.Progress.Notice($"{folder.Mapping.Source.Path}: flags changed at the source were brought to {stored:N0} message{(stored == 1 ? "" : "s")}.");
            folder.FlagsDue = null;
        }
        var adoption = await AdoptionAsync(targetState, stop).ConfigureAwait(false);
        await CaptureAndReplayAsync(adoption, targetState, stop).ConfigureAwait(false);
        await folder.ReportFailuresAsync(source, stop).ConfigureAwait(false);
        await CompleteAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Opens the folder at both ends and finds out what it holds, unless an earlier attempt has.</summary>
    public async Task<(FolderState Source, FolderState Target)> EnumerateAsync(CancellationToken stop)
    {
        folder.Progress.Phase = FolderPhase.Copying;
        folder.MaxSize = target.Traits.MaxSize ?? long.MaxValue;
        var state = await source.OpenAsync(folder.Mapping.Source.Path, stop).ConfigureAwait(false);
        if (folder.Enumerated is { } before && before.UidValidity != state.UidValidity)
            throw new MailException(Reason.FolderMissing, $"{folder.Mapping.Source.Path}: the folder was recreated at the source while it was copied.");
        var targetState = await PrepareTargetAsync(stop).ConfigureAwait(false);

        if (folder.Enumerated is not null && folder.Folder.TargetUidValidity != targetState.UidValidity)
            throw new MailException(Reason.FolderMissing, $"{folder.Mapping.Target}: the folder was recreated at the target while it was copied to.");

        if (folder.Enumerated is null)
        {
            await OnRecordAsync(state, targetState, stop).ConfigureAwait(false);
            folder.FlagsDue = await _checkpoint.UidsAsync(folder.Folder.Id, [.. Enumeration.Pending, MessageState.Delivered], stop).ConfigureAwait(false);
            // Whoever uses the target may have removed what was delivered; where nothing changed there, nobody has.
            var there = folder.Folder.CompletedTarget == targetState ? null : await target.ListUidsAsync(1, stop).ConfigureAwait(false);
            await Enumeration.RunAsync(folder, source, state, there, stop).ConfigureAwait(false);
        }
        return (state, targetState);
    }

    private async Task<FolderState> PrepareTargetAsync(CancellationToken stop)
    {
        var mapping = folder.Mapping;
        await target.CreateFolderAsync(mapping.Target, mapping.Source.Use, stop).ConfigureAwait(false);
        try
        {
            if (mapping.Source.Subscribed)
                await target.SubscribeAsync(mapping.Target, stop).ConfigureAwait(false);
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Folder)
        {
            // Worth a word, but no reason to leave the mail behind.
            folder.Run.Progress.NoticeOnce("subscribe", $"{exception.Message} (Other subscriptions that the target refuses are not named.)");
        }
        return await target.OpenAsync(mapping.Target, stop).ConfigureAwait(false);
    }

    /// <summary>Finds or begins the folder's record, and sees whether what is delivered is still where it was.</summary>
    private async Task OnRecordAsync(FolderState state, FolderState targetState, CancellationToken stop)
    {
        var mapping = folder.Mapping;
        var generations = (await _checkpoint.FoldersAsync(stop).ConfigureAwait(false)).Where(known => known.Source == mapping.Source.Path).ToList();
        var known = generations.Find(generation => generation.UidValidity == state.UidValidity);
        foreach (var other in generations.Where(generation => generation != known))
            await _checkpoint.RetireAsync(other, stop).ConfigureAwait(false);
        if (known is null && generations.Count > 0)
            folder.Run.Progress.Notice($"{mapping.Source.Path}: the source has renumbered its messages (UIDVALIDITY); those already delivered are recognised by content.");
        if (known is not null && (known.Target != mapping.Target || known.TargetUidValidity != targetState.UidValidity))
        {
            folder.Run.Progress.Notice(known.Target != mapping.Target
                ? $"{mapping.Source.Path}: delivered to {known.Target} before, to {mapping.Target} now; what {known.Target} holds is left there."
                : $"{mapping.Target}: the target folder was recreated; what it still holds is recognised by content, the rest is delivered again.");
            await _checkpoint.ResetAsync(known.Id, stop).ConfigureAwait(false);
        }
        folder.Folder = await _checkpoint.SaveFolderAsync((known ?? new FolderCheckpoint(0, mapping.Source.Path, state.UidValidity, 1, mapping.Target, targetState.UidValidity, null, null, 0)) with
        {
            Target = mapping.Target,
            TargetUidValidity = targetState.UidValidity,
            Completed = null,
        }, stop).ConfigureAwait(false);
    }

    /// <summary>Looks for pending messages in the target folder, where it holds any that no record accounts for.</summary>
    private async Task<Adoption> AdoptionAsync(FolderState targetState, CancellationToken stop)
    {
        var pending = await _checkpoint.UidsAsync(folder.Folder.Id, Enumeration.Pending, stop).ConfigureAwait(false);
        if (targetState.Count == 0 || pending.Count == 0)
            return Adoption.None;
        var delivered = await _checkpoint.DeliveredToAsync(folder.Mapping.Target, targetState.UidValidity, 1, stop).ConfigureAwait(false);
        var unowned = Adoption.Unowned(await target.ListUidsAsync(1, stop).ConfigureAwait(false), delivered);
        if (unowned.Count == 0)
            return Adoption.None;

        var (sizes, dates, sentFrom) = (new HashSet<long>(), new HashSet<long>(), uint.MaxValue);
        await ForEachPendingAsync(records =>
        {
            foreach (var record in records)
            {
                sizes.Add(record.Size);
                dates.Add(record.InternalDate.ToUnixTimeSeconds());
                if (record.Intent is { } intent && intent.UidValidity == targetState.UidValidity)
                    sentFrom = Math.Min(sentFrom, intent.UidNext);
            }
            return Task.CompletedTask;
        }, stop).ConfigureAwait(false);
        // Either is enough: some servers estimate sizes, some change dates.
        var adoption = await Adoption.ScanAsync(target, unowned, delivered,
            summary => sizes.Contains(summary.Size) || dates.Contains(summary.InternalDate.ToUnixTimeSeconds()), sentFrom, folder.Scanned, stop).ConfigureAwait(false);

        // What was captured before need not be fetched again to be recognised.
        var delivery = new Delivery(folder, target);
        if (!adoption.IsEmpty)
            await ForEachPendingAsync(records => delivery.AdoptedAsync([.. records
                // What failed in this run is counted as failed: the next run finds it.
                .Where(record => !folder.HasFailed(record.Uid))
                .Select(record => (record, uid: record.Content is { } content ? adoption.Take(content, record.InternalDate) : null))
                .Where(pair => pair.uid is not null)
                .Select(pair => Delivery.Delivered(pair.record, pair.uid!.Value))], _ => false, stop), stop).ConfigureAwait(false);
        await delivery.ConfirmAsync(stop).ConfigureAwait(false);
        return adoption;
    }

    private async Task ForEachPendingAsync(Func<IReadOnlyList<MessageRecord>, Task> each, CancellationToken stop)
    {
        const int page = 1000;
        for (uint from = 0; ;)
        {
            var records = await _checkpoint.ReadAsync(folder.Folder.Id, Enumeration.Pending, from, page, stop).ConfigureAwait(false);
            await each(records).ConfigureAwait(false);
            if (records.Count < page || records[^1].Uid == uint.MaxValue)
                return;
            from = records[^1].Uid + 1;
        }
    }

    private async Task CaptureAndReplayAsync(Adoption adoption, FolderState targetState, CancellationToken stop)
    {
        // Not bounded by count: the spool's limit bounds what waits in it.
        var between = Channel.CreateUnbounded<CapturedMessage>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        using var capturing = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var abort = new CancellationTokenSource();
        await using var onStop = stop.Register(() => abort.CancelAfter(s_grace)).ConfigureAwait(false);
        using var writer = folder.Run.Spool.OpenWriter();

        var capture = Task.Run(async () =>
        {
            try
            {
                await new Capture(folder, source, writer, between.Writer).RunAsync(capturing.Token).ConfigureAwait(false);
            }
            finally
            {
                between.Writer.TryComplete();
            }
        }, CancellationToken.None);
        try
        {
            // What was captured before the source was lost is still delivered.
            await new Replay(folder, target, adoption, targetState).RunAsync(between.Reader, stop, abort.Token).ConfigureAwait(false);
        }
        finally
        {
            await capturing.CancelAsync().ConfigureAwait(false);
            between.Writer.TryComplete();
            await capture.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (between.Reader.TryRead(out var left))
                left.Entry.Dispose();
        }
        stop.ThrowIfCancellationRequested();
        await capture.ConfigureAwait(false);
    }

    private async Task CompleteAsync(CancellationToken stop)
    {
        var pending = await _checkpoint.UidsAsync(folder.Folder.Id, Enumeration.Pending, stop).ConfigureAwait(false);
        // The source may have said that it holds more than it listed: then it is looked at again.
        var whole = pending.Count == 0 && folder.Progress.Counts.Remaining == 0 && folder.Progress.Expected == folder.Enumerated!.Value.Count;
        folder.Folder = await _checkpoint.SaveFolderAsync(folder.Folder with
        {
            Completed = whole ? folder.Enumerated : null,
            CompletedTarget = folder.TargetDiffers ? null : await target.OpenAsync(folder.Mapping.Target, stop).ConfigureAwait(false),
            FlagsModSeq = folder.Enumerated!.Value.HighestModSeq,
        }, stop).ConfigureAwait(false);
        if (pending.Count == 0)
        {
            foreach (var earlier in await _checkpoint.FoldersAsync(stop).ConfigureAwait(false))
            {
                if (earlier.Source == folder.Folder.Source && earlier.Id != folder.Folder.Id)
                    await _checkpoint.ForgetAsync(earlier.Id, stop).ConfigureAwait(false);
            }
        }
        folder.Progress.Phase = folder.AnyFailed ? FolderPhase.Failed : FolderPhase.Done;
    }
}
