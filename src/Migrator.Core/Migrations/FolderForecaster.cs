using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Finds out what a run would do with one folder. Which UIDs are still the same messages, what is new and what was removed is
/// decided by the parts of a run, on a <see cref="TrialCheckpoint"/>.</summary>
/// <param name="isUnchanged">Both ends say what they said when all of it was at the target.</param>
/// <param name="keepsUids"><see cref="AtBothEnds"/> is wanted.</param>
/// <param name="place">Where the target has the folder now; null where that is not known, or where it has none.</param>
internal sealed class FolderForecaster(FolderCopyState folder, bool isUnchanged, bool keepsUids, FolderPath? place) : IResumableWork
{
    private const int Chunk = 1000;

    // What the target would say of a folder that it creates: a UIDVALIDITY that no record has.
    private static readonly FolderState s_created = new(uint.MaxValue, 1, 0, 0);

    private readonly List<Uid> _atBothEnds = [],
        _toCopy = [],
        _tooLarge = [];
    private readonly List<MessageSummary> _fresh = [];
    private FolderForecast? _forecast;
    private MailAmount _shared;
    private Failure? _failure;

    public long ProgressVersion => folder.ProgressVersion;

    /// <summary>After <see cref="RunAsync"/>.</summary>
    public FolderForecast Forecast => _failure is null && _forecast is { } forecast ? forecast : Blank with { Failure = _failure };

    /// <summary>Messages that are at the source and, after a run, at the target.</summary>
    public IReadOnlyList<Uid> AtBothEnds => _atBothEnds;

    public FolderCopyState Folder => folder;

    /// <summary>Messages that would be delivered and were never sent, where the job follows the source.</summary>
    public IReadOnlyList<MessageSummary> Fresh => _fresh;

    public bool GiveUp(MailException loss)
    {
        _failure = Failure.Of(loss);
        return true;
    }

    public async Task RunAsync(SessionPair sessions, CancellationToken stop)
    {
        if (_failure is not null)
            return;
        try
        {
            _atBothEnds.Clear();
            _toCopy.Clear();
            _tooLarge.Clear();
            _fresh.Clear();
            _shared = default;
            _forecast = isUnchanged ? await UnchangedAsync(stop) : await LookAsync(sessions.Source, sessions.Target, stop);
            folder.Enumerated = _forecast.State;
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            _failure = Failure.Of(exception);
        }
    }

    private FolderForecast Blank => new(folder.Mapping.Source.Path, folder.Mapping.Target, place is not null);

    private async Task<FolderForecast> UnchangedAsync(CancellationToken stop)
    {
        var state = folder.Mapping.Source.State!.Value;
        var known = (await folder.Run.Checkpoint.FoldersAsync(folder.Mapping.Source.Path, folder.Mapping.Target, stop)).Single(record =>
            record.Source == folder.Mapping.Source.Path && record.UidValidity == state.UidValidity
        );
        var bytes = 0L;
        await foreach (var record in known.ReadAllAsync(folder.Run.Checkpoint, MessageStates.AtTarget, stop))
        {
            bytes += record.Size;
            Keep(record.Uid);
        }
        var skipped = await folder.Run.Checkpoint.CountAsync(known.Id, [MessageState.Skipped], null, stop);
        return Blank with
        {
            Copied = new MailAmount(state.Count - skipped, bytes),
            Skipped = skipped,
            Differing = await folder.Run.Checkpoint.CountAsync(known.Id, [MessageState.Differs], null, stop),
            State = state,
            TargetUidValidity = known.TargetUidValidity,
        };
    }

