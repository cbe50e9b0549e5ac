using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Plans;

/// <summary>What a run would do with one folder.</summary>
/// <param name="UidValidity">Of the source: under another one, these UIDs name other messages.</param>
/// <param name="TargetUidValidity">0 where the target does not have the folder.</param>
/// <param name="Messages">All that the source lists.</param>
public sealed record PlannedFolder(
    FolderPath Source,
    UidValidity UidValidity,
    FolderPath Target,
    UidValidity TargetUidValidity,
    long Messages
)
{
    /// <summary>UIDs at the source of what is to be brought to the target.</summary>
    public UidSet Deliver { get; init; } = UidSet.Empty;

    public long DeliverBytes { get; init; }

    /// <summary>As many of <see cref="Deliver"/>, at most, are at the target already, and are found there by their content.</summary>
    public long MayBeThere { get; init; }

    /// <summary>UIDs at the source of messages whose copies get the flags that they have at the source now.</summary>
    public UidSet Flags { get; init; } = UidSet.Empty;

    /// <summary>Messages that are at the target and need nothing.</summary>
    public long Copied { get; init; }

    /// <summary>UIDs at the source of messages that are too large for the target or for this program.</summary>
    public UidSet TooLarge { get; init; } = UidSet.Empty;

    /// <summary>What a run may try to deliver: what is too large fails, and says so.</summary>
    public bool Includes(Uid uid) => Deliver.Contains(uid) || TooLarge.Contains(uid);

    /// <summary>Messages that the rules of the job leave out.</summary>
    public long Skipped { get; init; }

    /// <summary>Messages that were delivered and that somebody has removed at the target.</summary>
    public long RemovedAtTarget { get; init; }

    /// <summary>Messages that the target has otherwise than they were sent.</summary>
    public long Differing { get; init; }

    /// <summary>Why the folder cannot be read; null where it can.</summary>
    public Failure? Failure { get; init; }
}
