using Migrator.Core.Failures;
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
);

/// <summary>How far a folder had come when it was seen last. Neither number ever decreases under one UIDVALIDITY (RFC 9051, section
/// 2.3.1.1; RFC 7162, section 3.1.2.1) unless the server was restored from an earlier state; it then gives UIDs again, to other
/// messages.</summary>
/// <param name="UidNext">0 where unknown.</param>
/// <param name="ModSeq">0 where unknown.</param>
public readonly record struct HighWaterMark(Uid UidNext, ulong ModSeq)
{
    public bool IsAheadOf(FolderState state) =>
        (state.UidNext > 0 && state.UidNext < UidNext) || (state.HighestModSeq > 0 && state.HighestModSeq < ModSeq);

    /// <summary>Mail arrived and the mod-sequence did not move, as it must (RFC 7162, section 3.1.2.1): flags may have changed without it
    /// as well.</summary>
    public bool HasStuckModSeq(FolderState state) => ModSeq > 0 && ModSeq == state.HighestModSeq && UidNext > 0 && UidNext < state.UidNext;

    public HighWaterMark Raise(FolderState state) => new(Uid.Higher(UidNext, state.UidNext), Math.Max(ModSeq, state.HighestModSeq));

    public static HighWaterMark Of(FolderState state) => new(state.UidNext, state.HighestModSeq);
}

/// <summary>Where a message is on its way. Numbers are stored: never renumbered.</summary>
public enum MessageState
{
    /// <summary>Listed by the source.</summary>
    Found = 0,

    /// <summary>An append was about to be sent, or was: the intent is recorded, its outcome is not.</summary>
    Sending = 1,

    /// <summary>In the target at <see cref="MessageRecord.TargetUid"/>, as it was sent when it was inspected.</summary>
    Delivered = 2,

    /// <summary>No longer at the source. Where it was delivered before, <see cref="MessageRecord.TargetUid"/> and
    /// <see cref="MessageRecord.Content"/> stay: that copy belongs to no message any more, and to the next that has its content.</summary>
    Vanished = 3,

    /// <summary>Not delivered, for <see cref="MessageRecord.Reason"/>; tried again by the next run.</summary>
    Failed = 4,

    /// <summary>In the target at <see cref="MessageRecord.TargetUid"/>, and not inspected yet: the target may have altered it.</summary>
    Unchecked = 5,

    /// <summary>In the target at <see cref="MessageRecord.TargetUid"/>, but not as it was sent; <see cref="MessageRecord.Reason"/> says in
    /// what.</summary>
    Differs = 6,

    /// <summary>Delivered under an earlier numbering of its source folder. Its copy belongs to the message that has its content now, if one
    /// has.</summary>
    Superseded = 7,
}

/// <summary>States that belong together.</summary>
public static class MessageStates
{
    /// <summary>Still to be brought to the target.</summary>
    public static readonly IReadOnlyList<MessageState> Pending = [MessageState.Found, MessageState.Sending, MessageState.Failed];

    /// <summary>Delivered, in whatever condition.</summary>
    public static readonly IReadOnlyList<MessageState> AtTarget = [MessageState.Delivered, MessageState.Unchecked, MessageState.Differs];

    /// <summary>Of messages that the source held when it was last listed.</summary>
    public static readonly IReadOnlyList<MessageState> AtSource = [.. Pending, .. AtTarget];

    public static bool IsAtTarget(this MessageState state) =>
        state is MessageState.Delivered or MessageState.Unchecked or MessageState.Differs;
}

/// <param name="Content">Known once captured.</param>
/// <param name="Size">The source's RFC822.SIZE when found, the true number of bytes once captured.</param>
/// <param name="Flags">The source's flags that the target has been, or will be, given.</param>
/// <param name="TargetUid">Its UID in the target folder, once delivered; 0 before, and where the target moved it away before its UID was
/// known.</param>
/// <param name="Intent">Set while <see cref="MessageState.Sending"/>, and while <see cref="MessageState.Failed"/> if the target may
/// have taken it.</param>
/// <param name="Reason">The code of a <see cref="Failures.Reason"/>, while <see cref="MessageState.Failed"/>; while
/// <see cref="MessageState.Differs"/>, in what, with a comma between several; the same of what was delivered and is
/// <see cref="MessageState.Vanished"/> or <see cref="MessageState.Superseded"/> now, or <c>Unchecked</c>.</param>
/// <param name="Detail">As text, often the server's own, while failed; while <see cref="MessageState.Differs"/>, what the target has
/// instead, a line for each of <paramref name="Reason"/>.</param>
/// <param name="TargetContent">What the target stores instead of <paramref name="Content"/>; null where it stores that, or was not
/// read.</param>
public sealed record MessageRecord(
    Uid Uid,
    MessageState State,
    ContentId? Content,
    long Size,
    FlagSet Flags,
    DateTimeOffset InternalDate,
    TargetUid TargetUid = default,
    AppendIntent? Intent = null,
    string? Reason = null,
    string? Detail = null,
    ContentId? TargetContent = null
);

/// <summary>What the target was like just before an append: whatever that append added has a UID of
/// <paramref name="UidNext"/> or more. 0 where the target has renumbered its messages since.</summary>
public readonly record struct AppendIntent(UidValidity UidValidity, TargetUid UidNext);

/// <param name="Content">At the source.</param>
/// <param name="Owned">A message of the source is known to be this copy; false where that message is no longer at the
/// source (<see cref="MessageState.Vanished"/>) or has another UID now (<see cref="MessageState.Superseded"/>).</param>
/// <param name="Superseded">The latter.</param>
/// <param name="Stored">What the target has under this UID; null where nobody looked.</param>
public readonly record struct DeliveredCopy(
    TargetUid TargetUid,
    ContentId Content,
    bool Owned,
    bool Superseded = false,
    ContentId? Stored = null
)
{
    /// <summary>States of records that tell of a copy.</summary>
    public static readonly IReadOnlyList<MessageState> States = [.. MessageStates.AtTarget, MessageState.Vanished, MessageState.Superseded];

    /// <returns>Null where the record tells of none.</returns>
    public static DeliveredCopy? Of(MessageRecord record) =>
        record is { TargetUid.IsKnown: true, Content: { } content } && States.Contains(record.State)
            ? new DeliveredCopy(
                record.TargetUid,
                content,
                record.State.IsAtTarget(),
                record.State == MessageState.Superseded,
                StoredOf(record)
            )
            : null;

    private static ContentId? StoredOf(MessageRecord record) =>
        record switch
        {
            { State: MessageState.Unchecked } => null,
            { TargetContent: { } stored } => stored,
            { Reason: { } reason } when s_unseen.Any(word => reason.Contains(word, StringComparison.Ordinal)) => null,
            _ => record.Content,
        };

    // What is at the target of these, nobody has seen.
    private static readonly string[] s_unseen = ["Unchecked", "Content", "Missing"];
}
