using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>A pending message that was found at the target.</summary>
/// <param name="Sent">An earlier session sent it.</param>
/// <param name="Altered">Not with the bytes of the source.</param>
internal readonly record struct Match(MessageRecord Record, TargetUid Uid, bool Sent, bool Altered)
{
    /// <summary>What the copy holds, where that is the same message all the same (<see cref="FlagFields"/>,
    /// <see cref="MessageParts"/>).</summary>
    public ContentId? Stored { get; init; }

    /// <summary>The copy was made by Migrator: recorded so of a message that has left its place since, or added after the intent of this
    /// very message and equal to it. What merely resembles it may be anyone's.</summary>
    public bool IsOurs => WasOurs || (Sent && !Altered && Record.Intent is { UidNext.IsKnown: true } intent && Uid >= intent.UidNext);

    /// <summary>Recorded so of the message that it was of before.</summary>
    public bool WasOurs { get; init; }

    /// <summary>What was sent; null where that is not to be compared, or not known.</summary>
    public MessageParts? Parts { get; init; }
}
