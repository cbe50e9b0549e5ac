namespace Migrator.Core.Checkpoints;

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

    /// <summary>Left out by the rules of the job (<see cref="FolderCheckpoint.Selection"/>), and looked at again when these or its flags
    /// change.</summary>
    Skipped = 8,

    /// <summary>Its copy at <see cref="MessageRecord.TargetUid"/> was about to be taken back, or was: the intent says what
    /// <see cref="FolderCheckpoint.UndonePlace"/> was like before, the outcome is not recorded.</summary>
    Undoing = 9,

    /// <summary>Taken back: its copy is at <see cref="MessageRecord.TargetUid"/> of <see cref="FolderCheckpoint.UndonePlace"/>; 0 where it
    /// is no longer there, or not to be recognized.</summary>
    Undone = 10,
}
