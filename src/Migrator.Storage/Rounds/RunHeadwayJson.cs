using System.Text.Json.Serialization;
using Migrator.Core.Rounds;

namespace Migrator.Storage.Rounds;

/// <summary>How far a run is, as it is stored.</summary>
[JsonSerializable(typeof(RunHeadway))]
internal sealed partial class RunHeadwayJson : JsonSerializerContext;
