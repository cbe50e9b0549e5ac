namespace Migrator.Core.Reports;

/// <summary>What was done for each mailbox of a job.</summary>
public enum JobTask
{
    Check,
    Plan,
    Cutover,
    Run,
    Verify,
    Undo,
}
