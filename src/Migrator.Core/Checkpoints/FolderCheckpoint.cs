using Migrator.Core.Mail;

namespace Migrator.Core.Checkpoints;

/// <param name="Id">Given by the store; 0 before the first save.</param>
/// <param name="Source">Path at the source.</param>
/// <param name="UidValidity">UIDVALIDITY at the source; 0 for an earlier generation whose UIDs the server has given again.</param>
/// <param name="NextUid">One more than the highest UID that was recorded; 1 at first.</param>
/// <param name="Target">Path at the target.</param>
/// <param name="TargetUidValidity">UIDVALIDITY at the target, under which target UIDs of the records hold.</param>
/// <param name="Completed">The source's state at the end of the last run that left nothing to do; null before that, and
/// whenever something is left to do. While the source still says the same, the folder need not be opened.</param>
/// <param name="CompletedTarget">The target's state at that moment. While it still says the same, what was delivered is still
/// there; null where some of it was not, or not as it was sent.</param>
/// <param name="FlagsModSeq">Flag changes up to this mod-sequence are at the target; 0 where unknown.</param>
/// <param name="SourceMark">The highest that the source ever said.</param>
/// <param name="TargetMark">The highest that the target ever said under <paramref name="TargetUidValidity"/>.</param>
/// <param name="SentFrom">From this target UID on, what a session sent that did not end in peace may still arrive; 0 where nothing
/// can.</param>
public sealed record FolderCheckpoint(
    long Id,
    FolderPath Source,
    UidValidity UidValidity,
    Uid NextUid,
    FolderPath Target,
    UidValidity TargetUidValidity,
    FolderState? Completed,
    FolderState? CompletedTarget,
    ulong FlagsModSeq,
    HighWaterMark SourceMark = default,
    HighWaterMark TargetMark = default,
    TargetUid SentFrom = default
)
{
    /// <summary><see cref="Selection"/> while messages are being chosen: some may be <see cref="MessageState.Skipped"/> by these rules and
    /// some by others.</summary>
    public const string Selecting = "";

    /// <summary>Migrator created the target folder.</summary>
    public bool IsTargetOurs { get; init; }

    /// <summary>Where copies of this folder are once they were taken back; null where none was. Not changed by
    /// <see cref="IMailboxCheckpoint.SaveFolderAsync"/>.</summary>
    public FolderPath? UndonePlace { get; init; }

    /// <summary>UIDVALIDITY of <see cref="UndonePlace"/>, under which target UIDs of <see cref="MessageState.Undone"/> hold; 0 before it
    /// was created.</summary>
    public UidValidity UndoneUidValidity { get; init; }

    /// <summary>The rules by which messages were chosen last, as text; null where none is <see cref="MessageState.Skipped"/>.</summary>
    public string? Selection { get; init; }
}
