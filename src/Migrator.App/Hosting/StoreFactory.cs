using System.Text;
using Microsoft.Extensions.Configuration;
using Migrator.App.Settings;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Pacing;
using Migrator.Storage.Checkpoints.Postgres;
using Migrator.Storage.Checkpoints.Sqlite;
using Migrator.Storage.JobRuns;
using Migrator.Storage.Logins;
using Migrator.Storage.Postgres;
using Migrator.Storage.Traffic;

namespace Migrator.App.Hosting;

/// <summary>Opens what outlives a run: checkpoints, the run database, archives.</summary>
public sealed class StoreFactory
{
    private readonly StatePaths _paths;
    private readonly SecretStore _secrets;
    private readonly TimeProvider _time;
    private readonly IConfiguration _settings;
    private readonly Lazy<PostgresDatabase?> _database;

    public StoreFactory(StatePaths paths, SecretStore secrets, IConfiguration settings, TimeProvider time)
        : this(paths, secrets, settings, new Lazy<PostgresDatabase?>(() => OpenDatabase(settings, secrets)), time) { }

    private StoreFactory(
        StatePaths paths,
        SecretStore secrets,
        IConfiguration settings,
        Lazy<PostgresDatabase?> database,
        TimeProvider time
    ) => (_paths, _secrets, _settings, _database, _time) = (paths, secrets, settings, database, time);

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

    /// <summary>What people have allowed; looked for when the first one is needed.</summary>
    public LoginStore OpenLogins() => LoginStore.Create(() => Database, _paths.Logins, LoginKey, _time);

    /// <inheritdoc cref="Database"/>
    public ITrafficStore OpenTraffic() => TrafficStore.Create(Database, _paths.Traffic);

    public ArchiveFactory Archive(ArchiveReference reference) => new(reference, _paths, _secrets, _time);

    /// <summary>The same database, but other files and secrets.</summary>
    public StoreFactory With(StatePaths paths, SecretStore secrets) => new(paths, secrets, _settings, _database, _time);

    private byte[] LoginKey()
    {
        if (LoginSettings.Read(_settings).Key is { } reference)
            return Encoding.UTF8.GetBytes(_secrets.Resolve(reference, "key of stored logins"));
        return Database is null
            ? LoginKeyFile.ReadOrCreate(_paths.LoginKey)
            : throw new ConfigurationException(
                "settings",
                [
                    new ConfigurationError(
                        "Logins:Key",
                        "is missing: workers that share a database need one key for stored logins. Say where it is: \"file:PATH\", "
                            + "\"env:NAME\" or \"setting:NAME\" (Azure Key Vault)."
                    ),
                ],
                Reason.SecretMissing
            );
    }

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
