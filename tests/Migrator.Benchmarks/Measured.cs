namespace Migrator.Benchmarks;

/// <param name="Verify">Null where the program has no such thing.</param>
/// <param name="PeakBytes">The largest resident set of the first copy.</param>
internal sealed record Measured(TimeSpan Copy, TimeSpan NothingNew, TimeSpan? Verify, long PeakBytes);
