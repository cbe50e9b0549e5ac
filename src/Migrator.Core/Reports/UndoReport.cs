using Migrator.Core.Failures;

namespace Migrator.Core.Reports;

/// <summary>What was taken back of the migration of one mailbox, or would be.</summary>
/// <param name="IsRemoval">The second step: what the first has moved aside was removed for good.</param>
/// <param name="IsTrial">Nothing was changed.</param>
/// <param name="Folders">Of the target, as far as there was something to take back.</param>
/// <param name="Left">Messages that stay, with the reason; so many only.</param>
/// <param name="LeftCount">All of them.</param>
/// <param name="Problems">What could not be taken back although it should have been.</param>
public sealed record UndoReport(
    string Job,
    string Source,
    string Target,
    DateTimeOffset Started,
    DateTimeOffset Finished,
    RunOutcome Outcome,
    bool IsRemoval,
    bool IsTrial,
    IReadOnlyList<UndoneFolder> Folders,
    IReadOnlyList<LeftMessage> Left,
    long LeftCount,
    IReadOnlyList<Failure> Problems,
    IReadOnlyList<string> Notices,
    Failure? Stopped
)
{
    public long Taken => Folders.Sum(folder => folder.Taken);

    public int Deleted => Folders.Count(folder => folder.IsDeleted);
}
