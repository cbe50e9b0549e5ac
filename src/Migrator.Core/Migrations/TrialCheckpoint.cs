using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>A checkpoint for finding out what a run would do: the engine decides on it as in a run, and what it writes is kept in memory
/// and forgotten. The rejected alternative, a second way to decide for checks, would promise what a run does not do.</summary>
/// <remarks>Messages that are newly found are not kept: the check does not ask for them again, and a folder may have millions.</remarks>
/// <param name="records">What is known; null for a mailbox that no run has copied.</param>
internal sealed class TrialCheckpoint(IMailboxRecords? records) : IMailboxCheckpoint
{
    private const int Chunk = 1000;

    private static readonly IReadOnlyList<MessageState> s_all = Enum.GetValues<MessageState>(),
        s_former = [MessageState.Vanished, MessageState.Superseded];

    private readonly SortedDictionary<long, FolderCheckpoint> _folders = [];
    private readonly Dictionary<FolderPath, SortedSet<long>> _bySource = [],
        _byTarget = [];
    private readonly HashSet<long> _earlier = [];

    // What was done to the records of a folder, in order.
    private readonly Dictionary<long, List<Func<MessageRecord, MessageRecord>>> _changes = [];
    private PhaseMark? _phase;
    private long _lastId;
    private bool _loaded,
        _hasChanges;

    public IMailboxLease Lease => ProcessLease.Instance;

    public IUidMap Uids { get; } = new TrialUidMap(records?.Uids ?? NullUidMap.Instance);

    public Task<PhaseMark> PhaseAsync(CancellationToken cancellationToken) =>
        _phase is { } phase ? Task.FromResult(phase)
        : records is null ? Task.FromResult(default(PhaseMark))
        : records.PhaseAsync(cancellationToken);

    public Task SavePhaseAsync(PhaseMark phase, CancellationToken cancellationToken)
    {
        _phase = phase;
        return Task.CompletedTask;
    }

    public Task SaveUndonePlaceAsync(long folderId, FolderPath place, UidValidity uidValidity, CancellationToken cancellationToken)
    {
        Keep(_folders[folderId] with { UndonePlace = place, UndoneUidValidity = uidValidity });
        return Task.CompletedTask;
    }

    public async Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(CancellationToken cancellationToken)
    {
        if (!_loaded && records is not null)
        {
            foreach (var folder in await records.FoldersAsync(cancellationToken))
                Keep(folder);
        }
        _loaded = true;
        return [.. _folders.Values];
    }

    public async Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(
        FolderPath source,
        FolderPath target,
        CancellationToken cancellationToken
    )
    {
        if (!_loaded)
            await FoldersAsync(cancellationToken);
        return [.. Of(_bySource, source).Concat(Of(_byTarget, target)).DistinctBy(folder => folder.Id).OrderBy(folder => folder.Id)];
    }

    public async Task<FolderCheckpoint> SaveFolderAsync(FolderCheckpoint folder, CancellationToken cancellationToken)
    {
        if (!_loaded)
            await FoldersAsync(cancellationToken);
        var known = Of(_bySource, folder.Source)
            .FirstOrDefault(other => !_earlier.Contains(other.Id) && other.UidValidity == folder.UidValidity);
        // Above the ids of the store, as the store would give one: which generation is the latest shows by it.
        var saved = folder with
        {
            Id = known?.Id ?? _lastId + 1,
        };
        if (known is null)
            _changes[saved.Id] = [];
        Keep(saved);
        return saved;
    }

    private void Keep(FolderCheckpoint folder)
    {
        Drop(folder.Id);
        _folders[folder.Id] = folder;
        Ids(_bySource, folder.Source).Add(folder.Id);
        Ids(_byTarget, folder.Target).Add(folder.Id);
        _lastId = Math.Max(_lastId, folder.Id);
    }

    private void Drop(long id)
    {
        if (!_folders.Remove(id, out var folder))
            return;
        Ids(_bySource, folder.Source).Remove(id);
        Ids(_byTarget, folder.Target).Remove(id);
    }

    private static SortedSet<long> Ids(Dictionary<FolderPath, SortedSet<long>> index, FolderPath path)
    {
        if (!index.TryGetValue(path, out var ids))
            index[path] = ids = [];
        return ids;
    }

