using System.Threading.Channels;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Plans;
using Migrator.Core.Progress;

namespace Migrator.Core.Migrations;

/// <summary>Copies one folder with one pair of sessions: enumerate, bring flags up to date, look for what is there
/// already, copy what the target has in other folders, then capture and replay at the same time. Called again after a lost connection, it
/// continues.</summary>
internal sealed class FolderCopy(FolderCopyState folder, IMailSource source, IMailTarget target)
{
    // After a stop, the append that is in progress may complete for this long.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    // Messages on their way from the source to the target: some batches of the largest that a target takes.
    private const int MostWaiting = 1000;

    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;

    public async Task RunAsync(CancellationToken stop)
    {
        var (state, targetState) = await ExamineAsync(stop);
        var copies = new CopyStage(folder, target);
        await copies.IdentifyAsync(stop);
        (var matcher, targetState) = await MatchTargetAsync(targetState, stop);
        if (await copies.RunAsync(matcher, targetState, stop))
            (matcher, targetState) = await MatchTargetAsync(await folder.OpenTargetAsync(target, stop), stop);
        await FetchAndAppendAsync(matcher, targetState, stop);
        await FlagSync.RunAsync(folder, source, target, state with { HighestModSeq = 0 }, UidSet.Of(folder.FlagsOfSent), stop);
        await new LateArrivals(folder, target).CheckAsync(stop);
        await folder.Failures.ReportAsync(source, stop);
        await CompleteAsync(stop);
    }

    /// <summary>All that is done before the first message is delivered, unless an earlier attempt has done it.</summary>
    public async Task<(FolderState Source, FolderState Target)> ExamineAsync(CancellationToken stop)
    {
        var (state, targetState) = await EnumerateAsync(stop);
        if (folder.Planned is { } plan)
            ThrowIfOther(plan, state, targetState);
        // Before flags: none must get to a message that is not confirmed as ours.
        await new DeliveryRecorder(folder, target, source).ResumeAsync(stop);
        if (folder.FlagsDue is { } known)
        {
            var due =
                folder.Run.IsSwitched ? UidSet.Empty
                : folder.Planned is { } planned ? known.Intersect(planned.Flags)
                : known;
            var stored = await FlagSync.RunAsync(folder, source, target, state, due, stop);
            if (stored > 0)
                folder.Run.Progress.Notice(
                    $"{folder.Mapping.Source.Path}: updated flags on {stored:N0} "
                        + $"message{(stored == 1 ? "" : "s")} to match the source."
                        + (
                            folder.Run.Earlier is { Any: true }
                                ? " Folders of the target are labels: wherever it shows such a message, it has these flags."
                                : ""
                        )
                );
            folder.FlagsDue = null;
        }
        // After flags: rules may ask for them.
        await new SelectionStage(folder, source).RunAsync(stop);
        if (folder.Planned is { } of)
            await ThrowIfDriftedAsync(of, stop);
        return (state, targetState);
    }

    /// <exception cref="MailException">The plan was made of another folder.</exception>
    private void ThrowIfOther(PlannedFolder plan, FolderState state, FolderState targetState)
    {
        if (!state.UidValidity.IsKnown)
            throw new MailException(
                Reason.PlanDrifted,
                $"{folder.Mapping.Source.Path}: the source gives no UIDVALIDITY, so that nothing says which messages were planned."
            );
        if (plan.UidValidity != state.UidValidity)
            throw new MailException(
                Reason.PlanDrifted,
                $"{folder.Mapping.Source.Path}: the source has renumbered or recreated the folder since the plan was made."
            );
        if (plan.TargetUidValidity.IsKnown && plan.TargetUidValidity != targetState.UidValidity)
            throw new MailException(
                Reason.PlanDrifted,
                $"{folder.Mapping.Target}: the target has recreated the folder since the plan was made."
            );
    }

