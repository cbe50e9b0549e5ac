namespace Migrator.Core.Archives;

/// <param name="Blob">The blob that is damaged or missing.</param>
/// <param name="What">What is wrong with it.</param>
/// <param name="Touched">Messages that cannot be restored because of it, at most 1,000 of them.</param>
/// <param name="TouchedCount">How many there are.</param>
public sealed record ArchiveProblem(string Blob, string What, IReadOnlyList<AffectedMessage> Touched, long TouchedCount);
