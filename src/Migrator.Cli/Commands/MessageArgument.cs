using System.CommandLine;
using Migrator.App.Formatting;
using Migrator.Core.Archives;
using Migrator.Core.Archives.Search;
using Migrator.Core.Failures;
using Migrator.Core.Folders;

namespace Migrator.Cli.Commands;

/// <summary>What names single messages of an archive on a command line.</summary>
internal static class MessageArgument
{
    private const string Name = "--message";

    public static Option<string[]> Option(string verb) =>
        new(Name)
        {
            Description =
                $"{verb} only this message, by its ID as shown by find, or at least the first {MessageIds.Shortest} digits of "
                + "it (repeatable).",
            HelpName = "ID",
        };

    public static Option<string?> OneOption() =>
        new(Name)
        {
            Description = $"ID of the message as shown by find, or at least the first {MessageIds.Shortest} digits of it.",
            HelpName = "ID",
        };

    /// <exception cref="ConfigurationException">One of them is not an id.</exception>
    public static IReadOnlyList<string> Ids(IReadOnlyList<string> given)
    {
        var wrong = given.Where(id => !MessageIds.IsId(id)).ToList();
        return wrong.Count == 0
            ? [.. given.Distinct(StringComparer.OrdinalIgnoreCase)]
            : throw new ConfigurationException(
                "command line",
                [
                    .. wrong.Select(id => new ConfigurationError(
                        Name,
                        $"\"{id}\" is not a message ID: an ID has {MessageIds.Shortest} to 64 hexadecimal digits, as \"migrator "
                            + "archive find\" shows them."
                    )),
                ]
            );
    }

    /// <summary>The mailbox as somebody wants it: a snapshot, or messages that are named.</summary>
    /// <param name="ids">Empty for the whole snapshot.</param>
    public static async Task<GivenMailbox> FindAsync(
        Archive archive,
        string? mailbox,
        MailboxMatch match,
        string? at,
        IReadOnlyList<string> folders,
        IReadOnlyList<string> ids,
        CancellationToken stop
    )
    {
        if (ids.Count > 0)
        {
            var chosen = await MessageChoice.FindAsync(
                archive,
                mailbox,
                match,
                at,
                new FolderChoice(FolderRules.All with { Include = folders }),
                Ids(ids),
                stop
            );
            var count = chosen.Messages.Values.Sum(messages => messages.Count);
            return new GivenMailbox(
                chosen.Name,
                chosen.Snapshot,
                await ArchiveSource.SessionsAsync(archive, chosen, stop),
                chosen.Warnings,
                false,
                $"{Format.Count(count, "message")} of {chosen.Snapshot.Mailbox}, as in the newest snapshot that has "
                    + $"{(count == 1 ? "it" : "each")}"
            );
        }
        var found = await SnapshotChoice.FindAsync(archive, mailbox, at, match, complete: true, stop);
        return new GivenMailbox(
            found.Name,
            found.Snapshot,
            await ArchiveSource.SessionsAsync(archive, found.Snapshot, stop),
            found.Warnings,
            found.IsOlder,
            $"{found.Snapshot.Mailbox} as it was at {found.Name.Time:u} (snapshot {found.Name.Id}, "
                + $"{found.Snapshot.State.ToString().ToLowerInvariant()})"
        );
    }
}
