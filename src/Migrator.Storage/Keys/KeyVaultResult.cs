using System.Text.Json.Serialization;

namespace Migrator.Storage.Keys;

/// <param name="Key">The identifier of the key that was used, with its version.</param>
/// <param name="Value">Base64url.</param>
internal sealed record KeyVaultResult([property: JsonPropertyName("kid")] string? Key, [property: JsonPropertyName("value")] string Value);
