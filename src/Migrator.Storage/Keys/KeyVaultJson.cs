using System.Text.Json.Serialization;

namespace Migrator.Storage.Keys;

/// <summary>What is asked of a vault, and what it answers.</summary>
[JsonSerializable(typeof(KeyVaultClient.Operation))]
[JsonSerializable(typeof(KeyVaultResult))]
internal sealed partial class KeyVaultJson : JsonSerializerContext;
