using System.Text.Json.Serialization;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Core.Reports;

/// <summary>How a run ended. Every message found is counted in exactly one place, folder by folder.</summary>
/// <param name="Notices">What a person should know although nothing failed: a folder that got another name, a folder
/// that was recreated.</param>
public sealed record RunReport(
    string Job,
    string Source,
    string Target,
    DateTimeOffset Started,
    DateTimeOffset Finished,
    RunOutcome Outcome,
    IReadOnlyList<FolderReport> Folders,
    IReadOnlyList<MessageFailure> Failures,
    IReadOnlyList<Difference> Differences,
    IReadOnlyList<string> Notices,
    Failure? Stopped
)
{
    public Operation Operation { get; init; }

    /// <summary>For how long the server that stopped the run does not want to be asked again; null where it did not say.</summary>
    [JsonIgnore]
    public TimeSpan? Pause { get; init; }

    /// <summary>What is wrong although no message of this run failed: a mailbox that lost most of its messages, an archive that is damaged.
    /// With one of them, no run is complete.</summary>
    public IReadOnlyList<Failure> Problems { get; init; } = [];

    /// <summary>What upkeep found and did; null for other runs.</summary>
    public UpkeepResult? Upkeep { get; init; }

    /// <summary>How many differences there are of each kind. <see cref="Differences"/> lists so many of each only.</summary>
    public IReadOnlyDictionary<DifferenceKind, long> DifferenceCounts
    {
        get => field ?? Differences.CountBy(difference => difference.Kind).ToDictionary(count => count.Key, count => (long)count.Value);
        init;
    }

    /// <summary>Messages of <see cref="MessageCounts.Remaining"/> that were not due: the job limits what one run delivers.</summary>
    public long LeftForLater { get; init; }

    /// <summary>What was moved and deleted at the target because it was at the source; null where the job follows nothing.</summary>
    public FollowResult? Followed { get; init; }

    /// <summary>Messages that were deleted at the source (POP3) once their stored copies were read back.</summary>
    public long RemovedAtSource { get; init; }

    /// <summary>The source was asked to delete messages and did not confirm it: it may have deleted them.</summary>
    public bool RemovalUnconfirmed { get; init; }

    /// <summary>Messages at the source (POP3) that are not those that were stored under their ids, and are not fetched yet.</summary>
    public long ReplacedAtSource { get; init; }

    /// <summary>The same with what was deleted at the source after the run.</summary>
    internal RunReport With(DeletionResult removal) =>
        this with
        {
            RemovedAtSource = removal.Removed,
            RemovalUnconfirmed = removal.Unconfirmed,
            ReplacedAtSource = removal.Replaced,
            Outcome = removal.Replaced > 0 && Outcome == RunOutcome.Complete ? RunOutcome.Partial : Outcome,
        };

    public MessageCounts Total => Folders.Aggregate(new MessageCounts(), (sum, folder) => sum + folder.Counts);
}
