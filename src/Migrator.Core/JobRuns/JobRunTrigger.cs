namespace Migrator.Core.JobRuns;

/// <summary>Numbers are stored: never renumbered.</summary>
public enum JobRunTrigger
{
    Schedule = 0,

    /// <summary>A person asked for the whole job.</summary>
    Manual = 1,

    /// <summary>A person asked for mailboxes of it, most often those that had failed.</summary>
    Retry = 2,
}
