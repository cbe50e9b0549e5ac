using Migrator.Core.Mail;

namespace Migrator.Core.Checkpoints;

/// <param name="Content">At the source.</param>
/// <param name="Owned">A message of the source is known to be this copy; false where that message is no longer at the
/// source (<see cref="MessageState.Vanished"/>) or has another UID now (<see cref="MessageState.Superseded"/>).</param>
/// <param name="Superseded">The latter.</param>
/// <param name="Stored">What the target has under this UID; null where nobody looked.</param>
/// <param name="IsOurs"><see cref="MessageRecord.IsOurs"/>.</param>
public readonly record struct DeliveredCopy(
    TargetUid TargetUid,
    ContentId Content,
    bool Owned,
    bool Superseded = false,
    ContentId? Stored = null,
    bool IsOurs = false
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
                StoredOf(record),
                record.IsOurs
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
