using Migrator.App.Hosting;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Pacing;
using Migrator.Core.Reports;

namespace Migrator.App.Execution;

/// <summary>When a mailbox will be complete, where daily limits hold it up.</summary>
public static class LimitForecast
{
    // Commands, answers and TLS records. A share of the bytes alone is too much for large messages and too little for small ones, and a
    // mailbox that seems a little too large for a day is foretold a day too late.
    private const int BytesOfAMessage = 500;
    private const int Percent = 1;

    /// <summary>What passes a connection when messages are transferred.</summary>
    public static long Traffic(MailAmount mail) => mail.Bytes + (mail.Bytes * Percent / 100) + (mail.Messages * BytesOfAMessage);

    /// <param name="mail">That is to be transferred.</param>
    /// <returns>Null where there is no such limit.</returns>
    public static async Task<DateTimeOffset?> OfAsync(
        Job job,
        MailAmount mail,
        SessionFactory sessions,
        CancellationToken cancellationToken
    )
    {
        var bytes = Traffic(mail);
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
    /// <inheritdoc cref="OfAsync(Job, MailAmount, SessionFactory, CancellationToken)"/>
    public static async Task<DateTimeOffset?> OfAsync(
        Job job,
        RunReport report,
        SessionFactory sessions,
        CancellationToken cancellationToken
    ) =>
        report.Total is { Delivered: > 0 and var delivered } total
            ? await OfAsync(
                job,
                new MailAmount(total.Remaining, total.DeliveredBytes / delivered * total.Remaining),
                sessions,
                cancellationToken
            )
            : null;

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one > other || other is null ? one : other;
}
