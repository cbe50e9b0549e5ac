using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Plans;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary>What can be typed, and which command it leads to.</summary>
public static class CommandLine
{
    public static RootCommand Create()
    {
        var root = Root();
        foreach (var command in ServiceCommands.Create(ServiceProgram.Starts, ServiceProgram.Starts))
            root.Add(command);
        root.Add(ManCommand.Create(root));
        GlobalOptions.AddTo(root);
        HelpCommand.AddTo(root);
        ArgumentRules.ForbidEmpty(root);
        return root;
    }

    private static RootCommand Root() =>
        new("Migrate and back up IMAP/POP3 mailboxes, with verification.")
        {
            Run(),
            Copy(),
            Check(),
            PlanCommand.Create(),
            CutoverCommandLine.Create(),
            VerifyCommandLine.Create(),
            UndoCommandLine.Create(),
            CertificateCommand.Create(),
            DiscoverCommand.Create(),
            LoginCommand.Create(),
            ProvidersCommand.Create(),
            StatusCommand.Create(),
            JobsCommand.Create(),
            AuditCommand.Create(),
            ArchiveCommandLine.Archive(),
            RestoreCommandLine.Restore(),
            RestoreCommandLine.Export(),
            RestoreCommandLine.Import(),
            ConfigCommand.Create(),
            CompletionCommand.Create(),
            VersionCommand.Create(),
        };

    private static readonly Option<string[]> s_only = JobArgument.Only();

    private static readonly Option<bool> s_removeLate = new("--remove-late-duplicates")
    {
        Description = "Remove second copies that an interrupted run has left in the target, if nobody has touched them. Requires UIDPLUS.",
    };

    private static readonly Option<bool> s_allowDeletions = new("--allow-deletions")
    {
        Description =
            "For jobs that follow the source (\"follow\"): delete at the target what was deleted at the source, however many messages that "
            + "are, and although a folder is empty or gone there.",
    };

    private static readonly Option<bool> s_again = new("--again")
    {
        Description =
            "For mailboxes that were switched (\"migrator cutover\"), follow the source again; for those that were taken back "
            + "(\"migrator undo\"), begin from the beginning.",
    };

    private static readonly Option<string?> s_plan = new("--plan")
    {
        Description = "Do what this plan says, and nothing else. The JSON file of \"migrator plan\"; for several mailboxes, its directory.",
        HelpName = "PATH",
    };

    private static readonly Option<int?> s_drift = NumberOption.Create(
        "--drift",
        "With --plan: messages that may have arrived in a folder, or gone, since the plan was made, in percent of the folder. Beyond "
            + "that, the folder is left as it is. "
            + $"[default: {AppliedPlan.DefaultPercent}, and never fewer than {AppliedPlan.AtLeast} messages]",
        "PERCENT",
        0,
        100
    );

    private static readonly Option<bool> s_dryRun = new("--dry-run") { Description = "Show what a run would do; change nothing." };

