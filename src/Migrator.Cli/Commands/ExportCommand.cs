using Migrator.App.Hosting;
using Migrator.Core.Archives;
using Migrator.Core.Exports;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Files;
using Migrator.Files.Writing;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator export</c>.</summary>
internal static class ExportCommand
{
    public static async Task<int> RunAsync(
        Archive archive,
        string? mailbox,
        MailboxMatch match,
        string? at,
        IReadOnlyList<string> folders,
        IReadOnlyList<string> messages,
        FileFormat format,
        string directory,
        CommandContext context,
        CancellationToken stop
    )
    {
        var given = await MessageArgument.FindAsync(archive, mailbox, match, at, folders, messages, stop);
        var (name, snapshot) = (given.Name, given.Snapshot);
        context.Outcome = $"snapshot {name.Id} of {snapshot.Mailbox}";
        var choice = new FolderChoice(FolderArgument.Rules(snapshot, folders));
        await OfflineMail.EnsureNoneAsync(archive, snapshot, (folder, _) => choice.Includes(folder), context, stop);
        await using var source = await given.Sessions(stop);
        var (progress, screen, started) = (new RunProgress(), new CommandOutput(context), context.Time.GetUtcNow());
        foreach (var warning in given.Warnings)
            progress.Notice(warning);
        progress.Notice($"Exporting {given.Words}.");
        var missing = MissingItems.Of(snapshot, choice);
        foreach (var words in missing)
            progress.Notice(words);
        return await screen.ReportAsync(
            progress,
            async () =>
            {
                var listed = await source.ListFoldersAsync(stop);
                using var files = FileMailboxWriter.Create(directory, format, context.Time);
                var report = await new Export(source, files).RunAsync(
                    [.. listed.Where(folder => choice.Includes(folder.Path))],
                    progress,
                    stop
                );
                return new RunReport(
                    "export",
                    $"{archive.Location}#{name.Id}",
                    directory,
                    started,
                    context.Time.GetUtcNow(),
                    report.IsComplete && missing.Count == 0 && !given.IsOlder ? RunOutcome.Complete : RunOutcome.Partial,
                    report.Folders,
                    report.Failures,
                    [],
                    [.. progress.Notices],
                    null
                )
                {
                    Operation = Operation.Export,
                }.For(Purpose.Export);
            }
        );
    }
}
