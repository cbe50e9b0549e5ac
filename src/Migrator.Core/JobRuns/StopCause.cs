namespace Migrator.Core.JobRuns;

public enum StopCause
{
    /// <summary>A person cancelled it: it ends.</summary>
    Cancelled,

    /// <summary>Its job was paused: it goes back to wait.</summary>
    Paused,
}
