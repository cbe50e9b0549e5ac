using System.Text.Json.Serialization;

namespace Migrator.Storage.JobRuns;

/// <summary>How sums are stored.</summary>
[JsonSourceGenerationOptions(IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(JobRunTotals))]
internal sealed partial class JobRunTotalsJson : JsonSerializerContext;
