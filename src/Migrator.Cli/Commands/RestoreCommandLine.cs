using System.CommandLine;
using Migrator.App.Commands;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary>What can be typed to bring mail out of archives, and into them from files.</summary>
internal static class RestoreCommandLine
{
    public static Command Restore()
    {
        var (mailbox, at, message) = (ArchiveOptions.ExactMailbox(), ArchiveOptions.At(complete: true), MessageArgument.Option("Restore"));
        var folder = new Option<string[]>("--folder")
        {
            Description = "Restore only folders that match this pattern (repeatable). [default: all]",
            HelpName = "PATTERN",
        };
        var to = new Option<string>("--to")
        {
            Description =
                "Account to restore to, such as imaps://ann@imap.example.org; or a mail address, whose server is then searched for.",
            HelpName = "URL",
            Required = true,
        };
        var (password, admin, yes) = (ArchiveOptions.Password(), ArchiveOptions.Admin(), FoundAccounts.Yes());
        var mode = ChoiceOption.Create(
            "--mode",
            "missing: append missing messages, change nothing else. side: restore to a separate folder, \"Restored ...\". "
                + "exact: make the folders what they were; other messages are moved to a separate folder, never deleted.",
            "missing",
            "missing",
            "side",
            "exact"
        );
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be restored; change nothing." };
        return ArchiveCommandBuilder.OfMailbox(
            "restore",
            AuditEvent.MailRestored,
            "Restore a mailbox from a snapshot.",
            mailbox,
            [at, folder, message, to, password, admin, yes, mode, dryRun],
            async (archive, name, match, parsed, context, stop) =>
                await RestoreCommand.RunAsync(
                    archive,
                    new RestoreRequest(
                        name,
                        match,
                        parsed.GetValue(at),
                        parsed.GetValue(folder) ?? [],
                        parsed.GetValue(message) ?? [],
                        MailServerUrl.Parse(
                            await new FoundAccounts(context, parsed.GetValue(yes)).UrlAsync(
                                parsed.GetRequiredValue(to),
                                "--to",
                                toWrite: true,
                                stop
                            ),
                            "--to",
                            CopyJob.Reference(parsed.GetValue(password), "target"),
                            parsed.GetValue(admin)
                        ),
                        parsed.GetValue(mode)!,
                        parsed.GetValue(dryRun)
                    ),
                    context,
                    stop
                ),
            Purpose.Restore,
            onlyReads: parsed => parsed.GetValue(dryRun)
        );
    }

    public static Command Export()
    {
        var (mailbox, at, message, format) = (
            ArchiveOptions.ExactMailbox(),
            ArchiveOptions.At(complete: true),
            MessageArgument.Option("Export"),
            ArchiveOptions.Format()
        );
        var to = new Option<string>("--to")
        {
            Description = "Directory to write to; must be empty or not exist.",
            HelpName = "DIR",
            Required = true,
        };
        var folder = new Option<string[]>("--folder")
        {
            Description = "Export only folders that match this pattern (repeatable). [default: all]",
            HelpName = "PATTERN",
        };
        return ArchiveCommandBuilder.OfMailbox(
            "export",
            AuditEvent.MailExported,
            "Export a mailbox to files that other programs can read.",
            mailbox,
            [at, folder, message, format, to],
            (archive, name, match, parsed, context, stop) =>
                ExportCommand.RunAsync(
                    archive,
                    name,
                    match,
                    parsed.GetValue(at),
                    parsed.GetValue(folder) ?? [],
                    parsed.GetValue(message) ?? [],
                    ArchiveOptions.FormatOf(parsed.GetRequiredValue(format)),
                    Path.GetFullPath(parsed.GetRequiredValue(to)),
                    context,
                    stop
                ),
            Purpose.Export
        );
    }

    public static Command Import()
    {
        var directory = new Argument<string>("directory")
        {
            Description = "Directory with the files: an export, or mail files of another program. For mbox, a single file works too.",
            HelpName = "DIR",
        };
        var format = ArchiveOptions.Format();
        var to = new Option<string>("--to")
        {
            Description =
                "An account (imaps://ann@imap.example.org, or its mail address), or an archive: a backup job or a directory (./DIR or "
                + "/DIR).",
            HelpName = "TARGET",
            Required = true,
        };
        var (password, admin, yes) = (ArchiveOptions.Password(), ArchiveOptions.Admin(), FoundAccounts.Yes());
        var passphrase = ArchiveArgument.Reference("--passphrase", "Where the passphrase of the archive is");
        var name = new Option<string?>("--mailbox")
        {
            Description = "Name of the mailbox in the archive. [default: file:// and the directory]",
            HelpName = "MAILBOX",
        };
        var labels = ChoiceOption.Create(
            "--labels",
            "Gmail labels in a Google Takeout: turn them into folders and flags, or ignore them.",
            "folders",
            "folders",
            "ignore"
        );
        var command = new Command("import", "Import mail files into an account or an archive.")
        {
            directory,
            format,
            to,
            password,
            admin,
            yes,
            passphrase,
            name,
            labels,
        };
        command.Does(
            AuditEvent.MailImported,
            (parsed, context, stop) =>
                ImportCommand.RunAsync(
                    new ImportRequest(
                        Path.GetFullPath(parsed.GetRequiredValue(directory)),
                        ArchiveOptions.FormatOf(parsed.GetRequiredValue(format)),
                        parsed.GetRequiredValue(to),
                        parsed.GetValue(password),
                        parsed.GetValue(admin),
                        parsed.GetValue(passphrase),
                        parsed.GetValue(name),
                        parsed.GetRequiredValue(labels) == "folders",
                        parsed.GetValue(yes)
                    ),
                    context,
                    stop
                ),
            Purpose.Import
        );
        return command;
    }
}
