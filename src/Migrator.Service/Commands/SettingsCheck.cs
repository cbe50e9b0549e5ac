using Microsoft.Extensions.Configuration;
using Migrator.App.Logging;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Service.Settings;
using Migrator.Service.Telemetry;

namespace Migrator.Service.Commands;

/// <summary>Looks through all sections that a service reads, so that whoever made several mistakes is told of them at once.</summary>
internal static class SettingsCheck
{
    /// <exception cref="JobFileException">Every mistake.</exception>
    public static void Run(IConfiguration settings)
    {
        var errors = new List<JobFileError>();
        foreach (var read in new Action[]
        {
            () => WorkerSettings.Read(settings), () => NotifySettings.Read(settings), () => DashboardSettings.Read(settings), () => TelemetrySetup.Otlp(settings), () => Logs.Format(settings), () => AzurePriceSettings.Read(settings),
        })
        {
            try
            {
                read();
            }
            catch (JobFileException exception)
            {
                errors.AddRange(exception.Errors);
            }
        }
        if (errors.Count > 0)
            throw new JobFileException("settings", errors);
    }
}
