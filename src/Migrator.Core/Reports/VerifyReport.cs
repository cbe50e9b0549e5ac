using System.Text.Json.Serialization;
using Migrator.Core.Failures;
using Migrator.Core.Telemetry;

namespace Migrator.Core.Reports;

/// <summary>What reading both ends and comparing them, message by message, showed.</summary>
public sealed record VerifyReport(
    string Job,
    string Source,
    string Target,
    DateTimeOffset Started,
    DateTimeOffset Finished,
    IReadOnlyList<FolderComparison> Folders,
    IReadOnlyList<Difference> Differences,
    IReadOnlyList<string> Notices
)
{
    /// <summary>Which kind of run it proves.</summary>
    public Operation Operation { get; init; }

    /// <summary>How many differences there are of each kind. <see cref="Differences"/> lists so many of each only.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<DifferenceKind, long> DifferenceCounts =>
        new Dictionary<DifferenceKind, long>
        {
            [DifferenceKind.Folder] = Folders.Count(folder => !folder.TargetExists),
            [DifferenceKind.Missing] = Folders.Sum(folder => folder.Missing - folder.Trashed),
            [DifferenceKind.Trashed] = Folders.Sum(folder => folder.Trashed),
            [DifferenceKind.Content] = Folders.Sum(folder => folder.Altered),
            [DifferenceKind.Flags] = Folders.Sum(folder => folder.FlagsDiffer),
            [DifferenceKind.InternalDate] = Folders.Sum(folder => folder.DatesDiffer),
            [DifferenceKind.Extra] = Folders.Sum(folder => folder.Extra),
            [DifferenceKind.Duplicate] = Folders.Sum(folder => folder.Duplicates),
        };

    /// <summary>Nothing is missing or altered at the target, but for what was to be accepted (<see cref="Tolerated"/>). Messages that
    /// only the target has do not count against it.</summary>
    public bool Identical => Stopped is null && Shortfall is null && Folders.All(folder => folder.Identical);

    /// <summary>Messages that the target moved to other folders: there, flags and dates were not compared.</summary>
    public long Moved { get; init; }

    /// <summary>Which rewrites were accepted.</summary>
    public IReadOnlyList<Rewrite> Tolerates { get; init; } = [];

    /// <summary>Messages that were rewritten in such a way: so many are listed only. All are counted in
    /// <see cref="ToleratedCounts"/>.</summary>
    public IReadOnlyList<ToleratedMessage> Tolerated { get; init; } = [];

    public RewriteCounts ToleratedCounts => Folders.Aggregate(default(RewriteCounts), (sum, folder) => sum + folder.Tolerated);

    /// <summary>Why it ended before all folders were compared; null where it did not.</summary>
    public Failure? Stopped { get; init; }

    /// <summary>Why the source may have mail that it did not show to be compared; null where nothing is known of that.</summary>
    public Failure? Shortfall { get; init; }
}
