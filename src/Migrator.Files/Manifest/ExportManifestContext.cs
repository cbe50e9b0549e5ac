using System.Text.Json.Serialization;

namespace Migrator.Files.Manifest;

/// <summary>The lines of a <see cref="ExportManifest"/>: code for them is generated, as a program that is compiled ahead of time cannot
/// look at types.</summary>
// Only what the types are made of: how they are written say the options, and generated writers would not ask them.
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ExportManifestHeader))]
[JsonSerializable(typeof(ExportManifestMessage))]
internal sealed partial class ExportManifestContext : JsonSerializerContext;
