using Microsoft.Extensions.Logging.Abstractions;
using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.Rounds;
using Migrator.Storage.Rounds;

namespace Migrator.App.Commands;

/// <summary>What the service and the commands that speak of it share: jobs, settings, the store of rounds.</summary>
public sealed class Stores : IAsyncDisposable
{
    private readonly RoundStore _rounds;

    private Stores(WorkerSettings settings, RoundStore rounds, JobCatalogue catalogue) => (Settings, _rounds, Catalogue) = (settings, rounds, catalogue);

    public WorkerSettings Settings { get; }

    public IRunQueue Queue => _rounds;

    public IRunHistory History => _rounds;

    public INotificationLedger Notifications => _rounds;

    public JobCatalogue Catalogue { get; }

    public JobControl Control => new(Catalogue, Queue, History);

    /// <summary>Why there are no jobs; null where the directory was read.</summary>
    public string? Unread => Catalogue.WasRead ? null : $"The jobs directory {Settings.Jobs} {(Directory.Exists(Settings.Jobs) ? "cannot be read; look at its rights" : "does not exist")}. Another is named by --set JobsDirectory=DIR, or in the settings.";

    /// <exception cref="JobFileException">The settings have mistakes.</exception>
    public static Stores Open(Surroundings surroundings)
    {
        var settings = WorkerSettings.Read(surroundings.Settings);
        var rounds = surroundings.Database is { } database ? RoundStore.Postgres(database, owned: false)
            : RoundStore.Sqlite(Path.Combine(surroundings.State, "rounds.db"), surroundings.Time);
        return new Stores(settings, rounds, Jobs(settings));
    }

    /// <summary>The jobs of the directory, as they are now.</summary>
    public static JobCatalogue Jobs(WorkerSettings settings)
    {
        var catalogue = new JobCatalogue();
        new JobFiles(settings.Jobs, catalogue, NullLogger<JobFiles>.Instance).Read();
        return catalogue;
    }

    public ValueTask DisposeAsync() => _rounds.DisposeAsync();
}
