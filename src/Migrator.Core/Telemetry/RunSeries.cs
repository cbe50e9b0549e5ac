using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Migrator.Core.Telemetry;

internal readonly record struct RunSeries(string Job, string Kind, string Host);

internal readonly record struct Moved(long Messages, long Bytes);
