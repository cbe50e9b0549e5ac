using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Migrator.App.Hosting;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.JobRuns;
using Migrator.Service.Settings;
using Quartz;

namespace Migrator.Service.Commands;

/// <summary>Starts the service's host; what keeps it from starting is reported, and once.</summary>
internal sealed class HostStartup(CommandContext context)
{
    private volatile bool _started;

    private string Schedules => context.Paths.Schedules;

    /// <summary>The file of schedules, where there is no database.</summary>
    /// <exception cref="ConfigurationException">It cannot be created.</exception>
    public string ReserveSchedules()
    {
        try
        {
            PrivateFiles.Reserve(Schedules);
            return Schedules;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Mistake(
                "StateDirectory",
                $"{Schedules} cannot be used: {Why(exception)}. Check the rights on it, and whether the disk is full."
            );
        }
    }

    /// <summary>The server opens whatever lies there, and would wait for a pipe.</summary>
    /// <exception cref="ConfigurationException">It is not a regular file, or cannot be read.</exception>
    public void CheckCertificate()
    {
        foreach (
            var file in new[] { "Path", "KeyPath" }
                .Select(part => context.Settings[$"{DashboardSettings.CertificateKey}:{part}"])
                .Where(file => !string.IsNullOrEmpty(file))
        )
        {
            try
            {
                InputFile.Ensure(file!, InputFile.MostOfSettings);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw UnusableCertificate($"{file}: {Why(exception)}");
            }
        }
    }

    /// <summary>The host logs what its start throws, with the trace, before it throws it to us.</summary>
    public void Quieten(ILoggingBuilder logging) =>
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => _started && level >= LogLevel.Warning);

    public async Task RunAsync(WebApplication app)
    {
        try
        {
            // Not to be broken off: a host that has half started stops nothing in order.
            await app.StartAsync(CancellationToken.None);
            _started = true;
        }
        catch (Exception exception) when (InWords(exception) is { } reported)
        {
            await app.StopAsync(CancellationToken.None);
            throw reported;
        }
    }

    /// <returns>Null where it is nothing that an administrator could see to.</returns>
    private Exception? InWords(Exception exception) =>
        exception switch
        {
            IOException { InnerException: AddressInUseException } => Mistake(
                "Dashboard:Urls",
                $"{exception.Message} Perhaps another worker uses the port. Set a different one, such as --set "
                    + "Dashboard:Urls=http://127.0.0.1:8081."
            ),
            SocketException => Mistake(
                "Dashboard:Urls",
                $"it cannot listen there: {exception.Message}. Give an address that this machine has, and a port above 1023 "
                    + "unless the service has the right to others."
            ),
            SchedulerException when context.Stores.Database is not null => new JobRunStoreException(
                $"The schedules in the database cannot be used: {Why(exception)}.",
                exception
            ),
            SchedulerException => Mistake(
                "StateDirectory",
                $"{Schedules} cannot be used: {Why(exception)}. Check the rights on it, and whether the disk is full. It can be "
                    + "removed: schedules are read from the job files again; starts that were missed are then not caught up."
            ),
            CryptographicException or IOException or UnauthorizedAccessException or InvalidOperationException when HasCertificate =>
                UnusableCertificate(Why(exception)),
            _ => null,
        };

    private bool HasCertificate => context.Settings.GetSection(DashboardSettings.CertificateKey).Exists();

    private static string Why(Exception exception) => exception.GetBaseException().Message.TrimEnd('.');

    private static ConfigurationException UnusableCertificate(string why) =>
        Mistake(
            DashboardSettings.CertificateKey,
            $"cannot be used: {why}. Give full paths of files in PEM (Path and KeyPath), or of a .pfx with its key (Path, and "
                + "Password as a reference), that the service may read."
        );

    private static ConfigurationException Mistake(string setting, string message) =>
        new("settings", [new ConfigurationError(setting, message)]);
}