    private static Command Run()
    {
        var name = JobArgument.Create();
        var failed = new Option<bool>("--failed") { Description = "Only mailboxes of the job whose last run was not complete." };
        var command = new Command("run", "Run a job: migrate or back up its mailboxes. Later runs transfer only what is new.")
        {
            name,
            s_only,
            failed,
            s_removeLate,
            s_allowDeletions,
            s_again,
            s_plan,
            s_drift,
            s_dryRun,
        };
        command.Does(
            AuditEvent.JobRun,
            (parsed, context, stop) =>
            {
                var job = JobArgument.Read(parsed.GetRequiredValue(name), context);
                if (parsed.GetValue(s_removeLate))
                    job = JobOptions.With(job, options => options with { RemoveLateDuplicates = true });
                if (parsed.GetValue(s_allowDeletions))
                    job = JobOptions.With(job, options => options with { AllowDeletions = true });
                if (parsed.GetValue(s_again))
                    job = JobOptions.With(job, options => options with { Again = true });
                var (given, drift) = (parsed.GetValue(s_only) ?? [], parsed.GetValue(s_drift));
                if (drift is not null && parsed.GetValue(s_plan) is null)
                    throw Wrong(s_drift, "is for --plan.");
                if (parsed.GetValue(s_dryRun) && (parsed.GetValue(s_plan) is not null || parsed.GetValue(failed)))
                    throw Wrong(s_dryRun, "shows what a run of the job would do: give neither --plan nor --failed with it.");
                if (parsed.GetValue(s_dryRun))
                    return OfJob.RunAsync(job, given, JobTask.Check, CheckCommand.RunAsync, CheckCommand.RunAsync, context, stop);
                var only = MailboxSelection.Of(job, given);
                if (parsed.GetValue(s_plan) is { } plan)
                {
                    (job, var planned) = PlanCommand.Apply(job, plan, drift ?? AppliedPlan.DefaultPercent);
                    only = [.. planned.Where(name => only is null || only.Contains(name))];
                }
                Warn(job, context);
                // Of one mailbox, a manual run is not recorded: whether it failed is not known, and a further one does no harm.
                return job.IsOneMailbox && !job.IsUpkeep
                    ? RunCommand.RunAsync(job.Mailboxes[0].Job, context, stop)
                    : JobRunCommand.RunAsync(job, only, parsed.GetValue(failed), context, stop);
            },
            onlyReads: parsed => parsed.GetValue(s_dryRun)
        );
        return command;
    }

    private static Command Check()
    {
        var which = JobArgument.Create();
        var command = new Command("check", "Log in to both sides of a job and show what a run would do. Changes nothing.")
        {
            which,
            s_only,
        };
        command.Does(
            CommandActs.OnlyReads,
            (parsed, context, stop) =>
                OfJob.RunAsync(
                    JobArgument.Read(parsed.GetRequiredValue(which), context),
                    parsed.GetValue(s_only) ?? [],
                    JobTask.Check,
                    CheckCommand.RunAsync,
                    CheckCommand.RunAsync,
                    context,
                    stop
                )
        );
        return command;
    }

    private static Command Copy()
    {
        var source = new Argument<string>("source")
        {
            Description = $"Account to copy from: {AccountPairOptions.Form} Or a mail address, whose server is then searched for.",
            HelpName = "SOURCE",
        };
        var target = new Argument<string>("target") { Description = "Account to copy to, in the same form.", HelpName = "TARGET" };
        var pair = new AccountPairOptions(
            "Copy",
            "Copy everything below this folder of the target: INBOX to FOLDER/INBOX. [default: same paths as at the source]"
        );
        var verify = new Option<bool>("--verify") { Description = "Verify afterwards." };
        var command = new Command("copy", "Copy one mailbox without a job file. Passwords are prompted for, or read from the environment.")
        {
            source,
            target,
        };
        pair.AddTo(command, verify);
        command.Add(s_removeLate);
        command.Does(
            AuditEvent.MailboxCopied,
            async (parsed, context, stop) =>
            {
                var job = await pair.JobAsync(
                    "copy",
                    parsed.GetRequiredValue(source),
                    parsed.GetRequiredValue(target),
                    parsed,
                    context,
                    stop
                );
                var code = await RunCommand.RunAsync(
                    parsed.GetValue(s_removeLate) ? JobOptions.With(job, options => options with { RemoveLateDuplicates = true }) : job,
                    context,
                    stop
                );
                if (!parsed.GetValue(verify) || code is not (ExitCode.Success or ExitCode.Incomplete))
                    return code;
                var verified = await VerifyCommand.RunAsync(job, new HashSet<Rewrite>(), new RunProgress(), context, stop);
                return verified.ExitCode == ExitCode.Success ? code : verified.ExitCode;
            }
        );
        return command;
    }

    private static ConfigurationException Wrong(Option option, string why) =>
        new("command line", [new ConfigurationError(option.Name, why)]);

    private static void Warn(JobDefinition job, CommandContext context) =>
        new Exposures(context).Warn(job.Mailboxes.Select(mailbox => mailbox.Job), job.Notify);
}
