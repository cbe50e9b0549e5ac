using Migrator.Core.Archives;

namespace Migrator.Core.Jobs;

/// <param name="Grace">Packs that no snapshot needs stay for so long after they were written.</param>
public sealed record PruneRule(RetentionPolicy Keep, TimeSpan Grace)
{
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromHours(24);
}
