using Migrator.Core.Blobs;

namespace Migrator.Core.Archives;

/// <param name="Time">When they were made.</param>
/// <param name="Once">The messages in the newest snapshots of all mailboxes, each content counted once.</param>
/// <param name="Packs">The messages of all snapshots, as they lie in packs.</param>
/// <param name="Missing">Messages of the newest snapshots that are in no pack.</param>
/// <param name="Unreadable">Pages and snapshots that could not be read: what they say is not counted.</param>
/// <param name="Notes">What a person should know.</param>
public sealed record StatisticsReport(
    string Archive,
    DateTimeOffset Time,
    IReadOnlyList<MailboxStatistics> Mailboxes,
    Messages Once,
    PackTotals Packs,
    IReadOnlyList<KindOfBlobs> Blobs,
    long Missing,
    int Unreadable,
    IReadOnlyList<string> Notes
)
{
    /// <summary>The messages in the newest snapshots of all mailboxes, as often as they are there.</summary>
    public Messages Newest => new(Mailboxes.Sum(mailbox => mailbox.Messages), Mailboxes.Sum(mailbox => mailbox.Bytes));

    public int Snapshots => Mailboxes.Sum(mailbox => mailbox.Snapshots);

    public long Bytes => Blobs.Sum(kind => kind.Bytes);

    /// <summary>How many times as much the messages of the newest snapshots would take if each were stored wherever it is; null where there
    /// are none.</summary>
    public double? Dedupe => Once.Bytes == 0 ? null : (double)Newest.Bytes / Once.Bytes;

    /// <summary>How many times as much the messages in packs would take uncompressed; null where there are none.</summary>
    public double? Compression => Packs.Stored == 0 ? null : (double)Packs.Plain / Packs.Stored;

    /// <summary>Of those mailboxes of which it is known; null where it is of none.</summary>
    public Growth? Growth =>
        Mailboxes.Select(mailbox => mailbox.Growth).OfType<Growth>().Aggregate((Growth?)null, (sum, one) => sum is null ? one : sum + one);

    /// <summary>Requests of the last run of each mailbox together; null where the store does not charge for them.</summary>
    public Requests? Requests =>
        Mailboxes
            .Select(mailbox => mailbox.Requests)
            .OfType<Requests>()
            .Aggregate((Requests?)null, (sum, one) => sum is null ? one : sum + one);
}
