using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.Core.Auditing;

namespace Migrator.Cli.Commands;

/// <summary>What can be typed about the keys of archives.</summary>
internal static class ArchiveKeyCommandLine
{
    public static Command Key()
    {
        Option<string> derivation = ArchiveOptions.Derivation();
        var id = new Option<string>("--id")
        {
            Description = "ID of the key or the beginning of it, as shown by \"archive key list\".",
            HelpName = "ID",
            Required = true,
        };
        return new Command("key", "Manage the keys of an archive.")
        {
            ArchiveCommandBuilder.OfArchive(
                "list",
                CommandActs.OnlyReads,
                "List the keys.",
                [],
                (archive, _, context, stop) => ArchiveKeyCommands.ListAsync(archive, context, stop)
            ),
            ArchiveCommandBuilder.OfReference(
                "add",
                AuditEvent.KeyAdded,
                "Add a key.",
                [.. ArchiveKeyCommands.NewKey, derivation],
                (reference, parsed, context, stop) =>
                    ArchiveKeyCommands.AddAsync(
                        reference,
                        parsed,
                        ArchiveOptions.DerivationOf(parsed.GetRequiredValue(derivation)),
                        context,
                        stop
                    )
            ),
            ArchiveCommandBuilder.OfReference(
                "change",
                AuditEvent.KeyChanged,
                "Replace the key that was used to open the archive.",
                [.. ArchiveKeyCommands.NewKey, derivation],
                (reference, parsed, context, stop) =>
                    ArchiveKeyCommands.ChangeAsync(
                        reference,
                        parsed,
                        ArchiveOptions.DerivationOf(parsed.GetRequiredValue(derivation)),
                        context,
                        stop
                    )
            ),
            ArchiveCommandBuilder.OfArchive(
                "remove",
                AuditEvent.KeyRemoved,
                "Remove a key. The last key cannot be removed.",
                [id],
                (archive, parsed, context, stop) => ArchiveKeyCommands.RemoveAsync(archive, parsed.GetRequiredValue(id), context, stop),
                ArchiveUse.Remove
            ),
            ArchiveCommandBuilder.OfReference(
                "rotate",
                AuditEvent.KeyRotated,
                "Encrypt new data with a new master key that holders of earlier keys cannot derive. Other keys must be added again.",
                [derivation],
                (reference, parsed, context, stop) =>
                    ArchiveKeyCommands.RotateAsync(
                        reference,
                        ArchiveOptions.DerivationOf(parsed.GetRequiredValue(derivation)),
                        context,
                        stop
                    )
            ),
        };
    }
}