    private async Task<FolderForecast> LookAsync(IMailSource source, IMailTarget target, CancellationToken stop)
    {
        var (checkpoint, mapping) = (folder.Run.Checkpoint, folder.Mapping);
        var state = await source.OpenAsync(mapping.Source.Path, stop);
        folder.SourceOpened(source, state);
        var maxSize = place is null ? target.Traits.MaxSize : await target.MaxSizeAsync(place, stop);
        var targetState = place is null ? s_created : await target.OpenAsync(place, stop);
        var uids = await source.ListUidsAsync(1, stop);
        var listed = await new FolderIdentity(folder, source, target).EstablishAsync(state, targetState, uids, stop);
        async Task<UidSet> TargetUidsAsync() => listed ??= place is null ? UidSet.Empty : await target.ListUidsAsync(1, stop);

        var there =
            folder.Folder.CompletedTarget == targetState
                ? null
                : await FolderEnumerator.HeldAsync(folder, target, targetState, await TargetUidsAsync(), stop);
        var recorded = await checkpoint.UidsAsync(folder.Folder.Id, MessageStates.AtSource, stop);
        if (folder.Run.Follows)
            await checkpoint.MarkVanishedAsync(folder.Folder.Id, recorded.Except(uids), stop);
        var (copied, removed, failed, differing) = (default(MailAmount), 0L, new List<Uid>(), 0L);
        var coming = new Coming(maxSize ?? long.MaxValue, folder.Run.Options.SpoolLimit);
        var skipped = 0L;
        var selection = folder.Run.Selection;
        var filter = selection is null ? null : new MessageFilter(selection, source, folder.SourceSelections);
        var isSame = folder.Folder.Selection == selection?.Mark;
        var undecided = new List<MessageSummary>();
        async Task JudgeAsync()
        {
            var left = filter is null ? new HashSet<Uid>() : await filter.LeftOutAsync(undecided, stop);
            foreach (var message in undecided.Where(message => !left.Contains(message.Uid)))
                Add(coming, message);
            skipped += left.Count;
            undecided.Clear();
        }
        await foreach (var record in folder.Folder.ReadAllAsync(checkpoint, MessageStates.AtSource, stop))
        {
            if (!uids.Contains(record.Uid))
                continue;
            if (record.State == MessageState.Failed)
                failed.Add(record.Uid);
            else if (record.State == MessageState.Skipped && isSame)
                skipped++;
            else if (record.State == MessageState.Skipped || (record is { State: MessageState.Found } && !isSame))
            {
                undecided.Add(new MessageSummary(record.Uid, record.Size, record.Flags, record.InternalDate));
                if (undecided.Count == Chunk)
                    await JudgeAsync();
            }
            else if (!record.State.IsAtTarget())
                Add(coming, new MessageSummary(record.Uid, record.Size, record.Flags, record.InternalDate));
            else if (there is not null && FolderEnumerator.IsRemoved(record, there))
                removed++;
            else
            {
                copied = Copied(copied, record);
                differing += record.State == MessageState.Differs ? 1 : 0;
            }
        }
        await JudgeAsync();
        foreach (var some in uids.Except(recorded).Chunk(Chunk))
        {
            if (filter is null && !folder.Run.Follows)
            {
                await MeasureAsync(source, some, mayGiveUp: true, coming, stop);
                continue;
            }
            await folder.SourceSummaries.AskAsync(some, async asked => undecided.AddRange(await source.FetchSummariesAsync(asked, stop)));
            foreach (var silent in some.Except(undecided.Select(message => message.Uid)))
                Add(coming, silent, null);
            await JudgeAsync();
        }
        // Of what failed, a run asks for the size again too.
        foreach (var some in failed.Chunk(Chunk))
            await MeasureAsync(source, some, mayGiveUp: false, coming, stop);
        var flags = folder.Run.IsSwitched ? UidSet.Empty : await FlagSync.FindAsync(folder, source, state, recorded.Intersect(uids), stop);
        var mayBeThere = 0L;
        if (coming.Amount.Messages > 0 && targetState.Count > 0)
        {
            var present = await TargetUidsAsync();
            var owned = await checkpoint.OwnedAsync(mapping.Target, targetState.UidValidity, stop);
            var former = await checkpoint.FormerCopiesAsync(mapping.Target, targetState.UidValidity, stop);
            var candidates = present.Except(owned).Count + TargetMatcher.Removed(former, present.Union(owned)).Count;
            mayBeThere = Math.Min(coming.Amount.Messages, candidates);
        }
        return Blank with
        {
            Copied = copied,
            ToCopy = coming.Amount,
            Shared = _shared,
            UnknownSizes = coming.UnknownSizes,
            TooLarge = coming.TooLarge,
            FirstTooLarge = coming.FirstTooLarge,
            RemovedAtTarget = removed,
            Skipped = skipped,
            FailedBefore = failed.Count,
            MayBeThere = mayBeThere,
            MaxSize = maxSize,
            Uids = UidSet.Of(_toCopy),
            Flags = flags,
            Differing = differing,
            TooLargeUids = UidSet.Of(_tooLarge),
            State = state,
            TargetUidValidity = place is null ? default : targetState.UidValidity,
            MessagesAtTarget = targetState.Count,
        };
    }

    private async Task MeasureAsync(IMailSource source, IReadOnlyList<Uid> uids, bool mayGiveUp, Coming coming, CancellationToken stop)
    {
        var sizes = new Dictionary<Uid, long?>();
        await folder.SourceSummaries.AskAsync(
            uids,
            async some =>
            {
                foreach (var (uid, size) in await source.SizesAsync(some, stop))
                    sizes[uid] = size;
            },
            mayGiveUp
        );
        foreach (var uid in uids)
            Add(coming, uid, sizes.GetValueOrDefault(uid));
    }

    private MailAmount Copied(MailAmount copied, MessageRecord record)
    {
        Keep(record.Uid);
        return copied.With(record.Size);
    }

    private void Add(Coming coming, MessageSummary message)
    {
        Add(coming, message.Uid, message.Size);
        if (folder.Run.Follows)
            _fresh.Add(message);
    }

    private void Add(Coming coming, Uid uid, long? size)
    {
        var before = coming.Amount.Bytes;
        if (!coming.Add(uid, size))
        {
            _tooLarge.Add(uid);
            return;
        }
        _toCopy.Add(uid);
        Keep(uid);
        if (folder.IsLeft(uid))
            _shared = _shared.With(coming.Amount.Bytes - before);
    }

    private void Keep(Uid uid)
    {
        if (keepsUids)
            _atBothEnds.Add(uid);
    }
}