    /// <exception cref="MailException">More has changed than is accepted.</exception>
    private async Task ThrowIfDriftedAsync(PlannedFolder plan, CancellationToken stop)
    {
        var listed = await _checkpoint.UidsAsync(folder.Folder.Id, MessageStates.AtSource, stop);
        var pending = await _checkpoint.UidsAsync(folder.Folder.Id, MessageStates.Pending, stop);
        if (
            folder.Run.Plan!.Drift(plan, pending.Except(plan.Deliver).Except(plan.TooLarge).Count, plan.Deliver.Except(listed).Count) is
            { } drift
        )
            throw new MailException(Reason.PlanDrifted, drift);
    }

    /// <summary>Opens the folder at both ends and finds out what it holds, unless an earlier attempt has.</summary>
    public async Task<(FolderState Source, FolderState Target)> EnumerateAsync(CancellationToken stop)
    {
        folder.Progress.Phase = FolderPhase.Copying;
        var state = await source.OpenAsync(folder.Mapping.Source.Path, stop);
        folder.SourceOpened(source, state);
        var targetState = await PrepareTargetAsync(stop);
        if (folder.Enumerated is null)
        {
            var uids = await source.ListUidsAsync(1, stop);
            var there = await new FolderIdentity(folder, source, target).EstablishAsync(state, targetState, uids, stop);
            folder.FlagsDue = await _checkpoint.UidsAsync(folder.Folder.Id, MessageStates.AtSource, stop);
            // Anyone who uses the target may have removed what was delivered; where nothing changed there, nobody has.
            if (folder.Folder.CompletedTarget != targetState)
                folder.TargetUids = await FolderEnumerator.HeldAsync(
                    folder,
                    target,
                    targetState,
                    there ?? await target.ListUidsAsync(1, stop),
                    stop
                );
            await FolderEnumerator.RunAsync(folder, source, state, uids, folder.FlagsDue, stop);
        }
        return (state, targetState);
    }

    private async Task<FolderState> PrepareTargetAsync(CancellationToken stop)
    {
        var mapping = folder.Mapping;
        await target.CreateFolderAsync(mapping.Target, mapping.Use, stop);
        try
        {
            if (mapping.Source.Subscribed)
                await target.SubscribeAsync(mapping.Target, stop);
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Folder)
        {
            // Report it, but do not fail the folder.
            folder.Run.Progress.NoticeOnce(
                "subscribe",
                $"{exception.Message} (Other subscriptions that the target refuses are not named.)"
            );
        }
        // Asked before the folder is open: STATUS is not meant for one that is (RFC 9051, section 6.3.11).
        folder.MaxSize = await target.MaxSizeAsync(mapping.Target, stop) ?? long.MaxValue;
        return await folder.OpenTargetAsync(target, stop);
    }

