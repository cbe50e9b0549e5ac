using Migrator.App.Jobs;
using Migrator.Core.Jobs;

namespace Migrator.Service.Dashboard.Feed;

/// <summary>What the page wants to know of schedules.</summary>
/// <param name="NextRun">When a job runs next; null where only a person starts it, or never again.</param>
/// <param name="OverdueAfter">How old the last complete run of a mailbox may be; null for any age.</param>
public sealed record ScheduleLook(Func<JobDefinition, DateTimeOffset?> NextRun, Func<JobDefinition, TimeSpan?> OverdueAfter)
{
    /// <summary>Knows nothing but what the job file itself says.</summary>
    public static readonly ScheduleLook None = new(_ => null, job => job.Policy.OverdueAfter);
}
