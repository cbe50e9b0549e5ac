namespace Migrator.Service.Dashboard.Feed;

/// <summary>A job as a whole.</summary>
public enum JobState
{
    NotYetRun,
    Paused,
    Running,
    Waiting,
    Attention,
    Complete,
}
