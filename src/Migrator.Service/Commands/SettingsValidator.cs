using Microsoft.Extensions.Configuration;
using Migrator.App.Logging;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Service.Settings;
using Migrator.Service.Telemetry;

namespace Migrator.Service.Commands;

/// <summary>Looks through all sections that a service reads, so that several errors are reported together.</summary>
internal static class SettingsValidator
{
    /// <exception cref="ConfigurationException">Every error.</exception>
    public static void Run(IConfiguration settings)
    {
        var errors = new List<ConfigurationError>();
        foreach (
            var read in new Action[]
            {
                () => WorkerSettings.Read(settings),
                () => NotificationSettings.Read(settings),
                () => DashboardSettings.Read(settings),
                () => TelemetrySetup.Otlp(settings),
                () => LoggingSetup.Format(settings),
                () => AzurePriceSettings.Read(settings),
            }
        )
        {
            try
            {
                read();
            }
            catch (ConfigurationException exception)
            {
                errors.AddRange(exception.Errors);
            }
        }
        if (errors.Count > 0)
            throw new ConfigurationException("settings", errors);
    }
}
