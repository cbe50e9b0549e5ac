using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.Core.Archives;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Files;

namespace Migrator.Cli.Commands;

/// <summary>What can be typed about archives.</summary>
internal static class ArchiveCommandLine
{
    private static readonly Dictionary<string, KeyDerivation> s_derivations = new()
    {
        ["argon2id"] = KeyDerivation.Argon2id,
        ["pbkdf2-sha512"] = KeyDerivation.Pbkdf2Sha512,
    };

    public static Command Archive() =>
        new("archive", "Create, inspect, check and prune archives.")
        {
            Init(),
            Snapshots(),
            List(),
            Find(),
            Cat(),
            Stats(),
            Check(),
            Repair(),
            Prune(),
            UpkeepCommand.Create(),
            AcceptShrunk(),
            Key(),
            ControlStore(),
            Rehydrate(),
        };

    public static Command Restore()
    {
        var (mailbox, at, message) = (ExactMailbox(), At(complete: true), MessageArgument.Option("Restore"));
        var folder = new Option<string[]>("--folder")
        {
            Description = "Restore only folders that match this pattern (repeatable). [default: all]",
            HelpName = "PATTERN",
        };
        var to = new Option<string>("--to")
        {
            Description = "Account to restore to, such as imaps://ann@imap.example.org.",
            HelpName = "URL",
            Required = true,
        };
        var password = Password();
        var mode = ChoiceOption.Create(
            "--mode",
            "missing: append missing messages, change nothing else. side: restore to a separate folder, \"Restored ...\". "
                + "exact: make the folders what they were; other messages are moved to a separate folder, never deleted.",
            "missing",
            "missing",
            "side",
            "exact"
        );
        return OfMailbox(
            "restore",
            AuditEvent.MailRestored,
            "Restore a mailbox from a snapshot.",
            mailbox,
            [at, folder, message, to, password, mode],
            (archive, name, match, parsed, context, stop) =>
                RestoreCommand.RunAsync(
                    archive,
                    new RestoreRequest(
                        name,
                        match,
                        parsed.GetValue(at),
                        parsed.GetValue(folder) ?? [],
                        parsed.GetValue(message) ?? [],
                        MailServerUrl.Parse(parsed.GetRequiredValue(to), "--to", CopyJob.Reference(parsed.GetValue(password), "target")),
                        parsed.GetValue(mode)!
                    ),
                    context,
                    stop
                ),
            Purpose.Restore
        );
    }

