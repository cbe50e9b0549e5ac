using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Execution;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Output;
using Migrator.Cli.Output;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator jobs …</c>: what the service's jobs are, and what a person wants of them. It speaks to the service by the store
/// that both share; the service need not run.</summary>
internal static class JobsCommand
{
    private static readonly Argument<string> s_job = JobArgument.Named();

    private static readonly Argument<string?> s_which = JobArgument.Optional();

    private static readonly Option<int> s_count = NumberOption.Create("--count", "Show the next N starts of each job.", "N", 1, 1000, 5);

    private static readonly Option<string[]> s_only = JobArgument.Only();

    private static readonly Option<bool> s_failed = new("--failed") { Description = "Only mailboxes whose last run was not complete." };

    private static readonly Option<string?> s_mailbox = Mailbox();

    public static Command Create() =>
        new("jobs", "List and control the service's jobs.")
        {
            Of("list", "List all jobs, and errors in job files.", [], (stores, _, context, stop) => ListAsync(stores, context, stop)),
            Of("next", "Show the next scheduled starts.", [s_which, s_count], NextAsync),
            Of("trigger", "Start a job now.", [s_job, s_only, s_failed], TriggerAsync),
            Of(
                "pause",
                "Pause a job. Running mailboxes stop at the next safe point and stay queued.",
                [s_job],
                (stores, parsed, context, stop) => PauseAsync(stores, parsed, true, context, stop)
            ),
            Of(
                "resume",
                "Resume a paused job.",
                [s_job],
                (stores, parsed, context, stop) => PauseAsync(stores, parsed, false, context, stop)
            ),
            Of("cancel", "Cancel all queued and running mailboxes of a job.", [s_job, s_mailbox], CancelAsync),
            Of("forget", "Drop mailboxes from the status list that are no longer in the job file.", [s_job, s_mailbox], ForgetAsync),
        };

    private static Option<string?> Mailbox()
    {
        var mailbox = new Option<string?>("--mailbox") { Description = "Only this mailbox. [default: all]", HelpName = "MAILBOX" };
        mailbox.CompletionSources.Add(JobCompletions.Mailboxes);
        return mailbox;
    }

