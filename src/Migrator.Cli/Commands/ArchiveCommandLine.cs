using System.CommandLine;
using System.CommandLine.Parsing;
using Migrator.App.Commands;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.Core.Archives;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Mail.Files;

namespace Migrator.Cli.Commands;

/// <summary>What can be typed about archives.</summary>
internal static class ArchiveCommandLine
{
    private static readonly Dictionary<string, KeyDerivation> s_derivations = new() { ["argon2id"] = KeyDerivation.Argon2id, ["pbkdf2-sha512"] = KeyDerivation.Pbkdf2Sha512 };

    public static Command Archive() => new("archive", "Make archives, look into them, check and prune them.")
    {
        Init(), Snapshots(), List(), Find(), Cat(), Stats(), Check(), Repair(), Prune(), UpkeepCommand.Create(), AcceptShrunk(), Key(), Side(), Rehydrate(),
    };

    public static Command Restore()
    {
        var (mailbox, at, message) = (ExactMailbox(), At(complete: true), MessageArgument.Option("Restore"));
        var folder = new Option<string[]>("--folder") { Description = "Restore only folders that match this pattern; may be given more than once. Default: all." };
        var to = new Option<string>("--to") { Description = "The account to restore to, such as imaps://ann@imap.example.org.", Required = true };
        var password = Password();
        var mode = new Option<string>("--mode")
        {
            Description = "missing: append what is not there, change nothing else. side: into a folder of its own, \"Restored …\". exact: as it was; what the mailbox has besides is moved aside, never deleted.",
            DefaultValueFactory = _ => "missing",
        };
        mode.AcceptOnlyFromAmong("missing", "side", "exact");
        return OfMailbox("restore", AuditEvent.MailRestored, "Bring a mailbox back, as it was at any moment that has a snapshot.", mailbox, [at, folder, message, to, password, mode], (archive, name, match, parsed, surroundings, stop) =>
            RestoreCommand.RunAsync(archive, new RestoreRequest(name, match, parsed.GetValue(at), parsed.GetValue(folder) ?? [], parsed.GetValue(message) ?? [],
                MailServerUrl.Parse(parsed.GetRequiredValue(to), "--to", CopyJob.Reference(parsed.GetValue(password), "target")), parsed.GetValue(mode)!), surroundings, stop), Purpose.Restore);
    }

    public static Command Export()
    {
        var (mailbox, at, message, format) = (ExactMailbox(), At(complete: true), MessageArgument.Option("Export"), FormatOption());
        var to = new Option<string>("--to") { Description = "A directory that is empty or not there yet.", Required = true };
        var folder = new Option<string[]>("--folder") { Description = "Export only folders that match this pattern; may be given more than once. Default: all." };
        return OfMailbox("export", AuditEvent.MailExported, "Write a mailbox into files that other programs read.", mailbox, [at, folder, message, format, to], (archive, name, match, parsed, surroundings, stop) =>
            ExportCommand.RunAsync(archive, name, match, parsed.GetValue(at), parsed.GetValue(folder) ?? [], parsed.GetValue(message) ?? [], Format(parsed.GetRequiredValue(format)), Path.GetFullPath(parsed.GetRequiredValue(to)), surroundings, stop), Purpose.Export);
    }

    public static Command Import()
    {
        var directory = new Argument<string>("directory") { Description = "The files: an export, or what another program wrote. With mbox, a single file will do." };
        var format = FormatOption();
        var to = new Option<string>("--to") { Description = "An account (imaps://ann@imap.example.org), or an archive: a directory, or the job file of a backup.", Required = true };
        var password = Password();
        var passphrase = new Option<string?>("--passphrase") { Description = "Where the passphrase of the archive is: env:NAME, file:PATH, setting:NAME or prompt." };
        var name = new Option<string?>("--mailbox") { Description = "What the mailbox is called in the archive. Default: the directory." };
        var labels = new Option<string>("--labels")
        { Description = "What becomes of the labels in a Google Takeout: folders and flags, or nothing.", DefaultValueFactory = _ => "folders" };
        labels.AcceptOnlyFromAmong("folders", "ignore");
        var command = new Command("import", "Read a mailbox from files, into an account or an archive.") { directory, format, to, password, passphrase, name, labels };
        command.Does(AuditEvent.MailImported, (parsed, surroundings, stop) => ImportCommand.RunAsync(
            new ImportRequest(Path.GetFullPath(parsed.GetRequiredValue(directory)), Format(parsed.GetRequiredValue(format)), parsed.GetRequiredValue(to), parsed.GetValue(password),
            parsed.GetValue(passphrase), parsed.GetValue(name), parsed.GetRequiredValue(labels) == "folders"), surroundings, stop), Purpose.Import);
        return command;
    }

