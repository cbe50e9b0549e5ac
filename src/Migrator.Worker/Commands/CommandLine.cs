using System.CommandLine;
using System.CommandLine.Parsing;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Worker.Execution;
using Migrator.Worker.Hosting;
using Migrator.Worker.Output;
using Migrator.Worker.Settings;

namespace Migrator.Worker.Commands;

/// <summary>What can be typed, and which command it leads to.</summary>
public static class CommandLine
{
    private static readonly Option<DirectoryInfo?> s_state = new("--state")
    {
        Description = "Directory for checkpoints, spool and reports. Default: the setting StateDirectory, else a directory of this user.",
        Recursive = true,
    };

    private static readonly Option<bool> s_json = new("--json") { Description = "Write one JSON object a line instead of text for people.", Recursive = true };

    private static readonly Option<bool> s_verbose = new("--verbose", "-v") { Description = "Log to standard error what happens.", Recursive = true };

    private static readonly Option<DirectoryInfo?> s_settings = new("--settings")
    {
        Description = "Directory with an appsettings.json of your own. Default: the environment variable MIGRATOR_SETTINGS.",
        Recursive = true,
    };

    private static readonly Option<string[]> s_set = new("--set") { Description = "A setting, such as Worker:AtOnce=20; may be given more than once.", Recursive = true };

    private static readonly Option<DirectoryInfo?> s_protocol = new("--protocol-log")
    {
        Description = "Write each connection into a file of this directory: commands and responses, without passwords and without the contents of messages.",
        Recursive = true,
    };

    public static RootCommand Create()
    {
        var root = Root();
        ForbidEmpty(root);
        return root;
    }

