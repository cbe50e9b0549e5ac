namespace Migrator.Core.Jobs;

/// <summary>Hours of the day, by the clocks of a time zone.</summary>
/// <param name="From">Included.</param>
/// <param name="To">Excluded; earlier than <paramref name="From"/> where midnight lies between.</param>
public sealed record Window(TimeOnly From, TimeOnly To);