    private static Command Init()
    {
        var derivation = Derivation();
        var days = NumberOption.Create("--immutable-days", "Nothing is removed before it is so many days old.", 0, 36_500, 0);
        return OfReference("init", AuditEvent.ArchiveMade, "Make a new archive; encrypted if a key is given, by this or by the job file.", [derivation, days], (reference, parsed, surroundings, stop) =>
            ArchiveUpkeep.InitAsync(reference, s_derivations[parsed.GetRequiredValue(derivation)], parsed.GetValue(days), surroundings, stop));
    }

    private static Command Snapshots()
    {
        var mailbox = Mailbox();
        return OfReading("snapshots", "List the snapshots.", [mailbox], (archive, parsed, surroundings, stop) => ArchiveLook.SnapshotsAsync(archive, parsed.GetValue(mailbox), surroundings, stop));
    }

    private static Command List()
    {
        var folder = new Option<string?>("--folder") { Description = "List this folder's messages. Default: list the folders." };
        var (mailbox, at) = (Mailbox(), At());
        return OfReading("ls", "List the folders of a snapshot, or the messages of a folder.", [folder, mailbox, at], (archive, parsed, surroundings, stop) =>
            ArchiveLook.ListAsync(archive, parsed.GetValue(mailbox), parsed.GetValue(at), parsed.GetValue(folder), surroundings, stop));
    }

    private static Command Find()
    {
        var find = new ArchiveFind();
        var command = OfReading("find", "Find messages by their headers, arrival, size and folder in all snapshots. Where several things are given, all must hold.", find.Options, find.RunAsync);
        command.Arguments.Add(find.Text);
        return command;
    }

    private static Command Cat()
    {
        var folder = new Option<string>("--folder") { Description = "The folder that it is in.", DefaultValueFactory = _ => "INBOX" };
        var uid = NumberOption.Create<uint>("--uid", "Its UID, as ls and find show it.", 1, uint.MaxValue);
        var (mailbox, at, message) = (ExactMailbox(), At(), MessageArgument.OneOption());
        return OfReading("cat", "Write one message to standard output, octet for octet.", [message, folder, uid, mailbox, at], act: AuditEvent.MailShown, run: (archive, parsed, surroundings, stop) => (parsed.GetValue(message), parsed.GetValue(uid)) switch
        {
            ({ } id, null) => ArchiveLook.CatAsync(archive, parsed.GetValue(mailbox), parsed.GetValue(at), id, surroundings, stop),
            (null, { } number) => ArchiveLook.CatAsync(archive, parsed.GetValue(mailbox), parsed.GetValue(at), parsed.GetRequiredValue(folder), number, surroundings, stop),
            _ => throw new JobFileException("command line", [new JobFileError("--message", "or --uid says which message, one of the two.")]),
        });
    }

    private static Command Stats() => OfReference("stats", CommandActs.OnlyReads, "Say what the archive holds, what it saves, how it grows and what it costs.", [], (reference, _, surroundings, stop) => ArchiveStats.RunAsync(reference, surroundings, stop));

    private static Command Check()
    {
        var read = new Option<string?>("--read-data") { Description = "Read the mail itself too, all of it or a share such as 5%, another one each day.", Arity = ArgumentArity.ZeroOrOne };
        return OfArchive("check", CommandActs.OnlyReads, "Prove that everything is there and intact. Changes nothing.", [read], (archive, parsed, surroundings, stop) =>
            ArchiveUpkeep.CheckAsync(archive, Share(parsed, read), surroundings, stop));
    }

    private static Command Repair() => OfJobOrReference("repair", AuditEvent.ArchiveRepaired, "Rebuild what can be rebuilt; with a backup's job file, fetch lost messages again from its mailbox. What cannot be read is set aside, never removed.", [ArchiveUpkeep.Force], ArchiveUpkeep.RepairAsync);

