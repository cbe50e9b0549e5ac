namespace Migrator.Core.Migrations;

/// <summary>What a person wants of a cut-over.</summary>
/// <param name="MostMessages">More to be copied in the final pass than these are a reason not to switch.</param>
/// <param name="AcceptsIncomplete">Messages that cannot be copied, or that differ at the target, are none.</param>
/// <param name="SweepDays">For how long mail that still arrives at the source is brought.</param>
/// <param name="IsTrial">The checklist alone.</param>
public sealed record CutoverRequest(long MostMessages, bool AcceptsIncomplete, int SweepDays, bool IsTrial)
{
    public const int DefaultMostMessages = 1000;
    public const int DefaultSweepDays = 14;
}
