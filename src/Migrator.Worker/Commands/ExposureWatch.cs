using Microsoft.Extensions.Hosting;
using Migrator.Worker.Execution;
using Migrator.Worker.Jobs;

namespace Migrator.Worker.Commands;

/// <summary>Logs what a service sends in clear, each line once: of the settings at the start, of jobs as their files are read.</summary>
internal sealed class ExposureWatch(Exposures exposures, JobCatalogue catalogue, ILogger<WorkerService> log) : IHostedService
{
    private readonly HashSet<string> _said = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Say(exposures.OfService());
        catalogue.Changed += Look;
        Look();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        catalogue.Changed -= Look;
        return Task.CompletedTask;
    }

    private void Look()
    {
        foreach (var job in catalogue.Jobs)
            Say(exposures.Of(job.Mailboxes.Select(mailbox => mailbox.Job), job.Notify));
    }

    private void Say(IEnumerable<string> lines)
    {
        lock (_said)
        {
            foreach (var line in lines.Where(_said.Add))
                log.Unprotected(line);
        }
    }
}
