namespace Migrator.Storage.Keys;

/// <summary>What a vault holds. Names are the vault's, in any case.</summary>
/// <param name="Values">Secrets by name.</param>
/// <param name="Disabled">Names of those that the vault keeps to itself.</param>
public sealed record VaultContent(IReadOnlyDictionary<string, string> Values, IReadOnlySet<string> Disabled);
