using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Auditing;
using Migrator.Core.Jobs;
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
        Description = "Migrate mailboxes whose migration was taken back (\"migrator undo\") from the beginning.",
    };

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
        };
        command.Does(
            AuditEvent.JobRun,
            (parsed, context, stop) =>
            {
                var job = JobArgument.Read(parsed.GetRequiredValue(name), context);
                if (parsed.GetValue(s_removeLate))
                    job = With(job, options => options with { RemoveLateDuplicates = true });
                if (parsed.GetValue(s_allowDeletions))
                    job = With(job, options => options with { AllowDeletions = true });
                if (parsed.GetValue(s_again))
                    job = With(job, options => options with { Again = true });
                var only = MailboxSelection.Of(job, parsed.GetValue(s_only) ?? []);
                Warn(job, context);
                // Of one mailbox, a manual run is not recorded: whether it failed is not known, and a further one does no harm.
                return job.IsOneMailbox && !job.IsUpkeep
                    ? RunCommand.RunAsync(job.Mailboxes[0].Job, context, stop)
                    : JobRunCommand.RunAsync(job, only, parsed.GetValue(failed), context, stop);
            }
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
                    parsed.GetValue(s_removeLate) ? With(job, options => options with { RemoveLateDuplicates = true }) : job,
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

    private static void Warn(JobDefinition job, CommandContext context) =>
        new Exposures(context).Warn(job.Mailboxes.Select(mailbox => mailbox.Job), job.Notify);

    private static JobDefinition With(JobDefinition job, Func<RunOptions, RunOptions> change) =>
        job with
        {
            Mailboxes = [.. job.Mailboxes.Select(mailbox => mailbox with { Job = With(mailbox.Job, change) })],
        };

    private static Job With(Job job, Func<RunOptions, RunOptions> change) =>
        job is MailboxJob mailbox ? mailbox with { Options = change(mailbox.Options) } : job;
}
