using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Migrator.App.Formatting;
using Migrator.Core.Failures;

namespace Migrator.App.Logging;

/// <summary>How logs are written: for people, for programs, or for systemd.</summary>
public static class Logs
{
    /// <param name="settings">Of it, <c>Logging:Format</c>: <c>Plain</c>, <c>Json</c> or <c>Systemd</c>. Without it, Systemd where systemd
    /// started this process, else Plain.</param>
    /// <param name="toStandardError">Where standard output is wanted for something else.</param>
    /// <inheritdoc cref="Format"/>
    public static ILoggingBuilder AddLogs(this ILoggingBuilder logging, IConfiguration settings, bool toStandardError = false)
    {
        var name = Format(settings);
        logging.AddConfiguration(settings.GetSection("Logging")).AddConsole(options =>
        {
            options.FormatterName = name;
            if (toStandardError)
                options.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        // The framework's words about each login, under our name and with ids of its own.
        logging.AddFilter("Migrator.Service.Dashboard.Security", LogLevel.Warning);
        // The framework's have the same names, hide no secrets, and would be taken where they were there first.
        logging.Services.RemoveAll<ConsoleFormatter>();
        // Not by AddConsoleFormatter: it binds options by reflection, and ours have none.
        logging.Services.AddSingleton<ConsoleFormatter, PlainLines>().AddSingleton<ConsoleFormatter, JsonLogLines>().AddSingleton<ConsoleFormatter, SystemdLines>();
        return logging;
    }

    /// <returns>The name of the format.</returns>
    /// <exception cref="JobFileException">The format is none that there is, or a level is none.</exception>
    public static string Format(IConfiguration settings)
    {
        var errors = new List<JobFileError>();
        var format = settings["Logging:Format"] is { Length: > 0 } given ? given : Systemd.StartedUs ? SystemdLines.Format : PlainLines.Format;
        var name = new[] { PlainLines.Format, JsonLogLines.Format, SystemdLines.Format }.FirstOrDefault(known => known.Equals(format, StringComparison.OrdinalIgnoreCase));
        if (name is null)
            errors.Add(new JobFileError("Logging:Format", $"is \"{format}\"; use \"{PlainLines.Format}\", \"{JsonLogLines.Format}\" or \"{SystemdLines.Format}\"."));
        foreach (var level in settings.GetSection("Logging:LogLevel").GetChildren().Where(level => level.Value is { Length: > 0 } text && !Enum.TryParse<LogLevel>(text, ignoreCase: true, out _)))
            errors.Add(new JobFileError(level.Path, $"is \"{level.Value}\"; use one of {string.Join(", ", Enum.GetNames<LogLevel>())}."));
        return errors.Count == 0 ? name! : throw new JobFileException("settings", errors);
    }
}
