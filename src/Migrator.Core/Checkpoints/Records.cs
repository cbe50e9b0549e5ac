using Migrator.Core.Mail;

namespace Migrator.Core.Checkpoints;

/// <summary>The two ends of a migration, by which its checkpoint is found. Job names are not part of it: a job that is
/// renamed must not deliver everything again.</summary>
/// <param name="Source">Such as <c>imap://ann@old.example:993</c>; no secret.</param>
/// <param name="Target">Likewise.</param>
public sealed record MailboxPair(string Source, string Target)
{
    public override string ToString() => $"{Source} -> {Target}";
}

/// <param name="Id">Given by the store; 0 before the first save.</param>
/// <param name="Source">Path at the source.</param>
/// <param name="UidValidity">UIDVALIDITY at the source.</param>
/// <param name="NextUid">One more than the highest UID that was put on record; 1 at first.</param>
/// <param name="Target">Path at the target.</param>
/// <param name="TargetUidValidity">UIDVALIDITY at the target, under which target UIDs of the records hold.</param>
/// <param name="Completed">The source's state at the end of the last run that left nothing to do; null before that, and
/// whenever something is left to do. While the source still says the same, the folder need not be opened.</param>
/// <param name="CompletedTarget">The target's state at that moment. While it still says the same, what was delivered is still
/// there; null where some of it was not, or not as it was sent.</param>
/// <param name="FlagsModSeq">Flag changes up to this mod-sequence are at the target; 0 where unknown.</param>
public sealed record FolderCheckpoint(
    long Id,
    FolderPath Source,
    uint UidValidity,
    uint NextUid,
    FolderPath Target,
    uint TargetUidValidity,
    FolderState? Completed,
    FolderState? CompletedTarget,
    ulong FlagsModSeq);

/// <summary>Where a message is on its way. Numbers are stored: never renumbered.</summary>
public enum MessageState
{
    /// <summary>Listed by the source.</summary>
    Found = 0,

    /// <summary>An append was about to be sent, or was: the intent is on record, its outcome is not.</summary>
    Sending = 1,

    /// <summary>In the target at <see cref="MessageRecord.TargetUid"/>.</summary>
    Delivered = 2,

    /// <summary>No longer at the source. Where it was delivered before, <see cref="MessageRecord.TargetUid"/> and
    /// <see cref="MessageRecord.Content"/> stay: that copy belongs to no message any more, and to the next that has its content.</summary>
    Vanished = 3,

    /// <summary>Not delivered, for <see cref="MessageRecord.Reason"/>; tried again by the next run.</summary>
    Failed = 4,
}

/// <param name="Content">Known once captured.</param>
/// <param name="Size">The source's RFC822.SIZE when found, the true number of octets once captured.</param>
/// <param name="Flags">The source's flags that the target has been, or will be, given.</param>
/// <param name="TargetUid">Its UID in the target folder, once delivered; 0 before.</param>
/// <param name="Intent">Set while <see cref="MessageState.Sending"/>, and while <see cref="MessageState.Failed"/> if the target may
/// have taken it.</param>
/// <param name="Reason">The code of a <see cref="Mail.Reason"/>, while <see cref="MessageState.Failed"/>; of a delivered message,
/// in what it differed when it was looked at (Missing or Content).</param>
/// <param name="Detail">In words, often the server's own, while failed; what the target had instead, of a delivered message that
/// differs.</param>
public sealed record MessageRecord(
    uint Uid,
    MessageState State,
    ContentId? Content,
    long Size,
    FlagSet Flags,
    DateTimeOffset InternalDate,
    uint TargetUid = 0,
    AppendIntent? Intent = null,
    string? Reason = null,
    string? Detail = null);

/// <summary>What the target was like just before an append: whatever that append added has a UID of
/// <paramref name="UidNext"/> or more.</summary>
public readonly record struct AppendIntent(uint UidValidity, uint UidNext);

/// <param name="Owned">A message of the source is known to be this copy; false where that message is no longer at the
/// source (<see cref="MessageState.Vanished"/>).</param>
public readonly record struct DeliveredCopy(uint TargetUid, ContentId Content, bool Owned);
