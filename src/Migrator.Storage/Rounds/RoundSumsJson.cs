using System.Text.Json.Serialization;

namespace Migrator.Storage.Rounds;

/// <summary>How sums are stored.</summary>
[JsonSourceGenerationOptions(IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(RoundSums))]
internal sealed partial class RoundSumsJson : JsonSerializerContext;
