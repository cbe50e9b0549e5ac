using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>A delivered message that is still to be compared with what was sent.</summary>
/// <param name="ReadBack">Its content too, not only flags, date and size.</param>
/// <param name="AddFlags">Somebody else brought the copy: flags that it lacks are added, and what the target's user set stays. Otherwise
/// the target was asked for them, and what it did not keep is reported.</param>
/// <param name="SizeTells">Another size than was sent is a reason to read it back; not where that was done before, because some servers
/// estimate.</param>
internal readonly record struct DueInspection(MessageRecord Record, bool ReadBack, bool AddFlags = false, bool SizeTells = true)
{
    /// <summary>What was sent, for a target that makes other bytes of it; null where it is not known.</summary>
    public MessageParts? Parts { get; init; }

    /// <summary>What was sent, by its Message-ID, for a target that takes messages with the same for one; null elsewhere.</summary>
    public ContentId? MessageId { get; init; }

    /// <summary>The target made it of another message that was inspected.</summary>
    public bool IsCopy { get; init; }
}
