namespace Migrator.Core.Checkpoints;

/// <summary>States that belong together.</summary>
public static class MessageStates
{
    /// <summary>Still to be brought to the target.</summary>
    public static readonly IReadOnlyList<MessageState> Pending = [MessageState.Found, MessageState.Sending, MessageState.Failed];

    /// <summary>Those of <see cref="Pending"/> that the target may have. No other of them has a
    /// <see cref="MessageRecord.Intent"/>.</summary>
    public static readonly IReadOnlyList<MessageState> MayBeSent = [MessageState.Sending, MessageState.Failed];

    /// <summary>Delivered, in whatever condition.</summary>
    public static readonly IReadOnlyList<MessageState> AtTarget = [MessageState.Delivered, MessageState.Unchecked, MessageState.Differs];

    /// <summary>Of messages that the source held when it was last listed.</summary>
    public static readonly IReadOnlyList<MessageState> AtSource = [.. Pending, MessageState.Skipped, .. AtTarget];

    /// <summary>Those of <see cref="AtSource"/> that are not <see cref="AtTarget"/>.</summary>
    public static readonly IReadOnlyList<MessageState> NotDelivered = [.. Pending, MessageState.Skipped];

    public static bool IsAtTarget(this MessageState state) =>
        state is MessageState.Delivered or MessageState.Unchecked or MessageState.Differs;
}
