namespace Migrator.Core.Telemetry;

internal readonly record struct Moved(long Messages, long Bytes);
