using Migrator.Core.Mail;

namespace Migrator.Core.Checkpoints;

/// <summary>What is durably known of one mailbox, to be read. Safe to call from several tasks at once.</summary>
public interface IMailboxRecords : IAsyncDisposable
{
    /// <summary>The UIDs that were given to messages of a source that has none of its own.</summary>
    IUidMap Uids { get; }

    /// <summary>What was decided about the mailbox as a whole.</summary>
    Task<PhaseMark> PhaseAsync(CancellationToken cancellationToken);

    /// <summary>Every recorded folder, earlier UIDVALIDITYs included.</summary>
    Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(CancellationToken cancellationToken);

    /// <summary>Those with this path at the source or that one at the target.</summary>
    Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(FolderPath source, FolderPath target, CancellationToken cancellationToken);

    /// <summary>Records in one of these states, ascending by UID, from <paramref name="fromUid"/> on, at most
    /// <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<MessageRecord>> ReadAsync(
        long folderId,
        IReadOnlyList<MessageState> states,
        Uid fromUid,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>The UIDs of the records in one of these states.</summary>
    Task<UidSet> UidsAsync(long folderId, IReadOnlyList<MessageState> states, CancellationToken cancellationToken);

    /// <summary>How many records are in one of these states.</summary>
    /// <param name="atTarget">Only those with a <see cref="MessageRecord.TargetUid"/> in these ranges; null for all.</param>
    Task<int> CountAsync(
        long folderId,
        IReadOnlyList<MessageState> states,
        IReadOnlyList<UidRange>? atTarget,
        CancellationToken cancellationToken
    );

    /// <summary>The UIDs in a target folder that messages of the source are known to have there, in all folders that were delivered to it
    /// under this target UIDVALIDITY: those of <see cref="DeliveredToAsync"/> that are owned.</summary>
    Task<UidSet> OwnedAsync(FolderPath target, UidValidity targetUidValidity, CancellationToken cancellationToken);

    /// <summary>Those of <see cref="DeliveredToAsync"/> that no message of the source owns any more.</summary>
    Task<IReadOnlyList<DeliveredCopy>> FormerCopiesAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        CancellationToken cancellationToken
    );

    /// <summary>The folders with records that <see cref="ReadFormerAsync"/> reads.</summary>
    Task<IReadOnlyList<FolderCheckpoint>> FoldersOfFormerAsync(CancellationToken cancellationToken);

    /// <summary>Records of a folder whose message is no longer at the source while its copy is, as far as is known, at the target and
    /// <see cref="MessageRecord.IsOurs"/>: ascending by UID, from <paramref name="fromUid"/> on, at most <paramref name="limit"/>
    /// of them.</summary>
    Task<IReadOnlyList<MessageRecord>> ReadFormerAsync(long folderId, Uid fromUid, int limit, CancellationToken cancellationToken);

    /// <summary>Every message known to be in a target folder: target UID and content id of all records of all folders, of
    /// earlier UIDVALIDITYs too, that were delivered there under this target UIDVALIDITY, from a target UID on.</summary>
    Task<IReadOnlyList<DeliveredCopy>> DeliveredToAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        TargetUid fromTargetUid,
        CancellationToken cancellationToken
    );
}