    private IEnumerable<FolderCheckpoint> Of(Dictionary<FolderPath, SortedSet<long>> index, FolderPath path) =>
        index.TryGetValue(path, out var ids) ? ids.Select(id => _folders[id]) : [];

    public Task AddFoundAsync(long folderId, IReadOnlyList<MessageSummary> messages, Uid nextUid, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public async Task<IReadOnlyList<MessageRecord>> ReadAsync(
        long folderId,
        IReadOnlyList<MessageState> states,
        Uid fromUid,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (records is null)
            return [];
        if (!_changes.TryGetValue(folderId, out var changes))
            return await records.ReadAsync(folderId, states, fromUid, limit, cancellationToken);
        var found = new List<MessageRecord>();
        for (var next = fromUid; changes.Count > 0; )
        {
            var page = await records.ReadAsync(folderId, s_all, next, Chunk, cancellationToken);
            var changed = page.Select(record => changes.Aggregate(record, (current, change) => change(current)));
            found.AddRange(changed.Where(record => states.Contains(record.State)));
            if (found.Count >= limit || page.Count < Chunk || page[^1].Uid == Uid.Max)
                break;
            next = page[^1].Uid.Next;
        }
        return [.. found.Take(limit)];
    }

    public async Task<UidSet> UidsAsync(long folderId, IReadOnlyList<MessageState> states, CancellationToken cancellationToken)
    {
        if (records is not null && !_changes.ContainsKey(folderId))
            return await records.UidsAsync(folderId, states, cancellationToken);
        var uids = new List<Uid>();
        if (_folders.TryGetValue(folderId, out var folder))
        {
            await foreach (var record in folder.ReadAllAsync(this, states, cancellationToken))
                uids.Add(record.Uid);
        }
        return UidSet.Of(uids);
    }

    public async Task<int> CountAsync(
        long folderId,
        IReadOnlyList<MessageState> states,
        IReadOnlyList<UidRange>? atTarget,
        CancellationToken cancellationToken
    )
    {
        if (records is not null && !_changes.ContainsKey(folderId))
            return await records.CountAsync(folderId, states, atTarget, cancellationToken);
        var count = 0;
        if (_folders.TryGetValue(folderId, out var folder))
        {
            await foreach (var record in folder.ReadAllAsync(this, states, cancellationToken))
            {
                var uid = record.TargetUid.Uid;
                count += atTarget is null || (uid.IsKnown && atTarget.Any(range => range.First <= uid && uid <= range.Last)) ? 1 : 0;
            }
        }
        return count;
    }

    public async Task<UidSet> OwnedAsync(FolderPath target, UidValidity targetUidValidity, CancellationToken cancellationToken) =>
        records is not null && !_hasChanges
            ? await records.OwnedAsync(target, targetUidValidity, cancellationToken)
            : UidSet.Of(
                (await DeliveredToAsync(target, targetUidValidity, 1, cancellationToken))
                    .Where(copy => copy.Owned)
                    .Select(copy => copy.TargetUid.Uid)
            );

    public async Task<IReadOnlyList<DeliveredCopy>> FormerCopiesAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        CancellationToken cancellationToken
    ) =>
        records is not null && !_hasChanges
            ? await records.FormerCopiesAsync(target, targetUidValidity, cancellationToken)
            : [.. (await DeliveredToAsync(target, targetUidValidity, 1, cancellationToken)).Where(copy => !copy.Owned)];

