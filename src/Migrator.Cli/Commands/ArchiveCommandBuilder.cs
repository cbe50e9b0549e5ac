using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.Core.Archives;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary>Makes commands that are given an archive, by its place or by a job.</summary>
internal static class ArchiveCommandBuilder
{
    public static Command OfArchive(
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
    public static Command OfReading(
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
    public static Command OfMailbox(
        string name,
        AuditEvent? act,
        string description,
        Option<string?> mailbox,
        IEnumerable<Option> options,
        Func<Archive, string?, MailboxMatch, ParseResult, CommandContext, CancellationToken, Task<int>> run,
        Purpose purpose,
        Func<ParseResult, bool>? onlyReads = null
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
            purpose,
            onlyReads
        );

    public static Command OfReference(
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
    public static Command OfJobOrReference(
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
        // Recorded below, where it is known which archive a job file means.
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

    /// <summary>The mailbox that a command line means: one of the job file, or one as a person calls it.</summary>
    public static (string? Mailbox, MailboxMatch Match) Named(IReadOnlyList<NamedBackup> jobs, string? given) =>
        (jobs.FirstOrDefault(job => job.Name == given) ?? (given is null && jobs.Count == 1 ? jobs[0] : null)) is { } named
            ? (named.Job.Mailbox, MailboxMatch.Exact)
            : (given, MailboxMatch.Name);

    /// <summary>All mailboxes of a job go by one rule.</summary>
    public static ShrunkRule Shrunk(IReadOnlyList<NamedBackup> jobs) => jobs.Count == 0 ? ShrunkRule.Default : jobs[0].Job.Shrunk;
}
