using System.CommandLine;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator archive init</c>, <c>check</c>, <c>repair</c> and <c>prune</c>.</summary>
internal static class ArchiveMaintenanceCommands
{
    private const int MostTouched = 20;

    public static readonly Option<bool> Force = new("--force")
    {
        Description = "Repair even if less than half of the archive can be read with this key.",
    };

    public static async Task<int> InitAsync(
        ArchiveReference reference,
        KeyDerivation derivation,
        int immutableDays,
        CommandContext context,
        CancellationToken stop
    )
    {
        var archive = await context.Stores.Archive(reference).CreateAsync(derivation, immutableDays, stop);
        var encryption = archive.Format.Encrypted
            ? "encrypted (AES-256-GCM). Keep the key: without it, nobody can read the archive."
            : "not encrypted.";
        new CommandOutput(context).Say(
            new JsonLine("init") { { "archive", archive.Location }, { "format", archive.Format } },
            $"Created archive {archive.Location}: {encryption}"
        );
        return ExitCode.Success;
    }

    public static async Task<int> ControlStoreAsync(ArchiveReference reference, CommandContext context, CancellationToken stop)
    {
        var archive = await context.Stores.Archive(reference).WithNewControlStoreAsync(stop);
        await archive.MarkControlStoreAsync(stop);
        new CommandOutput(context).Say(
            new JsonLine("controlStore") { { "archive", archive.Location }, { "controlStoreLocation", archive.ControlStoreLocation } },
            $"{archive.Location}: leases and notes are in {archive.ControlStoreLocation} from now on."
        );
        return ExitCode.Success;
    }

    public static async Task<int> CheckAsync(Archive archive, double share, CommandContext context, CancellationToken stop)
    {
        var screen = new CommandOutput(context);
        var report = await new ArchiveCheck(archive, share).RunAsync(screen.Doing, stop);
        screen.Say(
            new JsonLine("archiveCheck") { { "report", report } },
            [
                $"{report.Archive}: {Format.Count(report.Snapshots, "snapshot")}, {Format.Count(report.Objects, "object")} in "
                    + $"{Format.Count(report.Packs, "pack")}. Read whole: {Format.Count(report.PacksRead, "pack")}, "
                    + $"{Format.Size(report.BytesRead)}.",
                .. report.Notes,
                .. report.Problems.SelectMany(Lines),
                report.Problems.Count == 0
                    ? report.Snapshots == 0
                        ? "The archive is empty (0 snapshots)."
                        : share > 0
                            ? "Nothing is missing, and what was read is intact."
                            : "Nothing is missing. (--read-data reads the mail itself too.)"
                    : $"{Format.Count(report.Problems.Count, "problem")}, "
                        + $"{Format.Count(report.Problems.Sum(problem => problem.TouchedCount), "message")} affected. "
                        + $"{Reason.ArchiveDamaged.Hint}",
            ]
        );
        return report.Problems.Count == 0 ? ExitCode.Success : ExitCode.Incomplete;
    }

    public static async Task<int> RepairAsync(
        ArchiveReference reference,
        IReadOnlyList<NamedBackup> jobs,
        ParseResult parsed,
        CommandContext context,
        CancellationToken stop
    )
    {
        var screen = new CommandOutput(context);
        var archive = await context.Stores.Archive(reference).OpenAsync(ArchiveUse.Remove, stop);
        // UIDs that a POP3 mailbox was given are known to its backups alone.
        var mailboxes = jobs.Select(named => named.Job)
            .Where(job => job.Source.Protocol != MailProtocol.Pop3)
            .Select(job => new RepairSource(
                job.Mailbox,
                token => context.Sessions.Source(job.Source, job.Name)(NullUidMap.Instance, token)
            ));
        var report = await new ArchiveRepair(archive, parsed.GetValue(Force)).RunAsync([.. mailboxes], screen.Doing, stop);
        var remedy =
            jobs.Count == 0
                ? "Run repair with the backup's job file: what the mailbox still has is fetched again."
                : "None of the reachable mailboxes still has them. Run the backup: folders whose lists are lost are read again.";
        screen.Say(
            new JsonLine("archiveRepair") { { "report", report } },
            [
                .. report.Done.DefaultIfEmpty($"{report.Archive}: there was nothing to repair."),
                .. report.Lost.Take(MostTouched).Select(Touched),
                report.Lost.Count == 0
                    ? "Every message that a snapshot names can be restored."
                    : $"{Format.Count(report.Lost.Count, "message")} cannot be restored. {remedy}",
            ]
        );
        return report.Lost.Count == 0 ? ExitCode.Success : ExitCode.Incomplete;
    }

