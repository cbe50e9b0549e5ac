using Microsoft.Data.Sqlite;
using Migrator.App.Jobs;
using Migrator.Storage.Postgres;
using Quartz;

namespace Migrator.Service.Schedules;

/// <summary>Puts Quartz together. Needs a <see cref="JobCatalogue"/>, an IRunQueue and a TimeProvider among the services.</summary>
public static class QuartzSetup
{
    /// <summary>Schedules of one machine, kept in a file: starts that come while the service is down are noticed when it is back.</summary>
    /// <param name="file">Full path; made where it is not there, in a directory that is.</param>
    public static IServiceCollection AddSchedules(this IServiceCollection services, string file) =>
        services.AddSchedules(store =>
            store.UseSqlite(SqliteFactory.Instance, new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString())
        );

    /// <summary>Schedules that all workers on one PostgreSQL share: each start is made by one of them.</summary>
    /// <param name="database">Stays its owner's.</param>
    public static IServiceCollection AddSharedSchedules(this IServiceCollection services, PostgresDatabase database)
    {
        // Before Quartz, which makes its tables when the host starts.
        services.AddHostedService(_ => new Schema(database));
        return services.AddSchedules(store =>
        {
            store.UsePostgres(source => source.DataSourceFactory = _ => database.Source);
            store.UseClustering(cluster => cluster.CheckinInterval = TimeSpan.FromSeconds(5));
        });
    }

    private static IServiceCollection AddSchedules(this IServiceCollection services, Action<IPersistentStoreBuilder> use)
    {
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = "migrator";
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.WhenWaitingForJobs;
            });
            quartz.UsePersistentStore(store =>
            {
                use(store);
                store.ProvisionSchema();
                store.ConfigureStore(options =>
                {
                    options.TablePrefix = "quartz_";
                    options.StoreJobDataAsStrings = true;
                    // A worker that cannot start must end, not hang on Quartz's threads.
                    options.UseBackgroundThreads = true;
                    options.RecoverFiringsCancelledByShutdown = true;
                });
            });
        });
        services.AddQuartzHostedService(options =>
        {
            options.WaitForJobsToComplete = true;
            options.AutoStart = false;
        });
        services.AddSingleton<ScheduleSync>();
        services.AddHostedService<ScheduleService>();
        return services;
    }

    private sealed class Schema(PostgresDatabase database) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => database.CreateSchemaAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
