using System.Text.Json.Serialization;
using Migrator.Core.Archives;

namespace Migrator.Storage.Archives;

/// <summary>What is remembered of archives, as it is stored.</summary>
[JsonSerializable(typeof(SeenSnapshot))]
[JsonSerializable(typeof(SeenKey))]
internal sealed partial class ArchiveMemoryJson : JsonSerializerContext;
