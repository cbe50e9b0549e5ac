using Microsoft.Extensions.Logging;
using Migrator.App.Commands;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Cli.Output;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator restore</c>.</summary>
internal static class RestoreCommand
{
    public static async Task<int> RunAsync(Archive archive, RestoreRequest request, CommandContext context, CancellationToken stop)
    {
        var mode = Enum.Parse<RestoreMode>(request.Mode, ignoreCase: true);
        if (mode == RestoreMode.Exact && request.Messages.Count > 0)
            throw new ConfigurationException(
                "command line",
                [
                    new ConfigurationError(
                        "--message",
                        "cannot be combined with --mode exact, which moves everything else aside. Use missing or side."
                    ),
                ]
            );
        new Exposures(context).Warn(request.Target, "--to");
        var given = await MessageArgument.FindAsync(
            archive,
            request.Mailbox,
            request.Match,
            request.At,
            request.Folders,
            request.Messages,
            stop
        );
        var (name, snapshot) = (given.Name, given.Snapshot);
        context.Outcome = $"snapshot {name.Id} of {snapshot.Mailbox}";
        var choice = new FolderChoice(FolderArgument.Rules(snapshot, request.Folders));
        var target = context.Sessions.Target(request.Target);
        var transfer = Restore.Plan(archive, name, snapshot, request.Target.Account, request.Folders, mode);
        List<string> notices = [.. given.Warnings, $"Restoring {given.Words}."];
        // What is missing at the target may all be readable: this stops nothing. What is not, fails separately, and a later restore brings
        // it.
        if (await OfflineMail.WordsAsync(archive, snapshot, (folder, _) => choice.Includes(folder), context, stop) is { } offline)
            notices.Add($"{offline} Messages in them are not restored now. {Reason.BlobOffline.Hint}");
        await using var store = context.Stores.OpenCheckpoints();
        if (request.DryRun)
        {
            var preflight = await Preflight.RunAsync(
                transfer,
                SourceDeletionPolicy.Never,
                new MailboxEndpoints((_, token) => given.Sessions(token), context.Sessions.Examine(request.Target)),
                store,
                new RunProgress(),
                context.Time,
                context.Loggers.CreateLogger<Preflight>(),
                stop
            );
            IReadOnlyList<string> missing = MissingItems.Of(snapshot, choice);
            return Show(
                preflight with
                {
                    Notices = [.. notices, .. missing, .. MovedAside(preflight, mode), .. preflight.Notices],
                },
                isWhole: !given.IsOlder && missing.Count == 0,
                context
            );
        }
        var restore = new Restore(
            snapshot,
            transfer,
            new MailboxEndpoints((_, token) => given.Sessions(token), target),
            store,
            mode,
            context.Paths.SpoolOf(transfer),
            context.Time,
            context.Loggers.CreateLogger<Restore>()
        );
        return await PausingRun.RunAsync(
            transfer.Name,
            async progress =>
            {
                foreach (var notice in notices)
                    progress.Notice(notice);
                var report = await restore.RunAsync(progress, stop);
                return given.IsOlder && report.Outcome == RunOutcome.Complete ? report with { Outcome = RunOutcome.Partial } : report;
            },
            context,
            stop
        );
    }

    /// <returns>The exit code that the restore would end with, as far as that is known.</returns>
    private static int Show(Preflight preflight, bool isWhole, CommandContext context)
    {
        var screen = new CommandOutput(context);
        if (context.Json)
            screen.Say(PreflightJson.Line(preflight, null));
        else
            PreflightView.Write(screen.Text, preflight, null);
        var code = PreflightResult.Of(preflight).ExitCode;
        return code == ExitCode.Success && !isWhole ? ExitCode.Incomplete : code;
    }

    /// <summary>Which messages these are, only their content tells.</summary>
    private static IEnumerable<string> MovedAside(Preflight preflight, RestoreMode mode)
    {
        var (there, wanted) = (
            preflight.Folders.Sum(folder => (long)folder.MessagesAtTarget),
            preflight.Folders.Sum(folder => Math.Min(folder.MessagesAtTarget, folder.Listed))
        );
        if (mode == RestoreMode.Exact && there > 0)
            yield return $"Of {Format.Count(there, "message")} in these folders at the target, those that the snapshot does not contain "
                + $"would be moved to a separate folder: {Format.Count(there - wanted)} or more.";
    }
}