    /// <summary>Looks for pending messages in the target folder, where it holds any that no record accounts for.</summary>
    private async Task<(TargetMatcher Matcher, FolderState Target)> MatchTargetAsync(FolderState targetState, CancellationToken stop)
    {
        if (await _checkpoint.CountAsync(folder.Folder.Id, MessageStates.Pending, null, stop) == 0)
            return (TargetMatcher.None, targetState);
        var sentFrom = TargetUid.Max;
        await foreach (var record in folder.Folder.ReadAllAsync(_checkpoint, MessageStates.MayBeSent, stop))
        {
            if (record.Intent is not null)
                folder.FlagsOfSent.Add(record.Uid);
            if (record.Intent is { } intent && intent.UidValidity == targetState.UidValidity)
                sentFrom = TargetUid.Lower(sentFrom, intent.UidNext);
        }
        if (folder.Folder.SentFrom.IsKnown)
            sentFrom = TargetUid.Lower(sentFrom, folder.Folder.SentFrom);
        if (sentFrom < TargetUid.Max)
        {
            if (!folder.Folder.SentFrom.IsKnown || sentFrom < folder.Folder.SentFrom)
                folder.Folder = await _checkpoint.SaveFolderAsync(
                    folder.Folder with
                    {
                        SentFrom = TargetUid.Higher(TargetUid.Min, sentFrom),
                    },
                    stop
                );
            targetState = await new LateArrivals(folder, target).WaitUntilQuietAsync(targetState, stop);
        }
        var uids = targetState.Count == 0 ? UidSet.Empty : await target.ListUidsAsync(1, stop);
        var twins = await DeletedTwins.CopiesAsync(folder, source, stop);
        var owned = (await _checkpoint.OwnedAsync(folder.Mapping.Target, targetState.UidValidity, stop)).Union(twins);
        var former = (await _checkpoint.FormerCopiesAsync(folder.Mapping.Target, targetState.UidValidity, stop))
            .Where(copy => !twins.Contains(copy.TargetUid.Uid))
            .ToList();
        var unowned = uids.Except(owned);
        var (sizes, dates) = unowned.Count == 0 ? ([], []) : await PendingAsync(stop);
        // Either is enough: some servers estimate sizes, some change dates.
        var found =
            unowned.Count == 0
                ? TargetMatcher.None
                : await TargetMatcher.ScanAsync(
                    folder,
                    target,
                    unowned,
                    former,
                    summary => sizes.Contains(summary.Size) || dates.Contains(summary.InternalDate.ToUnixTimeSeconds()),
                    sentFrom,
                    folder.Scanned,
                    stop
                );
        var matcher = found.WithRemoved(former, uids.Union(owned));
        await AdoptKnownAsync(matcher, targetState, stop);
        return (matcher, targetState);
    }

    /// <returns>The sizes and dates of what is to be delivered: where the target has nothing that may be it, nobody asks.</returns>
    private async Task<(HashSet<long> Sizes, HashSet<long> Dates)> PendingAsync(CancellationToken stop)
    {
        var (sizes, dates) = (new HashSet<long>(), new HashSet<long>());
        await foreach (var record in folder.Folder.ReadAllAsync(_checkpoint, MessageStates.Pending, stop))
        {
            sizes.Add(record.Size);
            dates.Add(record.InternalDate.ToUnixTimeSeconds());
        }
        return (sizes, dates);
    }

    /// <summary>What was captured before need not be fetched again to be recognised.</summary>
    private async Task AdoptKnownAsync(TargetMatcher matcher, FolderState targetState, CancellationToken stop)
    {
        if (matcher.IsEmpty)
            return;
        var delivery = new DeliveryRecorder(folder, target, source);
        var (adopted, sent) = (new Dictionary<Uid, Match>(), new List<MessageRecord>());
        await foreach (var record in folder.Folder.ReadAllAsync(_checkpoint, MessageStates.MayBeSent, stop))
        {
            if (IsOfIntent(record, targetState))
                sent.Add(record);
        }
        // Each that was sent gets its own copy before any other chooses: messages are not sent in the order of UIDs where some are copied
        // from another folder, and a twin with other flags would take what was sent for this one.
        foreach (var likeness in new[] { Likeness.DateAndFlags, Likeness.DateOrFlags, Likeness.Content })
            sent.ForEach(record => Adopt(record, likeness));
        await foreach (var record in folder.Folder.ReadAllAsync(_checkpoint, MessageStates.Pending, stop))
            Adopt(record, Likeness.Content);
        foreach (var some in adopted.Values.OrderBy(match => match.Record.Uid).Chunk(1000))
            await delivery.AdoptedAsync(some, stop);
        await delivery.ConfirmAsync(stop);

        void Adopt(MessageRecord record, Likeness atLeast)
        {
            // What failed in this run is counted as failed: the next run finds it.
            if (
                record.Content is { } content
                && !folder.Failures.Contains(record.Uid)
                && !adopted.ContainsKey(record.Uid)
                && matcher.Take(content, record.TargetContent, record.InternalDate, record.Flags, atLeast) is { } copy
            )
                adopted[record.Uid] = new Match(record, copy.Uid, IsOfIntent(record, targetState), copy.Altered) { WasOurs = copy.WasOurs };
        }
    }

