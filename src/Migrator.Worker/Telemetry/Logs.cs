using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Migrator.Worker.Telemetry;

/// <summary>How logs are written: for people, for programs, or for systemd.</summary>
public static class Logs
{
    /// <param name="settings">Of it, <c>Logging:Format</c>: <c>Plain</c>, <c>Json</c> or <c>Systemd</c>. Without it, Systemd where systemd
    /// started this process, else Plain.</param>
    /// <param name="toStandardError">Where standard output is wanted for something else.</param>
    /// <exception cref="Core.Jobs.JobFileException">The format is none of these.</exception>
    public static ILoggingBuilder AddLogs(this ILoggingBuilder logging, IConfiguration settings, bool toStandardError = false)
    {
        var format = settings["Logging:Format"] is { Length: > 0 } given ? given : SystemdHelpers.IsSystemdService() ? SystemdLines.Format : PlainLines.Format;
        var name = new[] { PlainLines.Format, JsonLogLines.Format, SystemdLines.Format }.FirstOrDefault(known => known.Equals(format, StringComparison.OrdinalIgnoreCase))
            ?? throw new Core.Jobs.JobFileException("settings", [new Core.Jobs.JobFileError("Logging:Format", $"is \"{format}\"; use \"{PlainLines.Format}\", \"{JsonLogLines.Format}\" or \"{SystemdLines.Format}\".")]);
        logging.AddConfiguration(settings.GetSection("Logging"));
        logging.AddConsoleFormatter<PlainLines, ConsoleFormatterOptions>();
        logging.AddConsoleFormatter<JsonLogLines, ConsoleFormatterOptions>();
        logging.AddConsoleFormatter<SystemdLines, ConsoleFormatterOptions>();
        return logging.AddConsole(options =>
        {
            options.FormatterName = name;
            if (toStandardError)
                options.LogToStandardErrorThreshold = LogLevel.Trace;
        });
    }
}
