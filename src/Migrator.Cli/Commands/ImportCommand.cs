using Microsoft.Extensions.Logging;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.App.Settings;
using Migrator.Core.Backups;
using Migrator.Core.Blobs;
using Migrator.Core.Discovery;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Files.Reading;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator import</c>.</summary>
internal static class ImportCommand
{
    public static async Task<int> RunAsync(ImportRequest request, CommandContext context, CancellationToken stop)
    {
        // Opened once, so that what is wrong with the files is said before anything is asked for, and so that all sessions see the same
        // mail in them.
        await using var files = await FileSource.OpenAsync(request.Directory, request.Format, stop, request.Labels);
        Task<IMailSource> OpenAsync(IUidMap _, CancellationToken token) => Task.FromResult<IMailSource>(files.Again());

        var name = request.Mailbox ?? $"file://{request.Directory}";
        var to = IsAddress(request.To, context)
            ? await new FoundAccounts(context, request.Yes).UrlAsync(request.To, "--to", toWrite: true, stop)
            : request.To;
        if (to.StartsWith("imap", StringComparison.OrdinalIgnoreCase) && to.Contains("://", StringComparison.Ordinal))
        {
            var server = MailServerUrl.Parse(to, "--to", CopyJob.Reference(request.Password, "target"), request.Admin);
            new Exposures(context).Warn(server, "--to");
            var transfer = new Transfer("import", name, server.Account, FolderRules.All, RunOptions.Default) { Purpose = Purpose.Import };
            await using var store = context.Stores.OpenCheckpoints();
            var migration = new Migration(
                transfer,
                new MailboxEndpoints(OpenAsync, context.Sessions.Target(server)),
                store,
                context.Paths.SpoolOf(transfer),
                context.Time,
                context.Loggers.CreateLogger<Migration>()
            );
            return await PausingRun.RunAsync(
                transfer.Name,
                progress => ImportReport.MakeAsync(files, migration.RunAsync(progress, stop)),
                context,
                stop
            );
        }
        RequestCount.Begin();
        var reference = ArchiveArgument.Read(request.To, request.Passphrase, context);
        new Exposures(context).Warn(reference);
        var archive = await context.Stores.Archive(reference).OpenAsync(ArchiveUse.Write, stop);
        var into = new Transfer("import", name, archive.Location, FolderRules.All, RunOptions.Default) { Purpose = Purpose.Import };
        var backup = new Backup(
            into,
            OpenAsync,
            archive,
            SourceDeletionPolicy.Never,
            context.Paths.SpoolOf(into),
            context.Time,
            context.Loggers.CreateLogger<Backup>()
        );
        var progress = new RunProgress();
        return await new CommandOutput(context).ReportAsync(progress, () => ImportReport.MakeAsync(files, backup.RunAsync(progress, stop)));
    }

    // A job may be named like an address, and a directory too, where its path says that it is one.
    private static bool IsAddress(string to, CommandContext context) =>
        MailboxAddress.IsMeant(to)
        && !to.Contains('/', StringComparison.Ordinal)
        && !to.Contains('\\', StringComparison.Ordinal)
        && !File.Exists(to)
        && Stores.Jobs(WorkerSettings.Read(context.Settings)).Find(to) is null;
}
