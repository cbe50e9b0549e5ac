using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.Core.Archives;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;

namespace Migrator.Cli.Commands;

/// <summary>What can be typed to create archives and to keep them in order.</summary>
internal static class ArchiveMaintenanceCommandLine
{
    public static Command Init()
    {
        var derivation = ArchiveOptions.Derivation();
        var days = NumberOption.Create("--immutable-days", "Keep everything for at least N days. [default: no minimum]", "N", 0, 36_500, 0);
        return ArchiveCommandBuilder.OfReference(
            "init",
            AuditEvent.ArchiveMade,
            "Create an archive, encrypted if the job or an option gives a key.",
            [derivation, days],
            (reference, parsed, context, stop) =>
                ArchiveMaintenanceCommands.InitAsync(
                    reference,
                    ArchiveOptions.DerivationOf(parsed.GetRequiredValue(derivation)),
                    parsed.GetValue(days),
                    context,
                    stop
                )
        );
    }

    public static Command Check()
    {
        var read = new Option<string?>("--read-data")
        {
            Description = "Read the mail itself too: all of it, or a share such as 5%, a different one each day.",
            HelpName = "PERCENT",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return ArchiveCommandBuilder.OfArchive(
            "check",
            CommandActs.OnlyReads,
            "Check that the archive is complete and undamaged. Changes nothing.",
            [read],
            (archive, parsed, context, stop) => ArchiveMaintenanceCommands.CheckAsync(archive, Share(parsed, read), context, stop)
        );
    }

    public static Command Repair() =>
        ArchiveCommandBuilder.OfJobOrReference(
            "repair",
            AuditEvent.ArchiveRepaired,
            "Repair a damaged archive. With a job, lost messages are fetched from the mailbox again. Unreadable data is set "
                + "aside, never deleted.",
            [ArchiveMaintenanceCommands.Force],
            ArchiveMaintenanceCommands.RepairAsync
        );

    public static Command Prune()
    {
        Option<int>[] keep =
        [
            Keep("last", "Keep the last N snapshots."),
            Keep("daily", Newest("days")),
            Keep("weekly", Newest("weeks")),
            Keep("monthly", Newest("months")),
            Keep("yearly", Newest("years")),
        ];
        var grace = NumberOption.Create("--grace-hours", "Keep unreferenced packs for at least N hours.", "N", 0, 87_600, 24);
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be removed; remove nothing." };
        var setAside = new Option<bool>("--set-aside") { Description = "Also remove unreadable data that a repair has set aside." };
        var accept = new Option<bool>("--accept-set-back")
        {
            Description = "Accept that the archive was rolled back to an earlier state on purpose.",
        };
        return ArchiveCommandBuilder.OfJobOrReference(
            "prune",
            AuditEvent.ArchivePruned,
            "Remove snapshots by a retention policy, and the data that only they reference.",
            [.. keep, grace, setAside, accept, dryRun],
            async (reference, jobs, parsed, context, stop) =>
                await ArchiveMaintenanceCommands.PruneAsync(
                    await context.Stores.Archive(reference).OpenAsync(ArchiveUse.Remove, stop),
                    new RetentionPolicy(
                        parsed.GetValue(keep[0]),
                        parsed.GetValue(keep[1]),
                        parsed.GetValue(keep[2]),
                        parsed.GetValue(keep[3]),
                        parsed.GetValue(keep[4])
                    ),
                    TimeSpan.FromHours(parsed.GetValue(grace)),
                    parsed.GetValue(setAside),
                    parsed.GetValue(accept),
                    ArchiveCommandBuilder.Shrunk(jobs),
                    parsed.GetValue(dryRun),
                    context,
                    stop
                ),
            onlyReads: parsed => parsed.GetValue(dryRun)
        );
    }

    public static Command AcceptShrunk()
    {
        var mailbox = ArchiveOptions.ExactMailbox();
        return ArchiveCommandBuilder.OfJobOrReference(
            "accept-shrunk",
            AuditEvent.ShrunkAccepted,
            "Accept that a mailbox has lost most of its messages, so that prune may remove its old snapshots again.",
            [mailbox],
            async (reference, jobs, parsed, context, stop) =>
            {
                var (name, match) = ArchiveCommandBuilder.Named(jobs, parsed.GetValue(mailbox));
                return await UpkeepCommand.AcceptAsync(
                    await context.Stores.Archive(reference).OpenAsync(ArchiveUse.Write, stop),
                    name,
                    match,
                    ArchiveCommandBuilder.Shrunk(jobs),
                    context,
                    stop
                );
            }
        );
    }

    public static Command ControlStore() =>
        ArchiveCommandBuilder.OfReference(
            "control-store",
            AuditEvent.ControlStoreCreated,
            "Recreate the location of leases and notes if it is lost, or move it (--control-store). "
                + "Nothing else may use the archive meanwhile.",
            [],
            (reference, _, context, stop) => ArchiveMaintenanceCommands.ControlStoreAsync(reference, context, stop)
        );

    public static Command Rehydrate()
    {
        var (mailbox, at) = (ArchiveOptions.ExactMailbox(), ArchiveOptions.At(complete: true));
        var folder = new Option<string[]>("--folder")
        {
            Description = "Only folders that match this pattern (repeatable). [default: all]",
            HelpName = "PATTERN",
        };
        var all = new Option<bool>("--all") { Description = "Rehydrate every pack of the archive, for repair." };
        var priority = ChoiceOption.Create(
            "--priority",
            "standard takes up to 15 hours; high often less than one, at several times the price. high also speeds up pending requests.",
            "standard",
            "standard",
            "high"
        );
        var tier = ChoiceOption.Create("--tier", "Access tier to rehydrate to.", "cool", "hot", "cool", "cold");
        var dryRun = new Option<bool>("--dry-run")
        {
            Description = "Show what would be requested, its cost and duration; request nothing.",
        };
        return ArchiveCommandBuilder.OfJobOrReference(
            "rehydrate",
            AuditEvent.Rehydrated,
            "Rehydrate the blobs of a snapshot from the Azure archive tier. Exits with 0 once all of them can be read, with 1 before.",
            [mailbox, at, folder, all, priority, tier, dryRun],
            (reference, jobs, parsed, context, stop) =>
            {
                var (name, match) = ArchiveCommandBuilder.Named(jobs, parsed.GetValue(mailbox));
                return ArchiveRehydrate.RunAsync(
                    reference,
                    new RehydrationRequest(
                        name,
                        match,
                        parsed.GetValue(at),
                        parsed.GetValue(folder) ?? [],
                        parsed.GetValue(all),
                        parsed.GetValue(priority) == "high",
                        parsed.GetRequiredValue(tier),
                        parsed.GetValue(dryRun)
                    ),
                    context,
                    stop
                );
            },
            onlyReads: parsed => parsed.GetValue(dryRun)
        );
    }

    private static Option<int> Keep(string name, string description) =>
        NumberOption.Create($"--keep-{name}", description, "N", 0, 100_000, 0);

    private static string Newest(string periods) => $"Keep the newest snapshot of each of the last N {periods} that have one.";

    /// <returns>0 where nothing is to be read, 1 for all.</returns>
    private static double Share(ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetResult(option) is not { Implicit: false })
            return 0;
        if (parsed.GetValue(option) is not { Length: > 0 } text)
            return 1;
        return
            double.TryParse(text.TrimEnd('%'), System.Globalization.CultureInfo.InvariantCulture, out var percent)
            && percent is > 0 and <= 100
            ? percent / 100
            : throw new ConfigurationException(
                "command line",
                [new ConfigurationError(option.Name, $"is \"{text}\"; write a share such as 5%, or no value for all.")]
            );
    }
}
