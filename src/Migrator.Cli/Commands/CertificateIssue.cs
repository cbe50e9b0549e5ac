using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Migrator.App.Certificates;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Certificates;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator certificate create</c>.</summary>
internal sealed class CertificateIssue(JobDefinition job, IReadOnlyCollection<string>? only, CertificateFiles files, CommandContext context)
{
    private readonly ConcurrentDictionary<string, IssuedCertificate> _issued = new();
    private readonly ConcurrentDictionary<string, string> _without = new();

    public async Task<int> RunAsync(CancellationToken stop)
    {
        var started = context.Time.GetUtcNow();
        foreach (var row in job.InvalidMailboxes.Where(row => only is null || only.Contains(row.Name)))
            _without[row.Name] = Reason.ConfigurationInvalid.Code;
        var code = await MailboxFanOut.RunAsync(
            job,
            only,
            JobTask.Verify,
            (one, progress, where) => OneAsync((MigrateJob)one, progress, where, stop),
            context,
            stop
        );
        // Of a job that was stopped, nothing is certified as a whole; the certificates of its mailboxes that are there are as good.
        if (stop.IsCancellationRequested)
            return code;
        var whole = await files.WriteAsync(
            job.Name,
            [.. _issued.Values.Select(certificate => certificate.Line)],
            [.. _without.Select(row => (row.Key, row.Value))],
            started,
            stop
        );
        Say(context, whole, files.Fingerprint);
        return code;
    }

    private async Task<MailboxResult> OneAsync(MigrateJob one, RunProgress progress, CommandContext where, CancellationToken stop)
    {
        var mailbox = job.Mailboxes.First(mailbox => ReferenceEquals(mailbox.Job, one)).Name;
        try
        {
            using var draft = new CertificateDraft(where.Paths.Spools);
            var screen = new CommandOutput(where);
            await using var store = where.Stores.OpenCheckpoints();
            var verification = new Verification(
                one.Transfer,
                where.Sessions.Connect(one),
                store,
                where.Time,
                where.Loggers.CreateLogger<Verification>(),
                draft
            );
            var report = await screen.WatchAsync(progress, () => verification.RunAsync(progress, stop));
            var issued = await files.WriteAsync(draft, job.Name, mailbox, report, stop);
            _issued[mailbox] = issued;
            var result = await screen.ReportAsync(report);
            Say(where, issued, files.Fingerprint);
            return result;
        }
        catch (MigratorException exception)
        {
            _without[mailbox] = exception.Reason.Code;
            throw;
        }
    }

    private static void Say(CommandContext where, IssuedCertificate issued, string fingerprint)
    {
        var (screen, line) = (new CommandOutput(where), issued.Line);
        screen.Say(
            new JsonLine("certificate")
            {
                { "name", line.Mailbox },
                { "file", issued.Path },
                { "verdict", line.Verdict },
                { "root", line.Root },
                { "signer", fingerprint },
                { "withoutTimeStamp", issued.WithoutTime },
            },
            [$"Certificate of {line.Mailbox}: {line.Verdict}. Signed by {fingerprint}."]
        );
        screen.Whole(issued.Path);
        if (issued.WithoutTime is { } why)
            screen.Warn($"The certificate of {line.Mailbox} has no time stamp of the authority: {why}. It is valid without one.");
    }
}
