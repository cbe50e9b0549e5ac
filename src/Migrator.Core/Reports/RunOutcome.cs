namespace Migrator.Core.Reports;

public enum RunOutcome
{
    /// <summary>Every message found is at the target, or left out by rule.</summary>
    Complete,

    /// <summary>Some messages or folders failed or remain, or are at the target with other bytes; the rest is there.</summary>
    Partial,

    /// <summary>Stopped by the user before the end.</summary>
    Interrupted,

    /// <summary>Stopped by <see cref="RunReport.Stopped"/> before the end.</summary>
    Aborted,
}