    private static Command Key()
    {
        Option<string> derivation = Derivation();
        var id = new Option<string>("--id") { Description = "The key, by the beginning of its id; \"migrator archive key list\" shows them.", Required = true };
        return new Command("key", "List, add, change, remove and rotate the keys that open an archive.")
        {
            OfArchive("list", CommandActs.OnlyReads, "List the keys.", [], (archive, _, surroundings, stop) => ArchiveKeyCommands.ListAsync(archive, surroundings, stop)),
            OfReference("add", AuditEvent.KeyAdded, "Add a key beside those that there are.", [.. ArchiveKeyCommands.NewKey, derivation], (reference, parsed, surroundings, stop) =>
                ArchiveKeyCommands.AddAsync(reference, parsed, s_derivations[parsed.GetRequiredValue(derivation)], surroundings, stop)),
            OfReference("change", AuditEvent.KeyChanged, "Put a new key in place of the one that opens the archive now.", [.. ArchiveKeyCommands.NewKey, derivation], (reference, parsed, surroundings, stop) =>
                ArchiveKeyCommands.ChangeAsync(reference, parsed, s_derivations[parsed.GetRequiredValue(derivation)], surroundings, stop)),
            OfArchive("remove", AuditEvent.KeyRemoved, "Remove a key. The last one stays.", [id], (archive, parsed, surroundings, stop) => ArchiveKeyCommands.RemoveAsync(archive, parsed.GetRequiredValue(id), surroundings, stop), ArchiveUse.Remove),
            OfReference("rotate", AuditEvent.KeyRotated, "Seal what is written from now on by a new master key, so that nobody who had an earlier key can read it. Other keys must be added again.", [derivation], (reference, parsed, surroundings, stop) =>
                ArchiveKeyCommands.RotateAsync(reference, s_derivations[parsed.GetRequiredValue(derivation)], surroundings, stop)),
        };
    }

    private static Option<string> Derivation()
    {
        var derivation = new Option<string>("--kdf") { Description = "How a passphrase becomes a key.", DefaultValueFactory = _ => "argon2id" };
        derivation.AcceptOnlyFromAmong([.. s_derivations.Keys]);
        return derivation;
    }

    private static Command Side() => OfReference("side", AuditEvent.SideMade, "Make the place of leases and notes anew, where it is lost or is to be elsewhere (--side). Nothing else may be at the archive meanwhile.", [], (reference, _, surroundings, stop) =>
        ArchiveUpkeep.SideAsync(reference, surroundings, stop));

    private static Command Rehydrate()
    {
        var (mailbox, at) = (ExactMailbox(), At(complete: true));
        var folder = new Option<string[]>("--folder") { Description = "Only what folders need that match this pattern; may be given more than once. Default: all." };
        var all = new Option<bool>("--all") { Description = "Every pack of the archive, whatever needs it: for repair." };
        var priority = new Option<string>("--priority") { Description = "standard (up to 15 hours) or high (often less than one, for several times the price). With high, those on the way back are hurried, too.", DefaultValueFactory = _ => "standard" };
        priority.AcceptOnlyFromAmong("standard", "high");
        var tier = new Option<string>("--tier") { Description = "Where they are to lie then: hot, cool or cold.", DefaultValueFactory = _ => "cool" };
        tier.AcceptOnlyFromAmong("hot", "cool", "cold");
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be asked for, what it costs and how long it takes." };
        return OfJobOrReference("rehydrate", AuditEvent.Rehydrated, "Bring back from Azure's archive tier what a snapshot needs. Ends with exit code 0 once all of it can be read, with 1 before.", [mailbox, at, folder, all, priority, tier, dryRun], (reference, jobs, parsed, surroundings, stop) =>
        {
            var (name, match) = Named(jobs, parsed.GetValue(mailbox));
            return ArchiveRehydrate.RunAsync(reference, new RehydrationRequest(name, match, parsed.GetValue(at), parsed.GetValue(folder) ?? [], parsed.GetValue(all), parsed.GetValue(priority) == "high",
                parsed.GetRequiredValue(tier), parsed.GetValue(dryRun)), surroundings, stop);
        }, onlyReads: parsed => parsed.GetValue(dryRun));
    }