    /// <summary>An empty argument is mostly a variable of a script that is not set: the command must not go on as if nothing, or everything, had been
    /// asked for.</summary>
    private static void ForbidEmpty(Command command)
    {
        foreach (var argument in command.Arguments)
        {
            argument.Validators.Add(result => Check(result, $"<{argument.Name}>"));
            // Else it would be the name of a job or an archive that starts with a hyphen.
            argument.Validators.Add(result =>
            {
                foreach (var token in result.Tokens.Where(token => token.Value.StartsWith('-')))
                    result.AddError($"'{token.Value}' is no option of this command.");
            });
        }
        // What --only names is looked for among the mailboxes of the job, and told with them.
        foreach (var option in command.Options.Where(option => option.Name != "--only"))
            option.Validators.Add(result => Check(result, option.Name));
        foreach (var subcommand in command.Subcommands)
            ForbidEmpty(subcommand);

        static void Check(SymbolResult result, string name)
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
                result.AddError($"{name} must not be empty.");
        }
    }

    private static RootCommand Root() => new("Moves mailboxes between servers and keeps them in archives: every message once, octet for octet, with proof.")
    {
        s_state,
        s_json,
        s_verbose,
        s_settings,
        s_set,
        s_protocol,
        Run(),
        Copy(),
        OfJob("check", "Connect to both ends and show what a run would do. Changes nothing.", CheckCommand.RunAsync, BackupCommand.CheckAsync),
        OfJob("verify", "Read both ends and compare them, message by message. Changes nothing.", VerifyCommand.RunAsync, BackupCommand.VerifyAsync),
        ServeCommand.Create(),
        StatusCommand.Create(),
        JobsCommand.Create(),
        NotifyCommand.Create(),
        AuditCommand.Create(),
        ArchiveCommandLine.Archive(),
        ArchiveCommandLine.Restore(),
        ArchiveCommandLine.Export(),
        ArchiveCommandLine.Import(),
    };

    private static readonly Option<string[]> s_only = new("--only") { Description = "Only this mailbox of the job; may be given more than once." };

    private static readonly Option<bool> s_removeLate = new("--remove-late-duplicates")
    {
        Description = "Remove from the target second copies that an interrupted run sent and that nobody has touched. Needs UIDPLUS.",
    };

    private static Command Run()
    {
        var name = JobArgument.Create();
        var failed = new Option<bool>("--failed") { Description = "Only the mailboxes of the job whose last run was not complete." };
        var command = new Command("run", "Copy or archive what a job file names; again and again, only what is new.") { name, s_only, failed, s_removeLate };
        command.Does(AuditEvent.JobRun, (parsed, surroundings, stop) =>
        {
            var job = JobArgument.Read(parsed.GetRequiredValue(name), surroundings);
            if (parsed.GetValue(s_removeLate))
                job = job with { Mailboxes = [.. job.Mailboxes.Select(mailbox => mailbox with { Job = RemovingLate(mailbox.Job) })] };
            var only = Selection.Of(job, parsed.GetValue(s_only) ?? []);
            Warn(job, surroundings);
            // Of one mailbox, a run by hand is on no record: whether it failed is not known, and a further one does no harm.
            return job.IsOneMailbox && !job.IsUpkeep ? RunCommand.RunAsync(job.Mailboxes[0].Job, surroundings, stop)
                : RoundCommand.RunAsync(job, only, parsed.GetValue(failed), surroundings, stop);
        });
        return command;
    }

    private static Command OfJob(string name, string description, Func<MigrateJob, Surroundings, CancellationToken, Task<int>> migrate, Func<BackupJob, OpenArchives, Surroundings, CancellationToken, Task<int>> backup)
    {
        var which = JobArgument.Create();
        var command = new Command(name, description) { which, s_only };
        command.Does(CommandActs.OnlyReads, (parsed, surroundings, stop) =>
        {
            var job = JobArgument.Read(parsed.GetRequiredValue(which), surroundings);
            var archives = new OpenArchives();
            Warn(job, surroundings);
            return EachMailbox.RunAsync(job, Selection.Of(job, parsed.GetValue(s_only) ?? []), (one, where) => one switch
            {
                BackupJob of => backup(of, archives, where, stop),
                MigrateJob of => migrate(of, where, stop),
                UpkeepJob => throw new JobFileException(job.Name, [new JobFileError("$", "is the upkeep of an archive, not of a mailbox. \"migrator archive check\" looks at the archive.")]),
                _ => throw new InvalidOperationException($"A job of an unknown kind: {one.GetType()}."),
            }, surroundings, stop);
        });
        return command;
    }

    private static Command Copy()
    {
        const string form = "imaps://USER@HOST (TLS), imap://USER@HOST (STARTTLS) or imap://USER@HOST?tls=none; options after \"?\": auth, fingerprint, ca.";
        var source = new Argument<string>("source") { Description = $"The old account: {form}" };
        var target = new Argument<string>("target") { Description = "The new account, likewise." };
        var sourcePassword = Password("source");
        var targetPassword = Password("target");
        var include = new Option<string[]>("--include") { Description = "Copy only folders that match this pattern; may be given more than once." };
        var exclude = new Option<string[]>("--exclude") { Description = "Leave out folders that match this pattern; may be given more than once." };
        var verify = new Option<bool>("--verify") { Description = "Compare both ends afterwards." };
        var command = new Command("copy", "Copy one mailbox without a job file. Passwords are asked for, or taken from the environment.")
        {
            source, target, sourcePassword, targetPassword, include, exclude, verify, s_removeLate,
        };
        command.Does(AuditEvent.MailboxCopied, async (parsed, surroundings, stop) =>
        {
            var job = CopyJob.Create(parsed.GetRequiredValue(source), parsed.GetValue(sourcePassword), parsed.GetRequiredValue(target), parsed.GetValue(targetPassword),
                parsed.GetValue(include) ?? [], parsed.GetValue(exclude) ?? []);
            new Exposures(surroundings).Warn([job], null);
            var code = await RunCommand.RunAsync(parsed.GetValue(s_removeLate) ? RemovingLate(job) : job, surroundings, stop).ConfigureAwait(false);
            if (!parsed.GetValue(verify) || code is not (ExitCode.Success or ExitCode.Incomplete))
                return code;
            var verified = await VerifyCommand.RunAsync(job, surroundings, stop).ConfigureAwait(false);
            return verified == ExitCode.Success ? code : verified;
        });
        return command;
    }

    private static void Warn(JobDefinition job, Surroundings surroundings) => new Exposures(surroundings).Warn(job.Mailboxes.Select(mailbox => mailbox.Job), job.Notify);

    private static Job RemovingLate(Job job) => job is MailboxJob mailbox ? mailbox with { Options = mailbox.Options with { RemoveLateDuplicates = true } } : job;

    private static Option<string?> Password(string end) => new($"--{end}-password")
    {
        Description = $"Where the {end} password is: env:NAME, file:PATH, setting:NAME or prompt. Default: env:{CopyJob.PasswordVariable(end)} where that is set, else prompt.",
    };

    internal static Func<Task<Surroundings>> Here(ParseResult parsed, CancellationToken stop) => async () => OwnFiles.Tightened(new Surroundings(parsed.GetValue(s_state)?.FullName, parsed.GetValue(s_json), parsed.GetValue(s_verbose),
        await ConfigurationLoader.ReadAsync(parsed.GetValue(s_settings)?.FullName, [.. parsed.GetValue(s_set) ?? [], .. parsed.GetValue(s_protocol) is { } logs ? new[] { $"Logging:Protocol={logs.FullName}" } : []], stop).ConfigureAwait(false)));
}
