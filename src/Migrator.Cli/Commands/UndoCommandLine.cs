using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator undo</c>: what can be typed.</summary>
internal static class UndoCommandLine
{
    private static readonly Option<string[]> s_mailbox = Mailbox();
    private static readonly Option<string?> s_into = new("--into")
    {
        Description = $"Folder of the target to move messages below; it must not exist yet. [default: {UndoRequest.DefaultPlace}]",
        HelpName = "NAME",
    };
    private static readonly Option<bool> s_expunge = new("--expunge")
    {
        Description = "The second step: remove for good what the first has moved and nobody has touched since. Requires UIDPLUS.",
    };
    private static readonly Option<bool> s_dryRun = new("--dry-run")
    {
        Description = "Change nothing; show what would be taken back, what stays, and which folders would be deleted.",
    };
    private static readonly Option<bool> s_yes = new("--yes") { Description = "With --expunge: do not ask." };

    public static Command Create()
    {
        var name = JobArgument.Create();
        var command = new Command(
            "undo",
            "Take a migration back: move what was delivered, and is unchanged since, to a separate folder of the target."
        )
        {
            name,
            s_mailbox,
            s_into,
            s_expunge,
            s_dryRun,
            s_yes,
        };
        command.Does(
            // A trial is not recorded; the others are, below.
            CommandActs.OnlyReads,
            (parsed, context, stop) =>
                CommandActs.RecordedAsync(
                    context,
                    parsed.GetValue(s_dryRun) ? CommandActs.OnlyReads : AuditEvent.JobUndone,
                    CommandActs.Subject(parsed),
                    () => RunAsync(parsed, parsed.GetRequiredValue(name), context, stop)
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string name, CommandContext context, CancellationToken stop)
    {
        var request = Request(parsed);
        var job = JobArgument.Read(name, context);
        if (job.Mailboxes.Any(mailbox => mailbox.Job is not MigrateJob))
            throw new ConfigurationException(
                job.File,
                [
                    new ConfigurationError(
                        "$",
                        "is not a migration. \"migrator undo\" takes back what a migration has delivered to a mail server; snapshots of an "
                            + "archive are removed by \"migrator archive prune\"."
                    ),
                ]
            );
        var only = MailboxSelection.Of(job, parsed.GetValue(s_mailbox) ?? [], s_mailbox.Name);
        if (request is { Removes: true, IsTrial: false } && !parsed.GetValue(s_yes) && !await ConfirmsAsync(job, only, context, stop))
        {
            new CommandOutput(context).Say(new JsonLine("nothing") { { "job", job.Name } }, "Nothing was removed.");
            return ExitCode.Success;
        }
        new Exposures(context).Warn(job.Mailboxes.Select(mailbox => mailbox.Job), job.Notify);
        return await MailboxFanOut.RunAsync(
            job,
            only,
            JobTask.Undo,
            (mailbox, progress, where) => UndoCommand.RunAsync((MigrateJob)mailbox, request, progress, where, stop),
            context,
            stop
        );
    }

    private static Task<bool> ConfirmsAsync(
        JobDefinition job,
        IReadOnlyCollection<string>? only,
        CommandContext context,
        CancellationToken stop
    )
    {
        var confirmation = new Confirmation(context);
        if (!confirmation.CanAsk)
            throw Wrong(s_yes.Name, "is required where nobody can be asked: messages are removed for good.");
        var mailboxes = only?.Count ?? job.Mailboxes.Count;
        return confirmation.AskAsync(
            $"Remove the messages of {mailboxes:N0} mailbox{(mailboxes == 1 ? "" : "es")} that were taken back, for good?",
            stop
        );
    }

    private static UndoRequest Request(ParseResult parsed)
    {
        var (into, removes) = (parsed.GetValue(s_into), parsed.GetValue(s_expunge));
        if (removes && into is not null)
            throw Wrong(s_into.Name, "is for the first step; the second removes from where that has moved messages.");
        if (!removes && parsed.GetValue(s_yes))
            throw Wrong(s_yes.Name, "is for --expunge; the first step removes nothing and does not ask.");
        return new UndoRequest(into is null ? UndoRequest.DefaultPlace : Place(into), removes, parsed.GetValue(s_dryRun));
    }

    private static FolderPath Place(string text)
    {
        try
        {
            return FolderRules.ParseInto(text) is { Names.Count: 1 } place
                ? place
                : throw new FormatException("is more than one level; give one name, such as \"Undone\".");
        }
        catch (FormatException exception)
        {
            throw Wrong(s_into.Name, exception.Message);
        }
    }

    private static Option<string[]> Mailbox()
    {
        var mailbox = new Option<string[]>("--mailbox", "--only")
        {
            Description = "Only this mailbox of the job (repeatable).",
            HelpName = "MAILBOX",
        };
        mailbox.CompletionSources.Add(JobCompletions.Mailboxes);
        return mailbox;
    }

    private static ConfigurationException Wrong(string what, string why) => new("command line", [new ConfigurationError(what, why)]);
}
