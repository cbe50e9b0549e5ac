namespace Migrator.Core.JobRuns;

public sealed record RunHeartbeat(long Run, long FencingToken, RunProgressSnapshot Progress);
