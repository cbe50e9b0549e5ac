namespace Migrator.Core.Reports;

/// <summary>One line of the checklist before a mailbox is switched to the target.</summary>
/// <param name="Name">What is checked, such as "Differences".</param>
/// <param name="IsMet">Otherwise the mailbox is not switched.</param>
/// <param name="Detail">What was found, and what to do where it is not met.</param>
public sealed record CutoverCheck(string Name, bool IsMet, string Detail);