    private static Command Prune()
    {
        Option<int>[] keep = [Keep("last", "the last so many snapshots"), Keep("daily", "the newest of each of so many days"), Keep("weekly", "of weeks"), Keep("monthly", "of months"), Keep("yearly", "of years")];
        var grace = NumberOption.Create("--grace-hours", "Packs that nobody needs stay so long after they were written.", 0, 87_600, 24);
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be removed." };
        var setAside = new Option<bool>("--set-aside") { Description = "Remove also what a repair has set aside because it could not be read." };
        var accept = new Option<bool>("--accept-set-back") { Description = "An earlier state of the archive was put back on purpose: forget what this machine has seen of later snapshots." };
        return OfJobOrReference("prune", AuditEvent.ArchivePruned, "Remove snapshots that need not be kept, and what only they held.", [.. keep, grace, setAside, accept, dryRun], async (reference, jobs, parsed, surroundings, stop) => await ArchiveUpkeep.PruneAsync(
            await new ArchiveAccess(reference, surroundings).OpenAsync(ArchiveUse.Remove, stop).ConfigureAwait(false),
            new RetentionPolicy(parsed.GetValue(keep[0]), parsed.GetValue(keep[1]), parsed.GetValue(keep[2]), parsed.GetValue(keep[3]), parsed.GetValue(keep[4])),
            TimeSpan.FromHours(parsed.GetValue(grace)), parsed.GetValue(setAside), parsed.GetValue(accept), Shrunk(jobs), parsed.GetValue(dryRun), surroundings, stop).ConfigureAwait(false), onlyReads: parsed => parsed.GetValue(dryRun));
    }

    private static Command AcceptShrunk()
    {
        var mailbox = ExactMailbox();
        return OfJobOrReference("accept-shrunk", AuditEvent.ShrunkAccepted, "Say that the messages that a mailbox has lost are meant to be gone, so that prune removes its old snapshots again.", [mailbox], async (reference, jobs, parsed, surroundings, stop) =>
        {
            var (name, match) = Named(jobs, parsed.GetValue(mailbox));
            return await UpkeepCommand.AcceptAsync(await new ArchiveAccess(reference, surroundings).OpenAsync(ArchiveUse.Write, stop).ConfigureAwait(false), name, match, Shrunk(jobs), surroundings, stop).ConfigureAwait(false);
        });
    }

    /// <summary>All mailboxes of a job go by one rule.</summary>
    private static ShrunkRule Shrunk(IReadOnlyList<NamedBackup> jobs) => jobs.Count == 0 ? ShrunkRule.Default : jobs[0].Job.Shrunk;

    private static Command OfArchive(string name, AuditEvent? act, string description, IEnumerable<Option> options, Func<Archive, ParseResult, Surroundings, CancellationToken, Task<int>> run, ArchiveUse use = ArchiveUse.Read) =>
        OfReference(name, act, description, options, async (reference, parsed, surroundings, stop) =>
            await run(await new ArchiveAccess(reference, surroundings).OpenAsync(use, stop).ConfigureAwait(false), parsed, surroundings, stop).ConfigureAwait(false));

    /// <summary>A command that reads, which a prune waits for.</summary>
    private static Command OfReading(string name, string description, IEnumerable<Option> options, Func<Archive, ParseResult, Surroundings, CancellationToken, Task<int>> run, AuditEvent? act = null) =>
        OfArchive(name, act, description, options, async (archive, parsed, surroundings, stop) =>
        {
            await using var lease = await ArchiveLease.ReadingAsync(archive, name, new Screen(surroundings).Warn, stop).ConfigureAwait(false);
            return await run(archive, parsed, surroundings, stop).ConfigureAwait(false);
        });

    /// <summary>A command that gives mail to somebody: it needs to know exactly whose.</summary>
    private static Command OfMailbox(string name, AuditEvent? act, string description, Option<string?> mailbox, IEnumerable<Option> options, Func<Archive, string?, MailboxMatch, ParseResult, Surroundings, CancellationToken, Task<int>> run, Purpose purpose) =>
        OfJobOrReference(name, act, description, [mailbox, .. options], async (reference, jobs, parsed, surroundings, stop) =>
        {
            var (named, match) = Named(jobs, parsed.GetValue(mailbox));
            var archive = await new ArchiveAccess(reference, surroundings).OpenAsync(ArchiveUse.Read, stop).ConfigureAwait(false);
            await using var lease = await ArchiveLease.ReadingAsync(archive, name, new Screen(surroundings).Warn, stop).ConfigureAwait(false);
            return await run(archive, named, match, parsed, surroundings, stop).ConfigureAwait(false);
        }, purpose);

