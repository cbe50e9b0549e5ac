using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Plans;

namespace Migrator.Core.Migrations;

/// <summary>What a run would find in one folder and do with it.</summary>
/// <param name="Source">Of the source.</param>
/// <param name="Target">Where its mail goes; of a backup, the same.</param>
/// <param name="Exists">The target has the folder already.</param>
public sealed record FolderForecast(FolderPath Source, FolderPath Target, bool Exists)
{
    /// <summary>What earlier runs copied and both ends still have.</summary>
    public MailAmount Copied { get; init; }

    /// <summary>What a run would bring to the target, at most: <see cref="MayBeThere"/> of it may be there.</summary>
    public MailAmount ToCopy { get; init; }

    /// <summary>What of <see cref="ToCopy"/> the target copies from another folder: it is neither fetched nor sent.</summary>
    public MailAmount Shared { get; init; }

    /// <summary>What of <see cref="ToCopy"/> is fetched and sent.</summary>
    public MailAmount Traffic => new(ToCopy.Messages - Shared.Messages, ToCopy.Bytes - Shared.Bytes);

    /// <summary>Messages of <see cref="ToCopy"/> whose size the source does not tell.</summary>
    public long UnknownSizes { get; init; }

    /// <summary>Messages of <see cref="ToCopy"/> that an earlier run could not deliver.</summary>
    public long FailedBefore { get; init; }

    /// <summary>As many of <see cref="ToCopy"/>, at most, are at the target although no record says so: a run finds them by content and
    /// does not copy them again.</summary>
    public long MayBeThere { get; init; }

    /// <summary>Messages that were delivered and that somebody removed at the target: a run does not bring them again.</summary>
    public long RemovedAtTarget { get; init; }

    /// <summary>Messages that the rules of the job leave out.</summary>
    public long Skipped { get; init; }

    /// <summary>UIDs at the source of <see cref="ToCopy"/>.</summary>
    public UidSet Uids { get; init; } = UidSet.Empty;

    /// <summary>UIDs at the source of messages whose copies a run would give other flags.</summary>
    public UidSet Flags { get; init; } = UidSet.Empty;

    /// <summary>Messages of <see cref="Copied"/> that the target has otherwise than they were sent.</summary>
    public long Differing { get; init; }

    /// <summary>UIDs at the source of <see cref="TooLarge"/>.</summary>
    public UidSet TooLargeUids { get; init; } = UidSet.Empty;

    /// <summary>The source folder when it was read.</summary>
    public FolderState State { get; init; }

    /// <summary>All that the target has in the folder.</summary>
    public int MessagesAtTarget { get; init; }

    /// <summary>UIDVALIDITY at the target; 0 where it does not have the folder.</summary>
    public UidValidity TargetUidValidity { get; init; }

    /// <summary>Messages that would fail, because they are larger than the target or this job takes.</summary>
    public MailAmount TooLarge { get; init; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<LargeMessage> FirstTooLarge { get; init; } = [];

    /// <summary>The largest message that the target folder takes, in bytes; null where the target does not say.</summary>
    public long? MaxSize { get; init; }

    /// <summary>Why the folder cannot be looked at, so that a run would fail there too; null where it can.</summary>
    public Failure? Failure { get; init; }

    /// <summary>For a run to carry out.</summary>
    public PlannedFolder ToPlan() =>
        new(Source, State.UidValidity, Target, TargetUidValidity, Listed)
        {
            Deliver = Uids,
            DeliverBytes = ToCopy.Bytes,
            MayBeThere = MayBeThere,
            Flags = Flags,
            Copied = Copied.Messages,
            TooLarge = TooLargeUids,
            Skipped = Skipped,
            RemovedAtTarget = RemovedAtTarget,
            Differing = Differing,
            Failure = Failure,
        };

    /// <summary>All that the source lists.</summary>
    public long Listed => Copied.Messages + ToCopy.Messages + TooLarge.Messages + RemovedAtTarget + Skipped;

    /// <summary>Bytes of all but what was removed at the target, as far as sizes are known.</summary>
    public long Bytes => Copied.Bytes + ToCopy.Bytes + TooLarge.Bytes;
}
