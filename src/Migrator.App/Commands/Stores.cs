using Microsoft.Extensions.Logging.Abstractions;
using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.JobRuns;
using Migrator.Storage.JobRuns;

namespace Migrator.App.Commands;

/// <summary>What the service and the commands that speak of it share: jobs, settings, the run database.</summary>
public sealed class Stores : IAsyncDisposable
{
    private readonly JobRunStore _jobRuns;

    private Stores(WorkerSettings settings, JobRunStore jobRuns, JobCatalogue catalogue) =>
        (Settings, _jobRuns, Catalogue) = (settings, jobRuns, catalogue);

    public WorkerSettings Settings { get; }

    public IRunQueue Queue => _jobRuns;

    public IRunHistory History => _jobRuns;

    public INotificationLedger Notifications => _jobRuns;

    public JobCatalogue Catalogue { get; }

    public JobControl Control => new(Catalogue, Queue, History);

    /// <summary>Why there are no jobs; null where the directory was read.</summary>
    public string? Unread =>
        Catalogue.WasRead
            ? null
            : $"The jobs directory {Settings.Jobs} "
                + $"{(Directory.Exists(Settings.Jobs) ? "cannot be read; check its permissions" : "does not exist")}. Name another one "
                + "with --set JobsDirectory=DIR, or in the settings.";

    /// <exception cref="ConfigurationException">The settings have errors.</exception>
    public static Stores Open(CommandContext context)
    {
        var settings = WorkerSettings.Read(context.Settings);
        return new Stores(settings, context.Stores.OpenJobRuns(), Jobs(settings));
    }

    /// <summary>The jobs of the directory, as they are now.</summary>
    public static JobCatalogue Jobs(WorkerSettings settings)
    {
        var catalogue = new JobCatalogue();
        new JobFiles(settings.Jobs, catalogue, NullLogger<JobFiles>.Instance).Read();
        return catalogue;
    }

    public ValueTask DisposeAsync() => _jobRuns.DisposeAsync();
}
