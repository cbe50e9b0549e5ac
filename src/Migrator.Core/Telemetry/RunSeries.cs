namespace Migrator.Core.Telemetry;

internal readonly record struct RunSeries(string Job, string Kind, string Host);