    public async Task<IReadOnlyList<DeliveredCopy>> DeliveredToAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        TargetUid fromTargetUid,
        CancellationToken cancellationToken
    )
    {
        if (records is null)
            return [];
        if (!_hasChanges)
            return await records.DeliveredToAsync(target, targetUidValidity, fromTargetUid, cancellationToken);
        var copies = new List<DeliveredCopy>();
        foreach (var folder in Of(_byTarget, target).Where(folder => folder.TargetUidValidity == targetUidValidity))
        {
            await foreach (var record in folder.ReadAllAsync(this, DeliveredCopy.States, cancellationToken))
            {
                if (record.TargetUid >= fromTargetUid && DeliveredCopy.Of(record) is { } copy)
                    copies.Add(copy);
            }
        }
        return copies;
    }

    public async Task<IReadOnlyList<FolderCheckpoint>> FoldersOfFormerAsync(CancellationToken cancellationToken)
    {
        var folders = new List<FolderCheckpoint>();
        foreach (var folder in await FoldersAsync(cancellationToken))
        {
            if (await ReadFormerAsync(folder.Id, 1, 1, cancellationToken) is [_])
                folders.Add(folder);
        }
        return folders;
    }

    public async Task<IReadOnlyList<MessageRecord>> ReadFormerAsync(
        long folderId,
        Uid fromUid,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (records is not null && !_changes.ContainsKey(folderId))
            return await records.ReadFormerAsync(folderId, fromUid, limit, cancellationToken);
        var former = new List<MessageRecord>();
        if (_folders.TryGetValue(folderId, out var folder))
        {
            await foreach (var record in folder.ReadAllAsync(this, s_former, cancellationToken))
            {
                if (record is { IsOurs: true, TargetUid.IsKnown: true } && record.Uid >= fromUid && former.Count < limit)
                    former.Add(record);
            }
        }
        return former;
    }

    public Task WriteAsync(long folderId, IReadOnlyList<MessageRecord> written, CancellationToken cancellationToken)
    {
        var byUid = written.ToDictionary(record => record.Uid);
        return byUid.Count == 0 ? Task.CompletedTask : Change(folderId, record => byUid.GetValueOrDefault(record.Uid, record));
    }

    public Task MarkVanishedAsync(long folderId, IReadOnlyList<Uid> uids, CancellationToken cancellationToken)
    {
        var gone = uids.ToHashSet();
        return Change(
            folderId,
            record =>
                gone.Contains(record.Uid)
                    ? record with
                    {
                        State = MessageState.Vanished,
                        Intent = null,
                        Reason = ReasonOfRetired(record),
                    }
                    : record
        );
    }

    public Task ResetAsync(long folderId, UidValidity? sentUnder, CancellationToken cancellationToken) =>
        Change(
            folderId,
            record =>
            {
                if (record.State == MessageState.Found)
                    return record;
                var mayBeThere = sentUnder is not null && (record.Intent is not null || record.State == MessageState.Unchecked);
                return record with
                {
                    State = mayBeThere ? MessageState.Sending : MessageState.Found,
                    Intent = mayBeThere ? new AppendIntent(sentUnder!.Value, 0) : null,
                    TargetUid = 0,
                    Reason = null,
                    Detail = null,
                    IsOurs = false,
                };
            }
        );

    public Task RetireAsync(long folderId, bool uidsGivenAgain, CancellationToken cancellationToken)
    {
        if (uidsGivenAgain)
            _earlier.Add(folderId);
        var folder = _folders[folderId];
        Keep(folder with { Completed = null, UidValidity = uidsGivenAgain ? 0 : folder.UidValidity });
        return Change(
            folderId,
            record => record.State.IsAtTarget() ? record with { State = MessageState.Superseded, Reason = ReasonOfRetired(record) } : record
        );
    }

    private static string? ReasonOfRetired(MessageRecord record) =>
        record.State switch
        {
            MessageState.Unchecked => RecordedDifferences.Unchecked,
            MessageState.Differs => record.Reason,
            _ => null,
        };

    public Task RenameFolderAsync(long folderId, FolderPath source, FolderPath target, CancellationToken cancellationToken)
    {
        Keep(_folders[folderId] with { Source = source, Target = target });
        return Task.CompletedTask;
    }

    public Task DeleteFolderAsync(long folderId, CancellationToken cancellationToken)
    {
        Drop(folderId);
        return Task.CompletedTask;
    }

    /// <summary>The records belong to the caller that opened them.</summary>
    public ValueTask DisposeAsync() => default;

    private Task Change(long folderId, Func<MessageRecord, MessageRecord> change)
    {
        if (!_changes.TryGetValue(folderId, out var changes))
            _changes[folderId] = changes = [];
        changes.Add(change);
        _hasChanges = true;
        return Task.CompletedTask;
    }
}
