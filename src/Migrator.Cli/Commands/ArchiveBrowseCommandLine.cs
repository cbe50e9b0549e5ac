using System.CommandLine;
using Migrator.App.Commands;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;

namespace Migrator.Cli.Commands;

/// <summary>What can be typed to look into archives.</summary>
internal static class ArchiveBrowseCommandLine
{
    public static Command Snapshots()
    {
        var mailbox = ArchiveOptions.Mailbox();
        return ArchiveCommandBuilder.OfReading(
            "snapshots",
            "List snapshots.",
            [mailbox],
            (archive, parsed, context, stop) => ArchiveBrowseCommands.SnapshotsAsync(archive, parsed.GetValue(mailbox), context, stop)
        );
    }

    public static Command List()
    {
        var folder = new Option<string?>("--folder")
        {
            Description = "List the messages in this folder. [default: list folders]",
            HelpName = "FOLDER",
        };
        var (mailbox, at) = (ArchiveOptions.Mailbox(), ArchiveOptions.At());
        return ArchiveCommandBuilder.OfReading(
            "ls",
            "List the folders of a snapshot, or the messages in a folder.",
            [folder, mailbox, at],
            (archive, parsed, context, stop) =>
                ArchiveBrowseCommands.ListAsync(
                    archive,
                    parsed.GetValue(mailbox),
                    parsed.GetValue(at),
                    parsed.GetValue(folder),
                    context,
                    stop
                )
        );
    }

    public static Command Find()
    {
        var find = new ArchiveFind();
        var command = ArchiveCommandBuilder.OfReading(
            "find",
            "Find messages in all snapshots by header, date, size and folder. All conditions must match.",
            find.Options,
            find.RunAsync
        );
        command.Arguments.Add(find.Text);
        return command;
    }

    public static Command Cat()
    {
        var folder = new Option<string>("--folder")
        {
            Description = "Folder of the message given by --uid.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => "INBOX",
        };
        var uid = NumberOption.Create<uint>("--uid", "UID of the message, as shown by ls and find.", "UID", 1, uint.MaxValue);
        var (mailbox, at, message) = (ArchiveOptions.ExactMailbox(), ArchiveOptions.At(), MessageArgument.OneOption());
        return ArchiveCommandBuilder.OfReading(
            "cat",
            "Write one message to standard output, byte for byte.",
            [message, folder, uid, mailbox, at],
            act: AuditEvent.MailShown,
            run: (archive, parsed, context, stop) =>
                (parsed.GetValue(message), parsed.GetValue(uid)) switch
                {
                    ({ } id, null) => ArchiveBrowseCommands.CatAsync(
                        archive,
                        parsed.GetValue(mailbox),
                        parsed.GetValue(at),
                        id,
                        context,
                        stop
                    ),
                    (null, { } number) => ArchiveBrowseCommands.CatAsync(
                        archive,
                        parsed.GetValue(mailbox),
                        parsed.GetValue(at),
                        parsed.GetRequiredValue(folder),
                        number,
                        context,
                        stop
                    ),
                    _ => throw new ConfigurationException(
                        "command line",
                        [new ConfigurationError("--message", "or --uid says which message, one of the two.")]
                    ),
                }
        );
    }

    public static Command Stats() =>
        ArchiveCommandBuilder.OfReference(
            "stats",
            CommandActs.OnlyReads,
            "Show size, deduplication, growth and estimated cost.",
            [],
            (reference, _, context, stop) => ArchiveStats.RunAsync(reference, context, stop)
        );
}