    public static async Task<int> PruneAsync(
        Archive archive,
        RetentionPolicy policy,
        TimeSpan grace,
        bool setAside,
        bool acceptSetBack,
        ShrunkRule shrunk,
        bool dryRun,
        CommandContext context,
        CancellationToken stop
    )
    {
        if (policy.KeepsNothing)
            throw new ConfigurationException(
                "command line",
                [new ConfigurationError("--keep-…", "specify what to keep, such as --keep-daily 7 --keep-weekly 5 --keep-monthly 12.")]
            );
        var screen = new CommandOutput(context);
        var report = await new ArchivePrune(archive, policy, grace, setAside, acceptSetBack, shrunk).RunAsync(dryRun, screen.Doing, stop);
        context.Outcome = report.InALine();
        var verb = dryRun ? "would be removed" : "removed";
        screen.Say(
            new JsonLine("prune") { { "report", report } },
            [
                .. dryRun ? report.DroppedNames.Select(name => $"  {name}") : [],
                .. dryRun && report.Dropped > report.DroppedNames.Count
                    ? [$"  and {Format.Count(report.Dropped - report.DroppedNames.Count)} more"]
                    : Array.Empty<string>(),
                $"{report.Archive}: {Format.Count(report.Kept, "snapshot")} kept, {Format.Count(report.Dropped)} {verb}; "
                    + $"{Format.Count(report.Packs, "pack")} with {Format.Size(report.Bytes)} {verb}.",
                .. report.Merged > 0
                    ?
                    [
                        dryRun
                            ? $"{Format.Count(report.Merged, "pack")} would be merged: they are small or mostly unreferenced."
                            : $"{Format.Count(report.Merged, "pack")} that were small or mostly unreferenced were merged into "
                                + $"{Format.Count(report.MergedInto)}.",
                    ]
                    : Array.Empty<string>(),
                .. report.Waiting > 0
                    ? [$"{Format.Count(report.Waiting, "unreferenced pack is", "unreferenced packs are")} still within the grace period."]
                    : Array.Empty<string>(),
                .. report.Blind
                    ?
                    [
                        "No packs were removed: a repair has set snapshots aside that cannot be read, and what they need is "
                            + "not known. --set-aside removes them, and what only they needed.",
                    ]
                    : Array.Empty<string>(),
                .. report.Held.Count > 0
                    ? [$"{Format.Count(report.Held.Count, "blob")} could not be deleted yet. {Reason.BlobImmutable.Hint}"]
                    : Array.Empty<string>(),
                .. report.Frozen.Select(mailbox => mailbox.Words),
                .. report.Frozen.Count > 0 ? [Reason.MailboxShrunk.Hint] : Array.Empty<string>(),
            ]
        );
        // Who prunes by night reads no output: the code tells.
        return report.Frozen.Count == 0 ? ExitCode.Success : ExitCode.Incomplete;
    }

    private static IEnumerable<string> Lines(ArchiveProblem problem) =>
        [
            $"Problem: {problem.Blob}: {problem.What}",
            .. problem.Touched.Take(MostTouched).Select(Touched),
            .. problem.TouchedCount > MostTouched
                ? [$"  and {Format.Count(problem.TouchedCount - MostTouched, "message")} more (--json names up to 1,000)"]
                : Array.Empty<string>(),
        ];

    private static string Touched(AffectedMessage message) =>
        $"  {message.Mailbox}  {message.Folder}  {(message.Uid is { } uid ? $"UID {uid}" : "part of its list of messages")}  "
        + $"(snapshot {message.Snapshot}{(message.Snapshots > 1 ? $" and {message.Snapshots - 1} older" : "")})";
}
