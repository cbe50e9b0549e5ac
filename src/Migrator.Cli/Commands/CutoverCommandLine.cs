using System.Collections.Concurrent;
using System.CommandLine;
using Migrator.App.Certificates;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator cutover</c>: what can be typed.</summary>
internal static class CutoverCommandLine
{
    private static readonly Option<string[]> s_only = JobArgument.Only();
    private static readonly Option<int> s_sweepDays = NumberOption.Create<int>(
        "--sweep-days",
        "Days for which runs of the job bring mail that still arrives at the source.",
        "N",
        0,
        365,
        CutoverRequest.DefaultSweepDays
    );
    private static readonly Option<int> s_most = NumberOption.Create<int>(
        "--most",
        "Messages that the final pass may have to copy; with more, a mailbox is not switched.",
        "N",
        0,
        int.MaxValue,
        CutoverRequest.DefaultMostMessages
    );
    private static readonly Option<bool> s_acceptIncomplete = new("--accept-incomplete")
    {
        Description = "Switch although messages cannot be copied or differ at the target. Report and certificate name them.",
    };
    private static readonly Option<string[]> s_expectMx = new("--expect-mx")
    {
        Description =
            "Switch only if mail to the domain of the mailbox is sent to this host, or to one below it, by its MX record (repeatable).",
        HelpName = "HOST",
    };
    private static readonly Option<bool> s_allowDeletions = new("--allow-deletions")
    {
        Description = "Follow deletions at the source in the final pass, however many messages that are.",
    };
    private static readonly Option<bool> s_noCertificate = new("--no-certificate")
    {
        Description =
            "Do not compare source and target afterwards, and write no certificate: \"migrator certificate create\" does both later.",
    };
    private static readonly Option<bool> s_dryRun = new("--dry-run") { Description = "Show the checklist; change nothing." };

    public static Command Create()
    {
        var name = JobArgument.Create();
        var command = new Command(
            "cutover",
            "Switch mailboxes to the target: checklist, final pass, comparison and certificate. The source is not followed after that."
        )
        {
            name,
            s_only,
            s_sweepDays,
            s_most,
            s_acceptIncomplete,
            s_expectMx,
            s_allowDeletions,
            s_noCertificate,
            s_dryRun,
        };
        command.Does(
            AuditEvent.MailboxesSwitched,
            (parsed, context, stop) => RunAsync(parsed, JobArgument.Read(parsed.GetRequiredValue(name), context), context, stop),
            onlyReads: parsed => parsed.GetValue(s_dryRun)
        );
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, JobDefinition job, CommandContext context, CancellationToken stop)
    {
        if (job.Mailboxes.Any(mailbox => mailbox.Job is not MigrateJob))
            throw new ConfigurationException(
                job.File,
                [new ConfigurationError("$", "is not a migration: there is nothing to switch to in an archive.")]
            );
        if (parsed.GetValue(s_allowDeletions))
            job = JobOptions.With(job, options => options with { AllowDeletions = true });
        var only = MailboxSelection.Of(job, parsed.GetValue(s_only) ?? []);
        var request = new CutoverRequest(
            parsed.GetValue(s_most),
            parsed.GetValue(s_acceptIncomplete),
            parsed.GetValue(s_sweepDays),
            parsed.GetValue(s_dryRun)
        );
        new Exposures(context).Warn(job.Mailboxes.Select(mailbox => mailbox.Job), job.Notify);
        var (command, switched) = (new CutoverCommand(request, parsed.GetValue(s_expectMx) ?? []), new ConcurrentBag<Job>());
        var code = await MailboxFanOut.RunAsync(
            job,
            only,
            JobTask.Cutover,
            async (one, progress, where) =>
            {
                var (result, isSwitched) = await command.RunAsync((MigrateJob)one, progress, where, stop);
                if (isSwitched)
                    switched.Add(one);
                return result;
            },
            context,
            stop
        );
        if (request.IsTrial || parsed.GetValue(s_noCertificate) || switched.IsEmpty || stop.IsCancellationRequested)
            return code;
        using var key = CertificateKey.OfInstallation(context.Paths.CertificateKey, context.Time);
        var files = CertificateFiles.Create(null, context.Paths.Certificates, job.Name, key, null, context.Time);
        List<string> names = [.. job.Mailboxes.Where(mailbox => switched.Contains(mailbox.Job)).Select(mailbox => mailbox.Name)];
        return Math.Max(code, await new CertificateIssue(job, names, files, context).RunAsync(stop));
    }
}
