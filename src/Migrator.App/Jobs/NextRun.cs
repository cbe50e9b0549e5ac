using Migrator.Core.Jobs;

namespace Migrator.App.Jobs;

/// <summary>When a job starts next.</summary>
public static class NextRun
{
    /// <returns>Null where only a person starts it, or its one moment is past.</returns>
    public static DateTimeOffset? Of(JobDefinition job, DateTimeOffset now) => ScheduleTimes.Next(job, now, 1) is [var next] ? next : null;
}