    private static bool IsOfIntent(MessageRecord record, FolderState targetState) => record.Intent?.UidValidity == targetState.UidValidity;

    private async Task FetchAndAppendAsync(TargetMatcher matcher, FolderState targetState, CancellationToken stop)
    {
        (folder.BeforeAppends, folder.Taken) = (targetState, 0);
        // The spool's limit bounds their bytes. What is known of each is in memory, and of tiny messages, half a million fit into it.
        var between = Channel.CreateBounded<CapturedMessage>(
            new BoundedChannelOptions(MostWaiting) { SingleReader = true, SingleWriter = true }
        );
        using var capturing = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var abort = new CancellationTokenSource();
        await using var onStop = stop.Register(() => abort.CancelAfter(s_grace));
        using var writer = folder.Run.Spool.OpenWriter();

        var capture = Task.Run(
            async () =>
            {
                try
                {
                    await new FetchStage(folder, source, target.Pacer, writer, between.Writer).RunAsync(capturing.Token);
                }
                finally
                {
                    between.Writer.TryComplete();
                }
            },
            CancellationToken.None
        );
        try
        {
            // What was captured before the source was lost is still delivered.
            await new AppendStage(folder, target, new DeliveryRecorder(folder, target), matcher, targetState).RunAsync(
                between.Reader,
                stop,
                abort.Token
            );
        }
        finally
        {
            await capturing.CancelAsync();
            between.Writer.TryComplete();
            await capture.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (between.Reader.TryRead(out var left))
                left.Entry.Dispose();
        }
        stop.ThrowIfCancellationRequested();
        await capture;
    }

    private async Task CompleteAsync(CancellationToken stop)
    {
        var pending = await _checkpoint.CountAsync(folder.Folder.Id, MessageStates.Pending, null, stop);
        // The source may have said that it holds more than it listed: then it is examined again.
        var isAllDue = folder is { Planned: null, Run.IsSwitched: false };
        var whole =
            isAllDue && pending == 0 && folder.Progress.Counts.Remaining == 0 && folder.Progress.Expected == folder.Enumerated!.Value.Count;
        var targetState = await folder.OpenTargetAsync(target, stop);
        if (folder.Taken > 0 && targetState.Count > folder.BeforeAppends.Count + folder.Taken)
        {
            // A user's new mail, or second copies: of a server that stores what it refuses, and gets it again, or that stores twice.
            await new LateArrivals(folder, target).CheckAsync(
                TargetUid.Higher(TargetUid.Min, new TargetUid(folder.BeforeAppends.UidNext)),
                stop
            );
            targetState = await folder.OpenTargetAsync(target, stop);
        }
        folder.Folder = await _checkpoint.SaveFolderAsync(
            folder.Folder with
            {
                Completed = whole ? folder.Enumerated : null,
                CompletedTarget = folder.TargetDiffers ? null : targetState,
                TargetMark = folder.Folder.TargetMark.Raise(targetState),
                // What it is for has been looked for; what is still open says so itself.
                SentFrom = 0,
                // Other flags are due in a later run.
                FlagsModSeq = isAllDue ? folder.Enumerated!.Value.HighestModSeq : folder.Folder.FlagsModSeq,
            },
            stop
        );
        if (pending == 0)
        {
            foreach (var earlier in await _checkpoint.FoldersAsync(folder.Folder.Source, folder.Folder.Target, stop))
            {
                if (earlier.Source == folder.Folder.Source && earlier.Id != folder.Folder.Id)
                    await _checkpoint.DeleteFolderAsync(earlier.Id, stop);
            }
        }
        folder.Progress.Phase =
            folder.HasLeft || folder.HasWaiting ? FolderPhase.Copying
            : folder.Failures.Any ? FolderPhase.Failed
            : FolderPhase.Done;
    }
}
