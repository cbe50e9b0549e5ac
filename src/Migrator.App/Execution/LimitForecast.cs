using Migrator.App.Hosting;
using Migrator.Core.Jobs;
using Migrator.Core.Pacing;
using Migrator.Core.Reports;

namespace Migrator.App.Execution;

/// <summary>When a mailbox will be complete, where daily limits hold it up.</summary>
public static class LimitForecast
{
    // Commands, headers and TLS besides the messages, in percent of them.
    private const int Overhead = 5;

    /// <param name="bytes">Of the messages that are to be transferred.</param>
    /// <returns>Null where there is no such limit.</returns>
    public static async Task<DateTimeOffset?> OfAsync(Job job, long bytes, SessionFactory sessions, CancellationToken cancellationToken)
    {
        bytes += bytes * Overhead / 100;
        if (bytes == 0)
            return null;
        return job switch
        {
            MigrateJob migration => Later(
                await EndAsync(migration.Source, TransferDirection.Download),
                await EndAsync(migration.Target, TransferDirection.Upload)
            ),
            BackupJob backup => await EndAsync(backup.Source, TransferDirection.Download),
            _ => null,
        };

        Task<DateTimeOffset?> EndAsync(MailServer server, TransferDirection direction) =>
            sessions.Pacers.For(server).ForecastAsync(direction, bytes, cancellationToken);
    }

    /// <summary>From a run that a limit has stopped: what remains is taken to be as large as what was delivered.</summary>
    /// <inheritdoc cref="OfAsync(Job, long, SessionFactory, CancellationToken)"/>
    public static async Task<DateTimeOffset?> OfAsync(
        Job job,
        RunReport report,
        SessionFactory sessions,
        CancellationToken cancellationToken
    ) =>
        report.Total is { Delivered: > 0 and var delivered } total
            ? await OfAsync(job, total.DeliveredBytes / delivered * total.Remaining, sessions, cancellationToken)
            : null;

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one > other || other is null ? one : other;
}