    private static Command Of(
        string name,
        string description,
        IEnumerable<Symbol> symbols,
        Func<Stores, ParseResult, CommandContext, CancellationToken, Task<int>> action
    )
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Arguments.Add(argument);
            else
                command.Options.Add((Option)symbol);
        }
        command.Does(
            CommandActs.ByJobControl,
            async (parsed, context, stop) =>
            {
                await using var stores = Stores.Open(context);
                return await action(stores, parsed, context, stop);
            }
        );
        return command;
    }

    private static async Task<int> ListAsync(Stores stores, CommandContext context, CancellationToken stop)
    {
        if (stores.Unread is { } unread)
            return Unread(unread, context);
        var (screen, paused, mailboxes) = (
            new CommandOutput(context),
            await stores.Queue.PausedAsync(stop),
            (await stores.History.MailboxesAsync(null, stop)).ToLookup(mailbox => mailbox.Job)
        );
        var now = context.Time.GetUtcNow();
        var rows = stores
            .Catalogue.Jobs.Select(job =>
                (Job: job, States: mailboxes[job.Name].CountBy(mailbox => mailbox.State).ToDictionary(), Paused: paused.Contains(job.Name))
            )
            .ToList();
        screen.Explain(rows.Count > 0 ? $"Jobs in {stores.Settings.Jobs}:" : Nothing(stores));
        screen.Table(
            "",
            JobTable.Columns,
            [
                .. rows.Select(row =>
                    JobTable.Cells(
                        new JobRow(
                            row.Job.Name,
                            Kind(row.Job),
                            row.Job.Mailboxes.Count + row.Job.InvalidMailboxes.Count,
                            row.Paused,
                            NextRun.Of(row.Job, now),
                            row.States
                        ),
                        context.Time.LocalTimeZone
                    )
                ),
            ]
        );
        foreach (var row in rows)
            screen.Say(
                new JsonLine("job")
                {
                    { "job", row.Job.Name },
                    { "file", row.Job.File },
                    { "kind", Kind(row.Job) },
                    { "mailboxes", row.Job.Mailboxes.Count },
                    { "invalidMailboxes", row.Job.InvalidMailboxes.Count },
                    { "paused", row.Paused },
                    { "next", NextRun.Of(row.Job, now) },
                    { "running", row.States.GetValueOrDefault(MailboxRunState.Running) },
                    { "waiting", row.States.GetValueOrDefault(MailboxRunState.Waiting) },
                    { "notComplete", NotComplete(row.States) },
                }
            );
        foreach (var broken in stores.Catalogue.Broken)
            screen.Say(
                new JsonLine("brokenJob") { { "file", broken.File }, { "errors", broken.Errors } },
                [
                    $"{broken.File} cannot be used:",
                    .. broken.Errors.Select(error => $"  {(error.Line is { } line ? $"line {line}, " : "")}{error.Path}: {error.Message}"),
                ]
            );
        foreach (var row in stores.Catalogue.Jobs.SelectMany(job => job.InvalidMailboxes.Select(row => (job, row))))
            screen.Say(
                new JsonLine("invalidMailbox")
                {
                    { "job", row.job.Name },
                    { "mailbox", row.row.Name },
                    { "place", row.row.Place },
                    { "errors", row.row.Errors },
                },
                [$"{row.job.Name}: {row.row.Where} cannot be run:", .. row.row.Errors.Select(error => $"  {error.Path}: {error.Message}")]
            );
        return stores.Catalogue.Broken.Count == 0 ? ExitCode.Success : ExitCode.Configuration;
    }

    private static Task<int> NextAsync(Stores stores, ParseResult parsed, CommandContext context, CancellationToken stop)
    {
        var (screen, which) = (new CommandOutput(context), parsed.GetValue(s_which));
        if (stores.Unread is { } unread)
            return Task.FromResult(Unread(unread, context));
        if (which is not null && stores.Catalogue.Find(which) is null)
            throw new UnknownJobException(which, stores.Catalogue);
        if (stores.Catalogue.Jobs.Count == 0)
            screen.Explain(Nothing(stores));
        foreach (var job in stores.Catalogue.Jobs.Where(job => which is null || job.Name == which))
        {
            var next = ScheduleTimes.Next(job, context.Time.GetUtcNow(), parsed.GetValue(s_count));
            var jitter = job.Schedule?.Jitter ?? TimeSpan.Zero;
            var later = jitter > TimeSpan.Zero ? $" (each up to {Durations.Of(jitter)} later)" : "";
            screen.Say(
                new JsonLine("next") { { "job", job.Name }, { "starts", next } },
                next.Count == 0 ? $"{job.Name}: manual." : $"{job.Name}{later}:"
            );
            foreach (var start in next)
                screen.Say(
                    new JsonLine("start") { { "job", job.Name }, { "start", start } },
                    $"  {TimeZoneInfo.ConvertTime(start, job.Schedule!.Zone):yyyy-MM-dd HH:mm:ss zzz}"
                );
        }
        return Task.FromResult(ExitCode.Success);
    }

    private static async Task<int> TriggerAsync(Stores stores, ParseResult parsed, CommandContext context, CancellationToken stop)
    {
        var job = parsed.GetRequiredValue(s_job);
        var only = MailboxSelection.Of(stores, job, parsed.GetValue(s_only) ?? []);
        var started = parsed.GetValue(s_failed)
            ? await stores.Control.RetryFailedAsync(context.Auditor, job, only, stop)
            : await stores.Control.TriggerAsync(context.Auditor, job, only, stop);
        var when = (await stores.Queue.PausedAsync(stop)).Contains(job)
            ? $"once \"migrator jobs resume {job}\" resumes it"
            : "as soon as a worker has room";
        new CommandOutput(context).Say(
            new JsonLine("triggered")
            {
                { "job", job },
                { "jobRun", started.JobRun },
                { "runs", started.Runs },
                { "leftOut", started.LeftOut },
            },
            started.Runs > 0 ? $"{job}: {Format.Count(started.Runs, "mailbox", "mailboxes")} will run {when}."
                : started.LeftOut.Count > 0
                    ? $"{job}: nothing to start, {Format.Count(started.LeftOut.Count, "mailbox", "mailboxes")} are still queued or running."
                : $"{job}: nothing to start."
        );
        return ExitCode.Success;
    }

    private static async Task<int> PauseAsync(
        Stores stores,
        ParseResult parsed,
        bool paused,
        CommandContext context,
        CancellationToken stop
    )
    {
        var job = parsed.GetRequiredValue(s_job);
        await stores.Control.PauseAsync(context.Auditor, job, paused, stop);
        new CommandOutput(context).Say(
            new JsonLine(paused ? "paused" : "resumed") { { "job", job } },
            paused ? $"{job} is paused. Resume it with \"migrator jobs resume {job}\"." : $"{job} resumed."
        );
        return ExitCode.Success;
    }

    private static async Task<int> CancelAsync(Stores stores, ParseResult parsed, CommandContext context, CancellationToken stop)
    {
        var (job, mailbox) = (parsed.GetRequiredValue(s_job), parsed.GetValue(s_mailbox));
        var ended = await stores.Control.CancelAsync(context.Auditor, job, mailbox, stop);
        new CommandOutput(context).Say(
            new JsonLine("cancelled")
            {
                { "job", job },
                { "mailbox", mailbox },
                { "runs", ended },
            },
            ended == 0
                ? $"{job}: nothing is queued or running."
                : $"{job}: {Format.Count(ended, "run")} cancelled; running mailboxes stop at their next safe point."
        );
        return ExitCode.Success;
    }

    private static async Task<int> ForgetAsync(Stores stores, ParseResult parsed, CommandContext context, CancellationToken stop)
    {
        var (job, mailbox) = (parsed.GetRequiredValue(s_job), parsed.GetValue(s_mailbox));
        var forgotten = await stores.Control.ForgetAsync(context.Auditor, job, mailbox, stop);
        new CommandOutput(context).Say(
            new JsonLine("forgotten")
            {
                { "job", job },
                { "mailbox", mailbox },
                { "mailboxes", forgotten },
            },
            forgotten > 0
                    ? $"{job}: {Format.Count(forgotten, "mailbox", "mailboxes")} forgotten. Reports stay in the history; what was "
                        + "copied or stored is not touched."
                : stores.Catalogue.Find(job) is null || mailbox is not null
                    ? $"{job}: no mailbox is recorded{(mailbox is null ? "" : $" of {mailbox}")}."
                : $"{job}: nothing to forget, all recorded mailboxes are in its job file."
        );
        return ExitCode.Success;
    }

    private static string Nothing(Stores stores) =>
        stores.Catalogue.Broken.Count > 0
            ? $"No job file in {stores.Settings.Jobs} can be used."
            : $"There is no job file in {stores.Settings.Jobs}.";

    private static int NotComplete(Dictionary<MailboxRunState, int> states) =>
        states.Where(state => state.Key.NeedsRerun()).Sum(state => state.Value);

    private static int Unread(string why, CommandContext context)
    {
        context.Errors.WriteLine(why);
        return ExitCode.Configuration;
    }

    private static string Kind(JobDefinition job) =>
        job.Mailboxes.FirstOrDefault()?.Job switch
        {
            BackupJob => "backup",
            UpkeepJob => "upkeep",
            MigrateJob => "migrate",
            _ => "-",
        };
}
