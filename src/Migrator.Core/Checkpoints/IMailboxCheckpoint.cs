using Migrator.Core.Mail;

namespace Migrator.Core.Checkpoints;

/// <summary>The checkpoint of one mailbox. Safe to call from several tasks at once. Disposing it lets the next holder
/// in.</summary>
/// <remarks>A folder is known by its source path and UIDVALIDITY together: another UIDVALIDITY is another folder, and
/// the records of the earlier one stay until <see cref="DeleteFolderAsync"/>, to re-identify messages by content.</remarks>
public interface IMailboxCheckpoint : IMailboxRecords
{
    /// <summary>The right to be at this mailbox alone. Once it is lost, every call that would change something fails with
    /// <see cref="LeaseLostException"/> and changes nothing.</summary>
    IMailboxLease Lease { get; }

    /// <summary>Records a folder, or changes what is known of it besides its messages. The key is
    /// (<see cref="FolderCheckpoint.Source"/>, <see cref="FolderCheckpoint.UidValidity"/>).</summary>
    /// <returns>The same with its <see cref="FolderCheckpoint.Id"/>.</returns>
    Task<FolderCheckpoint> SaveFolderAsync(FolderCheckpoint folder, CancellationToken cancellationToken);

    /// <summary>Records messages that the source listed as <see cref="MessageState.Found"/>, and
    /// <see cref="FolderCheckpoint.NextUid"/> with them, all in one. A UID that is recorded keeps its record, unless that is
    /// <see cref="MessageState.Vanished"/> or <see cref="MessageState.Superseded"/>: listed again, it is found again, and keeps its content
    /// id.</summary>
    Task AddFoundAsync(long folderId, IReadOnlyList<MessageSummary> messages, Uid nextUid, CancellationToken cancellationToken);

    /// <summary>Replaces these records, all in one. The key is the UID; a UID that is not recorded is an
    /// error.</summary>
    Task WriteAsync(long folderId, IReadOnlyList<MessageRecord> records, CancellationToken cancellationToken);

    /// <summary>Marks these records as <see cref="MessageState.Vanished"/>, all in one; their content ids and target UIDs
    /// stay.</summary>
    Task MarkVanishedAsync(long folderId, IReadOnlyList<Uid> uids, CancellationToken cancellationToken);

    /// <summary>Makes every record of a folder that is not <see cref="MessageState.Found"/> so again: the target folder
    /// that they were delivered to is gone, or another one is wanted. Content ids stay.</summary>
    /// <param name="sentUnder">The UIDVALIDITY under which the target numbers its messages now: what has an intent, or is
    /// <see cref="MessageState.Unchecked"/>, may be anywhere among them, and is <see cref="MessageState.Sending"/> with
    /// <see cref="AppendIntent.UidNext"/> 0. Null where the target is another one.</param>
    Task ResetAsync(long folderId, UidValidity? sentUnder, CancellationToken cancellationToken);

    /// <summary>A folder has other paths from now on, at the source or at the target; its records stay as they are.</summary>
    Task RenameFolderAsync(long folderId, FolderPath source, FolderPath target, CancellationToken cancellationToken);

    /// <summary>Records what was decided about the mailbox as a whole.</summary>
    Task SavePhaseAsync(PhaseMark phase, CancellationToken cancellationToken);

    /// <summary>Records where copies of a folder, which may be one of an earlier numbering, are once they were taken back
    /// (<see cref="FolderCheckpoint.UndonePlace"/>).</summary>
    Task SaveUndonePlaceAsync(long folderId, FolderPath place, UidValidity uidValidity, CancellationToken cancellationToken);

    /// <summary>Removes a folder and its records.</summary>
    Task DeleteFolderAsync(long folderId, CancellationToken cancellationToken);

    /// <summary>The source has this folder no longer, or numbers its messages again: what was delivered of it is
    /// <see cref="MessageState.Superseded"/>, and is recognised by content if it comes back or goes by another name.</summary>
    /// <param name="uidsGivenAgain">The UIDVALIDITY stayed the same, or there is none: the folder's records are kept under
    /// <see cref="FolderCheckpoint.UidValidity"/> 0, which no server shows, so that a new generation can begin.</param>
    Task RetireAsync(long folderId, bool uidsGivenAgain, CancellationToken cancellationToken);
}
