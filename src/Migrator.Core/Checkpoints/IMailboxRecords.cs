using Migrator.Core.Mail;

namespace Migrator.Core.Checkpoints;

/// <summary>What is durably known of one mailbox, to be read. Safe to call from several tasks at once.</summary>
public interface IMailboxRecords : IAsyncDisposable
{
    /// <summary>The UIDs that were given to messages of a source that has none of its own.</summary>
    IUidMap Uids { get; }

    /// <summary>Every recorded folder, earlier UIDVALIDITYs included.</summary>
    Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(CancellationToken cancellationToken);

    /// <summary>Records in one of these states, ascending by UID, from <paramref name="fromUid"/> on, at most
    /// <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<MessageRecord>> ReadAsync(
        long folderId,
        IReadOnlyList<MessageState> states,
        Uid fromUid,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>The UIDs of the records in one of these states, ascending.</summary>
    Task<IReadOnlyList<Uid>> UidsAsync(long folderId, IReadOnlyList<MessageState> states, CancellationToken cancellationToken);

    /// <summary>Every message known to be in a target folder: target UID and content id of all records of all folders, of
    /// earlier UIDVALIDITYs too, that were delivered there under this target UIDVALIDITY, from a target UID on.</summary>
    Task<IReadOnlyList<DeliveredCopy>> DeliveredToAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        TargetUid fromTargetUid,
        CancellationToken cancellationToken
    );
}
