using Microsoft.Extensions.Logging;

namespace Migrator.Service.Telemetry;

/// <summary>What telemetry itself has to say.</summary>
internal static partial class TelemetryLog
{
    [LoggerMessage(4001, LogLevel.Warning, "Metrics of job runs are missing until the run database is available again: {What}")]
    public static partial void NoFigures(this ILogger log, string what);

    [LoggerMessage(4002, LogLevel.Warning, "This worker is not ready: {Problem}")]
    public static partial void NotReady(this ILogger log, string problem);

    [LoggerMessage(4003, LogLevel.Information, "This worker is ready")]
    public static partial void Ready(this ILogger log);
}
