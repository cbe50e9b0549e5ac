using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Archives;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator archive upkeep</c> and <c>accept-shrunk</c>.</summary>
internal static class UpkeepCommand
{
    public static Command Create()
    {
        var which = JobArgument.Create();
        var command = new Command("upkeep", "Run the upkeep of a backup job now: restore test, check and prune, as its job file says.")
        {
            which,
        };
        command.Does(
            AuditEvent.UpkeepRun,
            (parsed, context, stop) =>
            {
                var job = JobArgument.Read(parsed.GetRequiredValue(which), context);
                var upkeep = job.IsUpkeep
                    ? job
                    : UpkeepJobs.Of(job)
                        ?? throw new ConfigurationException(
                            job.File,
                            [new ConfigurationError("$.upkeep", "does not specify what to do; give restoreTest, check or prune.")]
                        );
                return JobRunCommand.RunAsync(upkeep, null, false, context, stop);
            },
            Purpose.Archive
        );
        return command;
    }

    /// <summary>A loss of messages is meant: prune may continue.</summary>
    public static async Task<int> AcceptAsync(
        Archive archive,
        string? mailbox,
        MailboxMatch match,
        ShrunkRule rule,
        CommandContext context,
        CancellationToken stop
    )
    {
        var accepted = await Shrinkage.AcceptAsync(archive, mailbox, match, rule, stop);
        new CommandOutput(context).Say(
            new JsonLine("acceptShrunk")
            {
                { "archive", archive.Location },
                { "mailbox", accepted.Mailbox },
                { "shrunk", accepted.Loss },
            },
            accepted.Loss is { } loss
                ? $"{loss.Mailbox}: the loss of {Format.Count(loss.Had - loss.Has, "message")} up to snapshot {loss.Newest.Id} is "
                    + "accepted. Prune removes snapshots of it again by its rules."
                : $"{accepted.Mailbox} has not lost more messages than usual: there is nothing to accept."
        );
        return ExitCode.Success;
    }
}
