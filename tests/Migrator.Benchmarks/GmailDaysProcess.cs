using Microsoft.Extensions.Logging.Abstractions;
using Migrator.App.Execution;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Pacing;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Core.Secrets;
using Migrator.Mail.Imap;
using Migrator.Mail.Pacing;
using Migrator.Storage.Checkpoints.Sqlite;
using Migrator.Storage.Traffic;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>One process of <see cref="GmailDays"/>: foretells when the mailbox will be complete, and copies until it is, or until the limit
/// of the day stops it. The program itself cannot be given another clock.</summary>
internal sealed class GmailDaysProcess(int sourcePort, int targetPort, string state, TimeSpan shift)
{
    public const string User = "ann";

    public async Task RunAsync()
    {
        var clock = new ShiftedClock { Shift = shift };
        var (source, target) = (Account(sourcePort), Account(targetPort) with { Provider = "gmail" });
        using var pacers = new Pacers(() => TrafficStore.Create(null, Path.Combine(state, "traffic.db")), clock);
        await using var checkpoints = new SqliteCheckpointStore(Path.Combine(state, "checkpoints.db"));
        var job = new MigrateJob("gmail-days", source, target, FolderRules.All, RunOptions.Default, SourceDeletionPolicy.Never);
        var from = new ImapConnector(source, DovecotServer.Password);
        var to = new ImapConnector(target, DovecotServer.Password, pacer: pacers.For(target));

        var check = await Preflight.RunAsync(
            job.Transfer,
            job.SourceDeletionPolicy,
            new MailboxEndpoints((_, stop) => from.OpenSourceAsync(stop), to.ExamineTargetAsync),
            checkpoints,
            new RunProgress(),
            clock,
            NullLogger.Instance,
            CancellationToken.None
        );
        var toCopy = check.Folders.Aggregate(default(MailAmount), (sum, folder) => sum + folder.ToCopy);
        var end = await pacers.For(target).ForecastAsync(TransferDirection.Upload, LimitForecast.Traffic(toCopy), CancellationToken.None);
        Console.WriteLine(FormattableString.Invariant($"forecast {end:O}"));

        var report = await new Migration(
            job.Transfer,
            new MailboxEndpoints((_, stop) => from.OpenSourceAsync(stop), to.OpenTargetAsync),
            checkpoints,
            Path.Combine(state, "spool"),
            clock,
            NullLogger.Instance
        ).RunAsync(new RunProgress(), CancellationToken.None);
        Console.WriteLine(
            report.Pause is { } pause ? $"pause {pause.Ticks}"
            : report.Outcome == RunOutcome.Complete && report.Total.AddsUp ? $"complete {report.Total.Found}"
            : $"failed {report.Outcome}: {report.Stopped?.Detail} {string.Join("; ", report.Failures.Take(5))}"
        );
    }

    private static MailServer Account(int port) =>
        new(
            "localhost",
            port,
            TlsMode.None,
            User,
            new SecretReference(SecretSource.Env, "UNUSED"),
            AuthMethod.Auto,
            new CertificateTrust(null, null)
        );
}
