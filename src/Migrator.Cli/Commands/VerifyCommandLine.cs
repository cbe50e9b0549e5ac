using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator verify</c>: what can be typed.</summary>
internal static class VerifyCommandLine
{
    public static Command Create()
    {
        var job = new Argument<string>("job")
        {
            Description =
                "A job file, or the name of a job in the jobs directory. With TARGET, the account that was copied from, whatever copied "
                + $"it: {AccountPairOptions.Form} Or a mail address, whose server is then searched for.",
            HelpName = "JOB|SOURCE",
        };
        job.CompletionSources.Add(JobCompletions.Jobs);
        var target = new Argument<string?>("target")
        {
            Description = "Account that was copied to, in the same form.",
            HelpName = "TARGET",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var (only, tolerate) = (JobArgument.Only(), TolerateOption.Create());
        var pair = new AccountPairOptions(
            "Compare",
            "Compare with what is below this folder of the target: INBOX with FOLDER/INBOX. [default: same paths as at the source]"
        );
        var command = new Command("verify", "Compare source and target message by message. Changes nothing.")
        {
            job,
            target,
            only,
            tolerate,
        };
        pair.AddTo(command);
        command.Does(
            CommandActs.OnlyReads,
            async (parsed, context, stop) =>
            {
                var (first, accepted) = (parsed.GetRequiredValue(job), parsed.GetValue(tolerate) ?? new HashSet<Rewrite>());
                if (parsed.GetValue(target) is { } other)
                {
                    Forbid(parsed.GetResult(only) is { Implicit: false } ? only : null, "is for a job; SOURCE and TARGET are one mailbox.");
                    var accounts = await pair.JobAsync("verify", first, other, parsed, context, stop);
                    return (await VerifyCommand.RunAsync(accounts, accepted, new RunProgress(), context, stop)).ExitCode;
                }
                Forbid(pair.Given(parsed), "is for SOURCE and TARGET; a job has it in its file.");
                if (first.Contains("://", StringComparison.Ordinal))
                    throw Wrong("target", "is missing: give SOURCE and TARGET, or a job.");
                var read = JobArgument.Read(first, context);
                Forbid(
                    accepted.Count > 0 && read.Mailboxes.Any(mailbox => mailbox.Job is not MigrateJob) ? tolerate : null,
                    "is for migrations: what an archive stores has no reason to be rewritten."
                );
                return await OfJob.RunAsync(
                    read,
                    parsed.GetValue(only) ?? [],
                    JobTask.Verify,
                    (mailbox, progress, where, token) => VerifyCommand.RunAsync(mailbox, accepted, progress, where, token),
                    BackupCommand.VerifyAsync,
                    context,
                    stop
                );
            }
        );
        return command;
    }

    private static void Forbid(Option? given, string why)
    {
        if (given is not null)
            throw Wrong(given.Name, why);
    }

    private static ConfigurationException Wrong(string what, string why) => new("command line", [new ConfigurationError(what, why)]);
}
