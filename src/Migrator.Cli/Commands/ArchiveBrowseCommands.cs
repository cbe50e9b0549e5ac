using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Cli.Output;
using Migrator.Core.Archives;
using Migrator.Core.Archives.Search;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Spectre.Console;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator archive snapshots</c>, <c>ls</c> and <c>cat</c>.</summary>
internal static class ArchiveBrowseCommands
{
    private static readonly IReadOnlyList<FittedColumn> s_snapshots =
    [
        new("Snapshot"),
        new("Written (UTC)"),
        new("State", Least: 8, IsSentence: true),
        new("Messages", Right: true),
        new("Size", Right: true, Rank: 1),
        new("Folders", Right: true, Rank: 2),
    ];

    private static readonly IReadOnlyList<FittedColumn> s_folders =
    [
        new("Folder", Least: 24),
        new("Use", Rank: 1),
        new("Subscribed", Rank: 2),
        new("Messages", Right: true),
        new("Size", Right: true),
    ];

    private static readonly IReadOnlyList<FittedColumn> s_messages =
    [
        new("UID", Right: true),
        new("Date"),
        new("Size", Right: true),
        new("Flags", Least: 8, IsSentence: true),
    ];

    public static async Task<int> SnapshotsAsync(Archive archive, string? mailbox, CommandContext context, CancellationToken stop)
    {
        var screen = new CommandOutput(context);
        var names = await SnapshotChoice
            .MailboxesAsync(archive, screen.Warn, stop)
            .Select(entry => entry.Newest.Mailbox)
            .Where(name => mailbox is null || name.Contains(mailbox, StringComparison.OrdinalIgnoreCase))
            .ToListAsync(stop);
        foreach (var (index, each) in names.Order(StringComparer.Ordinal).Index())
        {
            if (index > 0)
                screen.Explain("");
            var history = new SnapshotHistory(await archive.SnapshotsAsync(each, stop), context.Time.GetUtcNow());
            var rows = new List<string[]>();
            if (history.Ahead(context.Time.GetUtcNow()) is { } ahead)
                screen.Warn($"{each}: {ahead}");
            // What was written on the way is of no interest once something later is there.
            foreach (var name in history.Names.Where(name => name.State != SnapshotState.InProgress || name == history.Names[^1]))
            {
                if (await ReadAsync(archive, name, screen, stop) is not { } snapshot)
                    continue;
                screen.Say(
                    new JsonLine("snapshot")
                    {
                        { "id", name.Id },
                        { "time", name.Time },
                        { "mailbox", snapshot.Mailbox },
                        { "state", snapshot.State.ToString() },
                        { "messages", snapshot.Messages },
                        { "bytes", snapshot.Bytes },
                        { "gaps", snapshot.Gaps },
                    }
                );
                rows.Add([
                    name.Id,
                    name.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss"),
                    snapshot.State switch
                    {
                        SnapshotState.Complete => "complete",
                        SnapshotState.Partial => $"partial: {Why(snapshot)}",
                        _ => "on the way",
                    },
                    Format.Count(snapshot.Messages),
                    Format.Size(snapshot.Bytes),
                    Format.Count(snapshot.Folders.Count),
                ]);
            }
            screen.Table(each, s_snapshots, rows);
        }
        if (names.Count == 0)
            screen.Explain(
                mailbox is null
                    ? $"There are no snapshots in {archive.Location}."
                    : $"There are no snapshots of a mailbox like \"{mailbox}\" in {archive.Location}."
            );
        return ExitCode.Success;
    }

    /// <returns>Null, with a word, for one that cannot be read.</returns>
    private static async Task<Snapshot?> ReadAsync(Archive archive, SnapshotName name, CommandOutput screen, CancellationToken stop)
    {
        try
        {
            return await archive.ReadAsync(name, stop);
        }
        catch (StorageException exception) when (exception.Reason == Reason.ArchiveDamaged)
        {
            screen.Warn($"{exception.Message} {exception.Reason.Hint}");
            return null;
        }
    }

