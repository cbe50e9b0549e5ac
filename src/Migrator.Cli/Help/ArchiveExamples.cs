namespace Migrator.Cli.Help;

/// <summary>Examples of the commands that work on archives.</summary>
internal static class ArchiveExamples
{
    public static readonly IReadOnlyDictionary<string, Example[]> All = new Dictionary<string, Example[]>
    {
        ["migrator archive"] =
        [
            new("List the snapshots of a job's archive", "migrator archive snapshots nightly"),
            new("Check an archive by its directory", "migrator archive check /srv/mail-archive --passphrase file:passphrase.txt"),
        ],
        ["migrator archive init"] =
        [
            new("Create the archive of a job", "migrator archive init nightly"),
            new("Create an encrypted archive in a directory", "migrator archive init ./mail-archive --passphrase prompt"),
            new(
                "Create an archive in Azure Blob Storage",
                "migrator archive init https://account.blob.core.windows.net/mail --sas env:MAIL_SAS"
            ),
        ],
        ["migrator archive snapshots"] = [new("List the snapshots of one mailbox", "migrator archive snapshots nightly --mailbox ann")],
        ["migrator archive ls"] =
        [
            new("List the folders of the latest snapshot", "migrator archive ls nightly --mailbox ann"),
            new(
                "List the messages in a folder as it was yesterday evening",
                "migrator archive ls nightly --mailbox ann --folder Sent --at yesterday"
            ),
        ],
        ["migrator archive find"] =
        [
            new("Find messages in all snapshots", "migrator archive find nightly invoice"),
            new(
                "Find large messages from a sender since January",
                "migrator archive find nightly --from ann@example.org --since 2026-01-01 --larger 5MiB"
            ),
        ],
        ["migrator archive cat"] =
        [
            new("Save a message, by the ID that find shows", "migrator archive cat nightly --message 4f0c2a91 > message.eml"),
        ],
        ["migrator archive stats"] = [new("Show statistics of a job's archive", "migrator archive stats nightly")],
        ["migrator archive check"] =
        [
            new("Check the structure of an archive", "migrator archive check nightly"),
            new("Read 5% of the mail too, another share each day", "migrator archive check nightly --read-data 5%"),
        ],
        ["migrator archive repair"] =
        [
            new("Repair an archive, fetching lost messages from the mailboxes again", "migrator archive repair nightly"),
        ],
        ["migrator archive prune"] =
        [
            new("Show what would be removed", "migrator archive prune nightly --keep-daily 7 --keep-weekly 5 --keep-monthly 12 --dry-run"),
            new("Keep only the newest snapshot", "migrator archive prune nightly --keep-last 1"),
        ],
        ["migrator archive upkeep"] = [new("Run a job's upkeep now", "migrator archive upkeep nightly")],
        ["migrator archive accept-shrunk"] =
        [
            new("Let prune remove old snapshots of a mailbox again", "migrator archive accept-shrunk nightly --mailbox ann"),
        ],
        ["migrator archive key"] = [new("List the keys of an archive", "migrator archive key list nightly")],
        ["migrator archive key list"] = [new("List the keys of an archive", "migrator archive key list nightly")],
        ["migrator archive key add"] =
        [
            new("Add a recovery key, to be kept on paper", "migrator archive key add nightly --recovery"),
            new("Add a passphrase", "migrator archive key add nightly --new-passphrase prompt"),
        ],
        ["migrator archive key change"] = [new("Change the passphrase", "migrator archive key change nightly --new-passphrase prompt")],
        ["migrator archive key remove"] = [new("Remove a key", "migrator archive key remove nightly --id 3fa94c")],
        ["migrator archive key rotate"] = [new("Encrypt new mail with a new master key", "migrator archive key rotate nightly")],
        ["migrator archive control-store"] =
        [
            new("Recreate the lost lease container of an archive", "migrator archive control-store nightly"),
        ],
        ["migrator archive rehydrate"] =
        [
            new("Show what a rehydration costs", "migrator archive rehydrate nightly --mailbox ann --dry-run"),
            new("Rehydrate one folder quickly", "migrator archive rehydrate nightly --mailbox ann --folder Sent --priority high"),
        ],
        ["migrator restore"] =
        [
            new("Restore what is missing in a mailbox", "migrator restore nightly --mailbox ann --to imaps://ann@imap.example.org"),
            new(
                "Restore a folder beside the present one, as it was three days ago",
                "migrator restore nightly --mailbox ann --at 3d --folder Sent --mode side --to imaps://ann@imap.example.org"
            ),
        ],
        ["migrator export"] =
        [
            new("Export a mailbox as mbox files", "migrator export nightly --mailbox ann --format mbox --to ./ann-mail"),
            new(
                "Export a folder as it was at a point in time",
                "migrator export nightly --mailbox ann --folder Sent --at \"2026-11-24 18:00\" --format eml --to ./ann-sent"
            ),
        ],
        ["migrator import"] =
        [
            new("Import mbox files into an account", "migrator import ./ann-mail --format mbox --to imaps://ann@imap.example.org"),
            new("Import a Maildir into an archive", "migrator import ~/Maildir --format maildir --to ./mail-archive --mailbox ann"),
        ],
    };
}
