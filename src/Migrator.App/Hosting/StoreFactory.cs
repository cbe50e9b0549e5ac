using Microsoft.Extensions.Configuration;
using Migrator.App.Settings;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Storage.Checkpoints.Postgres;
using Migrator.Storage.Checkpoints.Sqlite;
using Migrator.Storage.JobRuns;
using Migrator.Storage.Postgres;

namespace Migrator.App.Hosting;

/// <summary>Opens what outlives a run: checkpoints, the run database, archives.</summary>
public sealed class StoreFactory
{
    private readonly StatePaths _paths;
    private readonly SecretStore _secrets;
    private readonly TimeProvider _time;
    private readonly Lazy<PostgresDatabase?> _database;

    public StoreFactory(StatePaths paths, SecretStore secrets, IConfiguration settings, TimeProvider time)
        : this(paths, secrets, new Lazy<PostgresDatabase?>(() => OpenDatabase(settings, secrets)), time) { }

    private StoreFactory(StatePaths paths, SecretStore secrets, Lazy<PostgresDatabase?> database, TimeProvider time) =>
        (_paths, _secrets, _database, _time) = (paths, secrets, database, time);

    /// <summary>What workers share; null where there is one worker only.</summary>
    /// <exception cref="ConfigurationException">The settings name a database and have errors.</exception>
    public PostgresDatabase? Database => _database.Value;

    /// <inheritdoc cref="Database"/>
    public ICheckpointStore OpenCheckpoints() =>
        Database is { } database
            ? new PostgresCheckpointStore(
                database,
                PostgresCheckpointStore.DefaultLease,
                $"{Environment.MachineName}, process {Environment.ProcessId}",
                _time
            )
            : new SqliteCheckpointStore(_paths.Checkpoints);

    /// <inheritdoc cref="Database"/>
    public JobRunStore OpenJobRuns() =>
        Database is { } database ? JobRunStore.Postgres(database, owned: false) : JobRunStore.Sqlite(_paths.JobRuns, _time);

    public ArchiveFactory Archive(ArchiveReference reference) => new(reference, _paths, _secrets, _time);

    /// <summary>The same database, but other files and secrets.</summary>
    public StoreFactory With(StatePaths paths, SecretStore secrets) => new(paths, secrets, _database, _time);

    private static PostgresDatabase? OpenDatabase(IConfiguration settings, SecretStore secrets)
    {
        if (WorkerSettings.Read(settings).Database is not { } reference)
            return null;
        try
        {
            return new PostgresDatabase(secrets.Resolve(reference, "connection string of the database"));
        }
        catch (ArgumentException exception)
        {
            throw new ConfigurationException("settings", [new ConfigurationError("ConnectionStrings:Migrator", exception.Message)]);
        }
    }
}
