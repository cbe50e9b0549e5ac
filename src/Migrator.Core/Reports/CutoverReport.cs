using Migrator.Core.Failures;

namespace Migrator.Core.Reports;

/// <summary>How one mailbox was switched to the target, or why it was not.</summary>
/// <param name="IsTrial">The checklist alone; nothing was changed.</param>
/// <param name="Run">The final pass; null where the checklist was not met, or there was none.</param>
/// <param name="Switched">Since when its user works at the target; null where it was not switched.</param>
/// <param name="SweptUntil">Until then, runs bring mail that still arrives at the source.</param>
public sealed record CutoverReport(
    string Job,
    string Source,
    string Target,
    bool IsTrial,
    IReadOnlyList<CutoverCheck> Checks,
    RunReport? Run,
    DateTimeOffset? Switched,
    DateTimeOffset? SweptUntil
)
{
    /// <summary>The final pass left nothing but what was accepted.</summary>
    public bool IsComplete { get; init; }

    public bool IsReady => Checks.All(check => check.IsMet);

    /// <summary>Why it was not switched; empty where it was, or where nothing is against it.</summary>
    public IReadOnlyList<Failure> Reasons =>
        !IsReady
            ? [.. Checks.Where(check => !check.IsMet).Select(check => Failure.Of(Reason.CutoverRefused, $"{check.Name}: {check.Detail}"))]
        : IsTrial || IsComplete ? []
        : Run?.Stopped is { } stopped ? [stopped]
        : [Failure.Of(Reason.CutoverRefused, "The final pass was not complete; its report says why.")];
}
