namespace Migrator.Core.Jobs;

[Flags]
public enum NotifyOn
{
    Nothing = 0,

    /// <summary>A job run in which a mailbox is not complete, and a mailbox that is overdue.</summary>
    Failure = 1,

    /// <summary>A job run in which every mailbox is complete.</summary>
    Success = 2,

    /// <summary>Once a day, all job runs of that day.</summary>
    Daily = 4,
}
