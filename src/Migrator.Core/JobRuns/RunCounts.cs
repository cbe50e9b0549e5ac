namespace Migrator.Core.JobRuns;

/// <summary>Runs by state.</summary>
public readonly record struct RunCounts(int Waiting, int Running, int Complete, int Partial, int Failed, int Cancelled)
{
    public int All => Waiting + Running + Complete + Partial + Failed + Cancelled;
}
