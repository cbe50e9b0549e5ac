using Microsoft.Extensions.Logging;

namespace Migrator.Worker.Telemetry;

/// <summary>What telemetry itself has to say.</summary>
internal static partial class TelemetryLog
{
    [LoggerMessage(4001, LogLevel.Warning, "Figures about rounds are missing until the round store answers again: {What}")]
    public static partial void NoFigures(this ILogger log, string what);
}
