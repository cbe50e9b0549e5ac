using Microsoft.Extensions.Hosting;
using Migrator.App.Commands;
using Migrator.App.Execution;
using Migrator.App.Jobs;
using Migrator.Service.Execution;

namespace Migrator.Service.Commands;

/// <summary>Logs what a service sends unencrypted, each line once: of the settings at the start, of jobs as their files are read.</summary>
internal sealed class ExposureWatch(ServiceExposures service, Exposures exposures, JobCatalogue catalogue, ILogger<WorkerService> log)
    : IHostedService
{
    private readonly HashSet<string> _said = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Say(service.OfSettings());
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