    public static async Task<int> ListAsync(
        Archive archive,
        string? mailbox,
        string? at,
        string? folder,
        CommandContext context,
        CancellationToken stop
    )
    {
        var screen = new CommandOutput(context);
        var (name, snapshot) = await FindAsync(archive, mailbox, at, MailboxMatch.Part, screen, stop);
        var title = $"{snapshot.Mailbox}, {Format.Moment(name.Time)}";
        if (folder is null)
        {
            foreach (var entry in snapshot.Folders)
                screen.Say(
                    new JsonLine("folder")
                    {
                        { "path", entry.Path.ToString() },
                        { "use", entry.Use.ToString() },
                        { "subscribed", entry.Subscribed },
                        { "uidValidity", entry.State?.UidValidity },
                        { "count", entry.Count },
                        { "bytes", entry.Bytes },
                    }
                );
            screen.Table(
                title,
                s_folders,
                [
                    .. snapshot.Folders.Select(entry =>
                        new[]
                        {
                            entry.Path.ToString(),
                            entry.Use == SpecialUse.None ? "" : entry.Use.ToString(),
                            entry.Subscribed ? "yes" : "",
                            Format.Count(entry.Count),
                            Format.Size(entry.Bytes),
                        }
                    ),
                ]
            );
            return ExitCode.Success;
        }
        await using var source = await (await ArchiveSource.SessionsAsync(archive, snapshot, stop))(stop);
        await source.OpenAsync(FolderArgument.Path(snapshot, folder), stop);
        var messages = await source.FetchSummariesAsync(await source.ListUidsAsync(1, stop), stop);
        foreach (var message in messages)
            screen.Say(
                new JsonLine("message")
                {
                    { "folder", folder },
                    { "uid", message.Uid },
                    { "size", message.Size },
                    { "flags", message.Flags.ToString() },
                    { "internalDate", message.InternalDate },
                }
            );
        screen.Table(
            $"{title}: {folder}",
            s_messages,
            [
                .. messages.Select(message =>
                    new[]
                    {
                        message.Uid.ToString(),
                        message.InternalDate.ToString("yyyy-MM-dd HH:mm zzz"),
                        Format.Size(message.Size),
                        message.Flags.ToString(),
                    }
                ),
            ]
        );
        return ExitCode.Success;
    }

    public static async Task<int> CatAsync(
        Archive archive,
        string? mailbox,
        string? at,
        string folder,
        Uid uid,
        CommandContext context,
        CancellationToken stop
    )
    {
        var (_, snapshot) = await FindAsync(archive, mailbox, at, MailboxMatch.Name, new CommandOutput(context), stop);
        await using var source = await (await ArchiveSource.SessionsAsync(archive, snapshot, stop))(stop);
        var path = FolderArgument.Path(snapshot, folder);
        await OfflineMail.EnsureNoneAsync(archive, snapshot, (other, number) => other == path && number == uid, context, stop);
        await source.OpenAsync(path, stop);
        var receiver = new ToStandardOutput();
        await source.FetchAsync([uid], receiver, stop);
        return receiver.Written
            ? ExitCode.Success
            : throw new MailException(
                Reason.SourceUnreadable,
                $"{folder} has no message with UID {uid} in the snapshot of {Format.Moment(snapshot.Finished)}."
            );
    }

    /// <summary>Writes the message of this id.</summary>
    /// <param name="mailbox">Null for whatever mailbox it is in.</param>
    public static async Task<int> CatAsync(
        Archive archive,
        string? mailbox,
        string? at,
        string id,
        CommandContext context,
        CancellationToken stop
    )
    {
        id = MessageArgument.Ids([id])[0];
        var chosen =
            mailbox is null && at is null
                ? await MessageChoice.FindAnywhereAsync(archive, id, stop)
                : await MessageChoice.FindAsync(archive, mailbox, MailboxMatch.Name, at, new FolderChoice(FolderRules.All), [id], stop);
        foreach (var warning in chosen.Warnings)
            new CommandOutput(context).Warn(warning);
        await using var source = await (await ArchiveSource.SessionsAsync(archive, chosen, stop))(stop);
        // Wherever it is, it is the same.
        var (folder, messages) = chosen.Messages.First();
        await source.OpenAsync(folder, stop);
        await source.FetchAsync([messages[0].Uid], new ToStandardOutput(), stop);
        return ExitCode.Success;
    }

    private static async Task<(SnapshotName, Snapshot)> FindAsync(
        Archive archive,
        string? mailbox,
        string? at,
        MailboxMatch match,
        CommandOutput screen,
        CancellationToken stop
    )
    {
        var (name, snapshot, warnings) = await SnapshotChoice.FindAsync(archive, mailbox, at, match, complete: false, stop);
        foreach (var warning in warnings)
            screen.Warn(warning);
        return (name, snapshot);
    }

    private static string Why(Snapshot snapshot) =>
        snapshot.Gaps.Count switch
        {
            0 => "",
            1 => snapshot.Gaps[0].Failure.Code,
            var count => $"{snapshot.Gaps[0].Failure.Code} and {count - 1} more",
        };

    // Only whole messages get to the output: what is damaged is noticed at its end.
    private sealed class ToStandardOutput : IContentSink
    {
        public bool Written { get; private set; }

        public Stream Open(Uid? uid, long size) => PrivateFiles.CreateTemporary();

        public async ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
        {
            await using (content)
            {
                content.Position = 0;
                try
                {
                    await using var output = StandardOutput.OpenStream();
                    await content.CopyToAsync(output, cancellationToken);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    StandardOutput.Lost(exception.Message);
                }
            }
            Written = true;
        }
    }
}
