namespace Migrator.Core.Archives;

/// <summary>What a repair says of a blob that it gave up.</summary>
/// <param name="Why">In words.</param>
internal sealed record QuarantineNote(string Blob, string Why, DateTimeOffset At);
