using Migrator.App.Commands;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Output;
using Migrator.App.Progress;
using Migrator.App.Reports;
using Migrator.App.Settings;
using Migrator.Core.Jobs;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary>A command that is about one mailbox, for every mailbox of a job: side by side, within the limits of job runs. It ends in one
/// table.</summary>
internal static class MailboxFanOut
{
    /// <returns>The exit code of the one mailbox; of several, the highest, as the worst matters.</returns>
    public static async Task<int> RunAsync(
        JobDefinition job,
        IReadOnlyCollection<string>? only,
        JobTask task,
        Func<Job, RunProgress, CommandContext, Task<MailboxResult>> command,
        CommandContext context,
        CancellationToken stop
    )
    {
        if (job.IsOneMailbox)
            return (await command(job.Mailboxes[0].Job, new RunProgress(), context)).ExitCode;
        var (screen, started) = (new CommandOutput(context), context.Time.GetLocalNow());
        var (bad, mailboxes) = (
            job.InvalidMailboxes.Where(row => only is null || only.Contains(row.Name)).ToList(),
            job.Mailboxes.Where(mailbox => only is null || only.Contains(mailbox.Name)).ToList()
        );
        var progress = new JobProgress(job.Name, task, bad.Count + mailboxes.Count, context.Time);
        var (results, settings, turn) = (new Dictionary<string, MailboxResult>(), WorkerSettings.Read(context.Settings), new Lock());
        var directory = task is JobTask.Verify or JobTask.Plan ? screen.Directory(job.Name, started, task) : null;
        // What stays has to be named, however many mailboxes there are.
        var shown = task == JobTask.Undo && !context.Json && !context.Quiet ? new Dictionary<string, string>() : null;
        foreach (var row in bad)
        {
            screen.Say(
                new JsonLine("invalidMailbox")
                {
                    { "job", job.Name },
                    { "mailbox", row.Name },
                    { "place", row.Place },
                    { "errors", row.Errors },
                }
            );
            Ended(MailboxResults.Of(row.Name, JobRunPlanner.Of(row), ExitCode.Configuration));
        }
        var slots = new HostSlots(mailboxes, settings.Hosts);
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Min(settings.MaxConcurrency, job.Policy.MaxConcurrency ?? settings.MaxConcurrency),
            CancellationToken = stop,
        };
        var interrupted = !await screen.WatchAsync(progress, mailboxes.Exists(mailbox => Prompts.Of(mailbox.Job)), AllAsync);
        foreach (var text in mailboxes.Select(mailbox => shown?.GetValueOrDefault(mailbox.Name)).OfType<string>())
            screen.Explain(text.Split('\n'));
        var report = new JobReport(
            job.Name,
            task,
            mailboxes is [{ Job: BackupJob }, ..] ? Operation.Backup : Operation.Copy,
            ProductVersion.Text,
            started,
            context.Time.GetLocalNow(),
            interrupted
        )
        {
            Mailboxes =
            [
                .. results.Values,
                .. mailboxes.Where(mailbox => !results.ContainsKey(mailbox.Name)).Select(mailbox => Unfinished(mailbox.Name)),
            ],
        };
        return await screen.ReportAsync(
            report,
            directory,
            new JsonLine("mailboxes")
            {
                { "mailboxes", report.Mailboxes.Count },
                {
                    "wrong",
                    report.Mailboxes.Where(mailbox => mailbox.Outcome != MailboxOutcome.Ok).Select(mailbox => mailbox.Mailbox).ToList()
                },
            }
        );

        // False where it was stopped before its end.
        async Task<bool> AllAsync()
        {
            try
            {
                await Parallel.ForEachAsync(
                    mailboxes,
                    parallel,
                    async (mailbox, _) => await slots.DuringAsync(mailbox, () => OneAsync(mailbox), stop)
                );
                return true;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return false;
            }
        }

        async Task<MailboxResult> OneAsync(JobMailbox mailbox)
        {
            var (words, errors, run) = (new StringWriter(), new StringWriter(), new RunProgress());
            using var own = context.ForMailbox(words, errors, directory?.Of(mailbox.Name));
            progress.Begin(mailbox.Name, run);
            // One that fails leaves the others to be inspected.
            var result = await CommandRunner.ReportErrorsAsync(
                () => command(mailbox.Job, run, own),
                (code, failure) => failure is null ? Unfinished(mailbox.Name) : MailboxResults.Of(mailbox.Name, failure, code),
                () => context.Verbose,
                errors,
                mailbox.Job.Purpose
            ) with
            {
                Mailbox = mailbox.Name,
            };
            Ended(result, words, errors);
            return result;
        }

        void Ended(MailboxResult result, StringWriter? words = null, StringWriter? errors = null)
        {
            lock (turn)
            {
                results[result.Mailbox] = result;
                progress.End(result);
                shown?[result.Mailbox] = $"{words}";
                // A person reads the table; a program gets each mailbox whole.
                if (!context.Json || words is null || errors is null)
                    return;
                screen.Say(new JsonLine("mailbox") { { "mailbox", result.Mailbox }, { "exitCode", result.ExitCode } });
                context.Out.Write(words);
                context.Errors.Write(errors);
            }
        }
    }

    private static MailboxResult Unfinished(string mailbox) => new(mailbox, MailboxOutcome.Unfinished, ExitCode.Interrupted);
}