    public static Command Export()
    {
        var (mailbox, at, message, format) = (ExactMailbox(), At(complete: true), MessageArgument.Option("Export"), FormatOption());
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
        return OfMailbox(
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
                    Format(parsed.GetRequiredValue(format)),
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
        var format = FormatOption();
        var to = new Option<string>("--to")
        {
            Description = "An account (imaps://ann@imap.example.org), or an archive: a backup job or a directory (./DIR or /DIR).",
            HelpName = "TARGET",
            Required = true,
        };
        var password = Password();
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
                        Format(parsed.GetRequiredValue(format)),
                        parsed.GetRequiredValue(to),
                        parsed.GetValue(password),
                        parsed.GetValue(passphrase),
                        parsed.GetValue(name),
                        parsed.GetRequiredValue(labels) == "folders"
                    ),
                    context,
                    stop
                ),
            Purpose.Import
        );
        return command;
    }

    private static Command Init()
    {
        var derivation = Derivation();
        var days = NumberOption.Create("--immutable-days", "Keep everything for at least N days. [default: no minimum]", "N", 0, 36_500, 0);
        return OfReference(
            "init",
            AuditEvent.ArchiveMade,
            "Create an archive, encrypted if the job or an option gives a key.",
            [derivation, days],
            (reference, parsed, context, stop) =>
                ArchiveMaintenanceCommands.InitAsync(
                    reference,
                    s_derivations[parsed.GetRequiredValue(derivation)],
                    parsed.GetValue(days),
                    context,
                    stop
                )
        );
    }

    private static Command Snapshots()
    {
        var mailbox = Mailbox();
        return OfReading(
            "snapshots",
            "List snapshots.",
            [mailbox],
            (archive, parsed, context, stop) => ArchiveBrowseCommands.SnapshotsAsync(archive, parsed.GetValue(mailbox), context, stop)
        );
    }

    private static Command List()
    {
        var folder = new Option<string?>("--folder")
        {
            Description = "List the messages in this folder. [default: list folders]",
            HelpName = "FOLDER",
        };
        var (mailbox, at) = (Mailbox(), At());
        return OfReading(
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

    private static Command Find()
    {
        var find = new ArchiveFind();
        var command = OfReading(
            "find",
            "Find messages in all snapshots by header, date, size and folder. All conditions must match.",
            find.Options,
            find.RunAsync
        );
        command.Arguments.Add(find.Text);
        return command;
    }

    private static Command Cat()
    {
        var folder = new Option<string>("--folder")
        {
            Description = "Folder of the message given by --uid.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => "INBOX",
        };
        var uid = NumberOption.Create<uint>("--uid", "UID of the message, as shown by ls and find.", "UID", 1, uint.MaxValue);
        var (mailbox, at, message) = (ExactMailbox(), At(), MessageArgument.OneOption());
        return OfReading(
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

    private static Command Stats() =>
        OfReference(
            "stats",
            CommandActs.OnlyReads,
            "Show size, deduplication, growth and estimated cost.",
            [],
            (reference, _, context, stop) => ArchiveStats.RunAsync(reference, context, stop)
        );

    private static Command Check()
    {
        var read = new Option<string?>("--read-data")
        {
            Description = "Read the mail itself too: all of it, or a share such as 5%, a different one each day.",
            HelpName = "PERCENT",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return OfArchive(
            "check",
            CommandActs.OnlyReads,
            "Check that the archive is complete and undamaged. Changes nothing.",
            [read],
            (archive, parsed, context, stop) => ArchiveMaintenanceCommands.CheckAsync(archive, Share(parsed, read), context, stop)
        );
    }

    private static Command Repair() =>
        OfJobOrReference(
            "repair",
            AuditEvent.ArchiveRepaired,
            "Repair a damaged archive. With a job, lost messages are fetched from the mailbox again. Unreadable data is set "
                + "aside, never deleted.",
            [ArchiveMaintenanceCommands.Force],
            ArchiveMaintenanceCommands.RepairAsync
        );

    private static Command Key()
    {
        Option<string> derivation = Derivation();
        var id = new Option<string>("--id")
        {
            Description = "ID of the key or the beginning of it, as shown by \"archive key list\".",
            HelpName = "ID",
            Required = true,
        };
        return new Command("key", "Manage the keys of an archive.")
        {
            OfArchive(
                "list",
                CommandActs.OnlyReads,
                "List the keys.",
                [],
                (archive, _, context, stop) => ArchiveKeyCommands.ListAsync(archive, context, stop)
            ),
            OfReference(
                "add",
                AuditEvent.KeyAdded,
                "Add a key.",
                [.. ArchiveKeyCommands.NewKey, derivation],
                (reference, parsed, context, stop) =>
                    ArchiveKeyCommands.AddAsync(reference, parsed, s_derivations[parsed.GetRequiredValue(derivation)], context, stop)
            ),
            OfReference(
                "change",
                AuditEvent.KeyChanged,
                "Replace the key that was used to open the archive.",
                [.. ArchiveKeyCommands.NewKey, derivation],
                (reference, parsed, context, stop) =>
                    ArchiveKeyCommands.ChangeAsync(reference, parsed, s_derivations[parsed.GetRequiredValue(derivation)], context, stop)
            ),
            OfArchive(
                "remove",
                AuditEvent.KeyRemoved,
                "Remove a key. The last key cannot be removed.",
                [id],
                (archive, parsed, context, stop) => ArchiveKeyCommands.RemoveAsync(archive, parsed.GetRequiredValue(id), context, stop),
                ArchiveUse.Remove
            ),
            OfReference(
                "rotate",
                AuditEvent.KeyRotated,
                "Encrypt new data with a new master key that holders of earlier keys cannot derive. Other keys must be added again.",
                [derivation],
                (reference, parsed, context, stop) =>
                    ArchiveKeyCommands.RotateAsync(reference, s_derivations[parsed.GetRequiredValue(derivation)], context, stop)
            ),
        };
    }

    private static Option<string> Derivation() =>
        ChoiceOption.Create("--kdf", "Key derivation function for a passphrase.", "argon2id", [.. s_derivations.Keys]);

    private static Command ControlStore() =>
        OfReference(
            "control-store",
            AuditEvent.ControlStoreCreated,
            "Recreate the location of leases and notes if it is lost, or move it (--control-store). "
                + "Nothing else may use the archive meanwhile.",
            [],
            (reference, _, context, stop) => ArchiveMaintenanceCommands.ControlStoreAsync(reference, context, stop)
        );

    private static Command Rehydrate()
    {
        var (mailbox, at) = (ExactMailbox(), At(complete: true));
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
        return OfJobOrReference(
            "rehydrate",
            AuditEvent.Rehydrated,
            "Rehydrate the blobs of a snapshot from the Azure archive tier. Exits with 0 once all of them can be read, with 1 before.",
            [mailbox, at, folder, all, priority, tier, dryRun],
            (reference, jobs, parsed, context, stop) =>
            {
                var (name, match) = Named(jobs, parsed.GetValue(mailbox));
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

    private static Command Prune()
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
        return OfJobOrReference(
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
                    Shrunk(jobs),
                    parsed.GetValue(dryRun),
                    context,
                    stop
                ),
            onlyReads: parsed => parsed.GetValue(dryRun)
        );
    }

    private static Command AcceptShrunk()
    {
        var mailbox = ExactMailbox();
        return OfJobOrReference(
            "accept-shrunk",
            AuditEvent.ShrunkAccepted,
            "Accept that a mailbox has lost most of its messages, so that prune may remove its old snapshots again.",
            [mailbox],
            async (reference, jobs, parsed, context, stop) =>
            {
                var (name, match) = Named(jobs, parsed.GetValue(mailbox));
                return await UpkeepCommand.AcceptAsync(
                    await context.Stores.Archive(reference).OpenAsync(ArchiveUse.Write, stop),
                    name,
                    match,
                    Shrunk(jobs),
                    context,
                    stop
                );
            }
        );
    }

    /// <summary>All mailboxes of a job go by one rule.</summary>
    private static ShrunkRule Shrunk(IReadOnlyList<NamedBackup> jobs) => jobs.Count == 0 ? ShrunkRule.Default : jobs[0].Job.Shrunk;

    private static Command OfArchive(
        string name,
        AuditEvent? act,
        string description,
        IEnumerable<Option> options,
        Func<Archive, ParseResult, CommandContext, CancellationToken, Task<int>> run,
        ArchiveUse use = ArchiveUse.Read
    ) =>
        OfReference(
            name,
            act,
            description,
            options,
            async (reference, parsed, context, stop) =>
                await run(await context.Stores.Archive(reference).OpenAsync(use, stop), parsed, context, stop)
        );

    /// <summary>A command that reads, which a prune waits for.</summary>
    private static Command OfReading(
        string name,
        string description,
        IEnumerable<Option> options,
        Func<Archive, ParseResult, CommandContext, CancellationToken, Task<int>> run,
        AuditEvent? act = null
    ) =>
        OfArchive(
            name,
            act,
            description,
            options,
            async (archive, parsed, context, stop) =>
            {
                await using var lease = await ArchiveLease.ReadingAsync(archive, name, new CommandOutput(context).Warn, stop);
                return await run(archive, parsed, context, stop);
            }
        );

    /// <summary>A command that gives mail to somebody: it needs to know exactly whose.</summary>
    private static Command OfMailbox(
        string name,
        AuditEvent? act,
        string description,
        Option<string?> mailbox,
        IEnumerable<Option> options,
        Func<Archive, string?, MailboxMatch, ParseResult, CommandContext, CancellationToken, Task<int>> run,
        Purpose purpose
    ) =>
        OfJobOrReference(
            name,
            act,
            description,
            [mailbox, .. options],
            async (reference, jobs, parsed, context, stop) =>
            {
                var (named, match) = Named(jobs, parsed.GetValue(mailbox));
                var archive = await context.Stores.Archive(reference).OpenAsync(ArchiveUse.Read, stop);
                await using var lease = await ArchiveLease.ReadingAsync(archive, name, new CommandOutput(context).Warn, stop);
                return await run(archive, named, match, parsed, context, stop);
            },
            purpose
        );

    /// <summary>The mailbox that a command line means: one of the job file, or one as a person calls it.</summary>
    private static (string? Mailbox, MailboxMatch Match) Named(IReadOnlyList<NamedBackup> jobs, string? given) =>
        (jobs.FirstOrDefault(job => job.Name == given) ?? (given is null && jobs.Count == 1 ? jobs[0] : null)) is { } named
            ? (named.Job.Mailbox, MailboxMatch.Exact)
            : (given, MailboxMatch.Name);

    private static Command OfReference(
        string name,
        AuditEvent? act,
        string description,
        IEnumerable<Option> options,
        Func<ArchiveReference, ParseResult, CommandContext, CancellationToken, Task<int>> run,
        Purpose purpose = Purpose.Archive
    ) =>
        OfJobOrReference(
            name,
            act,
            description,
            options,
            (reference, _, parsed, context, stop) => run(reference, parsed, context, stop),
            purpose
        );

    /// <param name="act">What it is in the audit trail; <see cref="CommandActs.OnlyReads"/>.</param>
    /// <param name="onlyReads">By these options it changes nothing.</param>
    private static Command OfJobOrReference(
        string name,
        AuditEvent? act,
        string description,
        IEnumerable<Option> options,
        Func<ArchiveReference, IReadOnlyList<NamedBackup>, ParseResult, CommandContext, CancellationToken, Task<int>> run,
        Purpose purpose = Purpose.Archive,
        Func<ParseResult, bool>? onlyReads = null
    )
    {
        var (command, archive) = (new Command(name, description), new ArchiveArgument());
        foreach (var option in options)
            command.Options.Add(option);
        archive.AddTo(command);
        // On record below, where it is known which archive a job file means.
        command.Does(
            null,
            (parsed, context, stop) =>
            {
                var (reference, jobs) = archive.Read(parsed, context);
                new Exposures(context).Warn(reference);
                return CommandActs.RecordedAsync(
                    context,
                    onlyReads?.Invoke(parsed) == true ? null : act,
                    CommandActs.Subject(parsed, reference.Location),
                    () => run(reference, jobs, parsed, context, stop)
                );
            },
            purpose
        );
        return command;
    }

    private static Option<string?> Mailbox() => OfMailboxes("Mailbox to show: its account or a part of it. [default: all]");

    private static Option<string?> ExactMailbox() =>
        OfMailboxes(
            "Mailbox, if the archive has several: its name in the job, its account, its login name or the part of it before "
                + "\"@\". [default: the mailbox of the job]"
        );

    private static Option<string?> OfMailboxes(string description)
    {
        var mailbox = new Option<string?>("--mailbox") { Description = description, HelpName = "MAILBOX" };
        mailbox.CompletionSources.Add(JobCompletions.Mailboxes);
        return mailbox;
    }

    private static Option<string?> At(bool complete = false) =>
        TimeOption.Snapshot(
            $"Snapshot to use: the latest at a time ({TimeOption.Forms}; a day means its end), or a snapshot ID. [default: "
                + $"latest{(complete ? " complete" : "")}]"
        );

    private static Option<string?> Password() =>
        new("--password")
        {
            Description =
                "Where the password of the account is: env:NAME, file:PATH, setting:NAME or prompt. [default: "
                + $"env:{CopyJob.PasswordVariable("target")} if set, else prompt]",
            HelpName = "REFERENCE",
        };

    private static Option<string> FormatOption() =>
        ChoiceOption.Create(
            "--format",
            "mbox: one file per folder. maildir: Maildir++. eml: one file per message.",
            null,
            "mbox",
            "maildir",
            "eml"
        );

    private static FileFormat Format(string text) => Enum.Parse<FileFormat>(text, ignoreCase: true);

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
