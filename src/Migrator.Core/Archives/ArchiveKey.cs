namespace Migrator.Core.Archives;

/// <param name="Id">What a person types to name it.</param>
/// <param name="Name">Of its blob.</param>
/// <param name="Kind">Of <see cref="KeyRecord.Kind"/>.</param>
/// <param name="Vault">The identifier of the vault's key; null for others.</param>
/// <param name="Generation">Of the master key that it gives: how often that was rotated.</param>
/// <param name="Used">The archive was opened by it.</param>
public sealed record ArchiveKey(string Id, string Name, string Kind, string? Vault, int Generation, bool Used);
