using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Migrator.App.Formatting;
using Migrator.App.Settings;
using Migrator.Core.Failures;

namespace Migrator.App.Logging;

/// <summary>How logs are written: for people, for programs, or for systemd.</summary>
public static class LoggingSetup
{
    private static readonly Dictionary<string, string> s_formats = new[]
    {
        PlainFormatter.Format,
        JsonLogLines.Format,
        SystemdFormatter.Format,
    }.ToDictionary(format => format, StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, LogLevel> s_levels = Enum.GetValues<LogLevel>()
        .ToDictionary(level => level.ToString(), StringComparer.OrdinalIgnoreCase);

    /// <param name="settings">Of it, <c>Logging:Format</c>: <c>Plain</c>, <c>Json</c> or <c>Systemd</c>. Without it, Systemd where systemd
    /// started this process, else Plain.</param>
    /// <param name="toStandardError">Where standard output is wanted for something else.</param>
    /// <inheritdoc cref="Format"/>
    public static ILoggingBuilder AddLogs(this ILoggingBuilder logging, IConfiguration settings, bool toStandardError = false)
    {
        var name = Format(settings);
        logging
            .AddConfiguration(settings.GetSection("Logging"))
            .AddConsole(options =>
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
        logging
            .Services.AddSingleton<ConsoleFormatter, PlainFormatter>()
            .AddSingleton<ConsoleFormatter, JsonLogLines>()
            .AddSingleton<ConsoleFormatter, SystemdFormatter>();
        return logging;
    }

    /// <returns>The name of the format.</returns>
    /// <exception cref="ConfigurationException">The format is none that there is, or a level is none.</exception>
    public static string Format(IConfiguration settings)
    {
        var logging = new SettingsReader(settings, "Logging");
        var format = logging.Word("Format", Systemd.StartedUs ? SystemdFormatter.Format : PlainFormatter.Format, s_formats);
        var levels = logging.Section("LogLevel");
        foreach (var category in levels.Keys)
            levels.Word(category, default, s_levels);
        logging.ThrowIfWrong();
        return format;
    }
}