    /// <summary>The mailbox that a command line means: one of the job file, or one as a person calls it.</summary>
    private static (string? Mailbox, MailboxMatch Match) Named(IReadOnlyList<NamedBackup> jobs, string? given) =>
        (jobs.FirstOrDefault(job => job.Name == given) ?? (given is null && jobs.Count == 1 ? jobs[0] : null)) is { } named ? (named.Job.Mailbox, MailboxMatch.Exact) : (given, MailboxMatch.Name);

    private static Command OfReference(string name, AuditEvent? act, string description, IEnumerable<Option> options, Func<ArchiveReference, ParseResult, Surroundings, CancellationToken, Task<int>> run, Purpose purpose = Purpose.Archive) =>
        OfJobOrReference(name, act, description, options, (reference, _, parsed, surroundings, stop) => run(reference, parsed, surroundings, stop), purpose);

    /// <param name="act">What it is in the audit trail; <see cref="CommandActs.OnlyReads"/>.</param>
    /// <param name="onlyReads">By these options it changes nothing.</param>
    private static Command OfJobOrReference(string name, AuditEvent? act, string description, IEnumerable<Option> options, Func<ArchiveReference, IReadOnlyList<NamedBackup>, ParseResult, Surroundings, CancellationToken, Task<int>> run,
        Purpose purpose = Purpose.Archive, Func<ParseResult, bool>? onlyReads = null)
    {
        var (command, archive) = (new Command(name, description), new ArchiveArgument());
        archive.AddTo(command);
        foreach (var option in options)
            command.Options.Add(option);
        // On record below, where it is known which archive a job file means.
        command.Does(null, (parsed, surroundings, stop) =>
        {
            var (reference, jobs) = archive.Read(parsed);
            new Exposures(surroundings).Warn(reference);
            return CommandActs.RecordedAsync(surroundings, onlyReads?.Invoke(parsed) == true ? null : act, CommandActs.Subject(parsed, reference.Location), () => run(reference, jobs, parsed, surroundings, stop));
        }, purpose);
        return command;
    }

    private static Option<string?> Mailbox() => new("--mailbox") { Description = "Which mailbox, if the archive holds several: its account, or a part of it." };

    private static Option<string?> ExactMailbox() => new("--mailbox")
    {
        Description = "Which mailbox, if the archive holds several: its name in the job, its account, its login name, or what stands before the \"@\" of that. Default: the mailbox of the job file.",
    };

    private static Option<string?> At(bool complete = false) => new("--at")
    {
        Description = $"Which snapshot: the latest at the end of a day (2026-11-01), at a moment (2026-11-01T08:00Z), or by its id. Default: the latest{(complete ? " that is complete" : "")}.",
    };

    private static Option<string?> Password() => new("--password")
    {
        Description = $"Where the account's password is: env:NAME, file:PATH, setting:NAME or prompt. Default: env:{CopyJob.PasswordVariable("target")} where that is set, else prompt.",
    };

    private static Option<string> FormatOption()
    {
        var option = new Option<string>("--format") { Description = "mbox (one file a folder), maildir (Maildir++) or eml (one file a message).", Required = true };
        option.AcceptOnlyFromAmong("mbox", "maildir", "eml");
        return option;
    }

    private static FileFormat Format(string text) => Enum.Parse<FileFormat>(text, ignoreCase: true);

    private static Option<int> Keep(string name, string what) => NumberOption.Create($"--keep-{name}", $"Keep {what}.", 0, 100_000, 0);

    /// <returns>0 where nothing is to be read, 1 for all.</returns>
    private static double Share(ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetResult(option) is not { Implicit: false })
            return 0;
        if (parsed.GetValue(option) is not { Length: > 0 } text)
            return 1;
        return double.TryParse(text.TrimEnd('%'), System.Globalization.CultureInfo.InvariantCulture, out var percent) && percent is > 0 and <= 100 ? percent / 100
            : throw new JobFileException("command line", [new JobFileError(option.Name, $"is \"{text}\"; write a share such as 5%, or nothing for all.")]);
    }
}
