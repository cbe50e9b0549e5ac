using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Tests.Memory;

/// <summary>Checkpoints that last as long as the process: what the promises mean, in the fewest words.</summary>
public sealed class MemoryCheckpointStore : ICheckpointStore
{
    private readonly Dictionary<MailboxPair, Mailbox> _mailboxes = [];
    private readonly Lock _lock = new();
    private long _folderIds;

    public Task<IMailboxCheckpoint> OpenAsync(MailboxPair pair, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (!_mailboxes.TryGetValue(pair, out var mailbox))
                _mailboxes[pair] = mailbox = new Mailbox();
            if (mailbox.Held)
                throw new MailboxBusyException(pair);
            mailbox.Held = true;
            return Task.FromResult<IMailboxCheckpoint>(new Checkpoint(this, mailbox, holds: true));
        }
    }

    public Task<IMailboxRecords?> OpenRecordsAsync(MailboxPair pair, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult<IMailboxRecords?>(
                _mailboxes.TryGetValue(pair, out var mailbox) ? new Checkpoint(this, mailbox, holds: false) : null
            );
    }

    public ValueTask DisposeAsync() => default;

    private sealed class Mailbox
    {
        public bool Held { get; set; }

        public SortedDictionary<long, FolderCheckpoint> Folders { get; } = [];

        public Dictionary<long, SortedDictionary<Uid, MessageRecord>> Messages { get; } = [];

        /// <summary>Generations whose UIDs were given again.</summary>
        public HashSet<long> Earlier { get; } = [];

        public MemoryUidMap Uids { get; } = new();

        public PhaseMark Phase { get; set; }
    }

    private sealed class Checkpoint(MemoryCheckpointStore store, Mailbox mailbox, bool holds) : IMailboxCheckpoint
    {
        public IMailboxLease Lease => ProcessLease.Instance;

        public IUidMap Uids => mailbox.Uids;

        public Task<PhaseMark> PhaseAsync(CancellationToken cancellationToken) => Run(() => mailbox.Phase, cancellationToken);

        public Task SavePhaseAsync(PhaseMark phase, CancellationToken cancellationToken) =>
            Run(() => mailbox.Phase = phase, cancellationToken);

        public Task SaveUndonePlaceAsync(long folderId, FolderPath place, UidValidity uidValidity, CancellationToken cancellationToken) =>
            Run(
                () => mailbox.Folders[folderId] = mailbox.Folders[folderId] with { UndonePlace = place, UndoneUidValidity = uidValidity },
                cancellationToken
            );

        public Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(CancellationToken cancellationToken) =>
            Run<IReadOnlyList<FolderCheckpoint>>(() => [.. mailbox.Folders.Values], cancellationToken);

        public Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(
            FolderPath source,
            FolderPath target,
            CancellationToken cancellationToken
        ) =>
            Run<IReadOnlyList<FolderCheckpoint>>(
                () => [.. mailbox.Folders.Values.Where(folder => folder.Source == source || folder.Target == target)],
                cancellationToken
            );

        public Task<FolderCheckpoint> SaveFolderAsync(FolderCheckpoint folder, CancellationToken cancellationToken) =>
            Run(
                () =>
                {
                    var known = mailbox.Folders.Values.FirstOrDefault(other =>
                        other.Source == folder.Source && other.UidValidity == folder.UidValidity && !mailbox.Earlier.Contains(other.Id)
                    );
                    var saved = folder with
                    {
                        Id = known?.Id ?? ++store._folderIds,
                        UndonePlace = known?.UndonePlace,
                        UndoneUidValidity = known?.UndoneUidValidity ?? default,
                    };
                    mailbox.Messages.TryAdd(saved.Id, []);
                    return mailbox.Folders[saved.Id] = saved;
                },
                cancellationToken
            );

        public Task AddFoundAsync(
            long folderId,
            IReadOnlyList<MessageSummary> messages,
            Uid nextUid,
            CancellationToken cancellationToken
        ) =>
            Run(
                () =>
                {
                    foreach (var message in messages)
                    {
                        var known = mailbox.Messages[folderId].GetValueOrDefault(message.Uid);
                        if (known is null or { State: MessageState.Vanished or MessageState.Superseded })
                            mailbox.Messages[folderId][message.Uid] = new MessageRecord(
                                message.Uid,
                                MessageState.Found,
                                known?.Content,
                                message.Size,
                                message.Flags,
                                message.InternalDate,
                                TargetContent: known?.TargetContent
                            );
                    }
                    return mailbox.Folders[folderId] = mailbox.Folders[folderId] with { NextUid = nextUid };
                },
                cancellationToken
            );

        public Task<IReadOnlyList<MessageRecord>> ReadAsync(
            long folderId,
            IReadOnlyList<MessageState> states,
            Uid fromUid,
            int limit,
            CancellationToken cancellationToken
        ) =>
            Run<IReadOnlyList<MessageRecord>>(
                () =>
                    [
                        .. mailbox
                            .Messages[folderId]
                            .Values.Where(record => record.Uid >= fromUid && states.Contains(record.State))
                            .Take(limit),
                    ],
                cancellationToken
            );

        public Task<UidSet> UidsAsync(long folderId, IReadOnlyList<MessageState> states, CancellationToken cancellationToken) =>
            Run(
                () =>
                    UidSet.Of(
                        mailbox.Messages[folderId].Values.Where(record => states.Contains(record.State)).Select(record => record.Uid)
                    ),
                cancellationToken
            );

        public Task<int> CountAsync(
            long folderId,
            IReadOnlyList<MessageState> states,
            IReadOnlyList<UidRange>? atTarget,
            CancellationToken cancellationToken
        ) =>
            Run(
                () =>
                    mailbox
                        .Messages[folderId]
                        .Values.Count(record =>
                            states.Contains(record.State)
                            && (
                                atTarget is null
                                || (
                                    record.TargetUid.IsKnown
                                    && atTarget.Any(range => range.First <= record.TargetUid.Uid && record.TargetUid.Uid <= range.Last)
                                )
                            )
                        ),
                cancellationToken
            );

        public async Task<UidSet> OwnedAsync(FolderPath target, UidValidity targetUidValidity, CancellationToken cancellationToken) =>
            UidSet.Of(
                (await DeliveredToAsync(target, targetUidValidity, 1, cancellationToken))
                    .Where(copy => copy.Owned)
                    .Select(copy => copy.TargetUid.Uid)
            );

        public async Task<IReadOnlyList<DeliveredCopy>> FormerCopiesAsync(
            FolderPath target,
            UidValidity targetUidValidity,
            CancellationToken cancellationToken
        ) => [.. (await DeliveredToAsync(target, targetUidValidity, 1, cancellationToken)).Where(copy => !copy.Owned)];

        public Task<IReadOnlyList<FolderCheckpoint>> FoldersOfFormerAsync(CancellationToken cancellationToken) =>
            Run<IReadOnlyList<FolderCheckpoint>>(
                () => [.. mailbox.Folders.Values.Where(folder => Former(folder.Id).Any())],
                cancellationToken
            );

        public Task<IReadOnlyList<MessageRecord>> ReadFormerAsync(
            long folderId,
            Uid fromUid,
            int limit,
            CancellationToken cancellationToken
        ) =>
            Run<IReadOnlyList<MessageRecord>>(
                () => [.. Former(folderId).Where(record => record.Uid >= fromUid).Take(limit)],
                cancellationToken
            );

        private IEnumerable<MessageRecord> Former(long folderId) =>
            mailbox
                .Messages[folderId]
                .Values.Where(record =>
                    record is { IsOurs: true, TargetUid.IsKnown: true, State: MessageState.Vanished or MessageState.Superseded }
                );

        public Task RenameFolderAsync(long folderId, FolderPath source, FolderPath target, CancellationToken cancellationToken) =>
            Run(() => mailbox.Folders[folderId] = mailbox.Folders[folderId] with { Source = source, Target = target }, cancellationToken);

        public Task WriteAsync(long folderId, IReadOnlyList<MessageRecord> records, CancellationToken cancellationToken) =>
            Run(
                () =>
                {
                    if (records.Any(record => !mailbox.Messages[folderId].ContainsKey(record.Uid)))
                        throw new CheckpointException("A UID is not recorded.");
                    foreach (var record in records)
                        mailbox.Messages[folderId][record.Uid] = record;
                    return true;
                },
                cancellationToken
            );

        public Task MarkVanishedAsync(long folderId, IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
            Run(
                () =>
                {
                    foreach (var uid in uids)
                        mailbox.Messages[folderId][uid] = mailbox.Messages[folderId][uid] with
                        {
                            State = MessageState.Vanished,
                            Intent = null,
                            Reason = ReasonOfRetired(mailbox.Messages[folderId][uid]),
                            Detail = null,
                        };
                    return true;
                },
                cancellationToken
            );

        public Task<IReadOnlyList<DeliveredCopy>> DeliveredToAsync(
            FolderPath target,
            UidValidity targetUidValidity,
            TargetUid fromTargetUid,
            CancellationToken cancellationToken
        ) =>
            Run<IReadOnlyList<DeliveredCopy>>(
                () =>
                    [
                        .. from folder in mailbox.Folders.Values
                        where folder.Target == target && folder.TargetUidValidity == targetUidValidity
                        from record in mailbox.Messages[folder.Id].Values
                        where record.TargetUid >= fromTargetUid && record.TargetUid > 0
                        where record.State.IsAtTarget() || record.State is MessageState.Vanished or MessageState.Superseded
                        select new DeliveredCopy(
                            record.TargetUid,
                            record.Content!.Value,
                            record.State.IsAtTarget(),
                            record.State == MessageState.Superseded,
                            Stored(record),
                            record.IsOurs
                        ),
                    ],
                cancellationToken
            );

        public Task ResetAsync(long folderId, UidValidity? sentUnder, CancellationToken cancellationToken) =>
            Run(
                () =>
                {
                    foreach (var record in mailbox.Messages[folderId].Values.ToList())
                        mailbox.Messages[folderId][record.Uid] = record with
                        {
                            State =
                                sentUnder is not null && (record.Intent is not null || record.State == MessageState.Unchecked)
                                    ? MessageState.Sending
                                    : MessageState.Found,
                            Intent =
                                sentUnder is { } validity && (record.Intent is not null || record.State == MessageState.Unchecked)
                                    ? new AppendIntent(validity, 0)
                                    : null,
                            TargetUid = 0,
                            Reason = null,
                            Detail = null,
                            IsOurs = false,
                        };
                    return true;
                },
                cancellationToken
            );

        public Task RetireAsync(long folderId, bool uidsGivenAgain, CancellationToken cancellationToken) =>
            Run(
                () =>
                {
                    foreach (var record in mailbox.Messages[folderId].Values.Where(record => record.State.IsAtTarget()).ToList())
                        mailbox.Messages[folderId][record.Uid] = record with
                        {
                            State = MessageState.Superseded,
                            Reason = ReasonOfRetired(record),
                        };
                    var folder = mailbox.Folders[folderId];
                    if (uidsGivenAgain)
                        mailbox.Earlier.Add(folderId);
                    return mailbox.Folders[folderId] = folder with
                    {
                        Completed = null,
                        UidValidity = uidsGivenAgain ? 0 : folder.UidValidity,
                    };
                },
                cancellationToken
            );

        public Task DeleteFolderAsync(long folderId, CancellationToken cancellationToken) =>
            Run(() => mailbox.Folders.Remove(folderId) & mailbox.Messages.Remove(folderId), cancellationToken);

        public ValueTask DisposeAsync()
        {
            lock (store._lock)
                mailbox.Held &= !holds;
            return default;
        }

        private static string? ReasonOfRetired(MessageRecord record) =>
            record.State switch
            {
                MessageState.Unchecked => "Unchecked",
                MessageState.Differs => record.Reason,
                _ => null,
            };

        private static ContentId? Stored(MessageRecord record) =>
            record switch
            {
                { State: MessageState.Unchecked } => null,
                { TargetContent: { } stored } => stored,
                { Reason: { } reason }
                    when reason == "Unchecked"
                        || reason.Contains("Content", StringComparison.Ordinal)
                        || reason.Contains("Missing", StringComparison.Ordinal) => null,
                _ => record.Content,
            };

        private Task<T> Run<T>(Func<T> call, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (store._lock)
                return Task.FromResult(call());
        }
    }
}
