using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Migrator.Core.Jobs;
using Migrator.Core.Rounds;
using Quartz;

namespace Migrator.Worker.Commands;

/// <summary>Starts the service's host; what keeps it from starting is told in words, and once.</summary>
internal sealed class ServiceStart(Surroundings surroundings)
{
    private volatile bool _started;

    /// <summary>The file of schedules, where there is no database.</summary>
    public string Schedules => Path.Combine(surroundings.State, "schedules.db");

    /// <summary>The host logs what its start throws, with the trace, before it throws it to us.</summary>
    public void Quieten(ILoggingBuilder logging) => logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => _started && level >= LogLevel.Warning);

    public async Task RunAsync(WebApplication app)
    {
        try
        {
            // Not to be broken off: a host that has half started stops nothing in order.
            await app.StartAsync(CancellationToken.None).ConfigureAwait(false);
            _started = true;
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
            throw Mistake("Dashboard:Urls", $"{exception.Message} Another worker on this machine? Give each its own, such as --set Dashboard:Urls=http://127.0.0.1:8081.");
        }
        catch (SchedulerException exception)
        {
            await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
            var why = exception.GetBaseException().Message.TrimEnd('.');
            throw surroundings.Database is null
                ? Mistake("StateDirectory", $"{Schedules} cannot be used: {why}. Are the rights on it right, is the disk full? It can be removed: schedules are read from the job files again; starts that were missed are then not made up for.")
                : new RoundStoreException($"The schedules in the database cannot be used: {why}.", exception);
        }
    }

    private static JobFileException Mistake(string setting, string message) => new("settings", [new JobFileError(setting, message)]);
}
