using System.Text.Json.Serialization;
using Migrator.Core.JobRuns;

namespace Migrator.Storage.JobRuns;

/// <summary>How far a run is, as it is stored.</summary>
[JsonSerializable(typeof(RunProgressSnapshot))]
internal sealed partial class RunProgressSnapshotJson : JsonSerializerContext;
