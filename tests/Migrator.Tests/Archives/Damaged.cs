using System.Text;
using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Archives;

/// <summary>A small archive of several nights, to be damaged.</summary>
/// <param name="Mailbox">As it was when the newest snapshot was written.</param>
internal sealed record Damaged(
    MemoryArchive Archive,
    MemoryMailSource Mailbox,
    IReadOnlyDictionary<SnapshotName, IReadOnlyList<string>> Snapshots
)
{
    /// <param name="modSeq">The source has mod-sequences, so that a folder in which nothing changed is not looked into.</param>
    public static async Task<Damaged> MakeAsync(bool encrypted, bool modSeq = false)
    {
        var (archive, mailbox, random) = (await MemoryArchive.CreateAsync(encrypted), new MemoryMailSource(), new Random(11));
        var (inbox, sent) = (mailbox.Add("INBOX", SpecialUse.Inbox), mailbox.Add("Sent", SpecialUse.Sent, uidValidity: 3));
        for (var night = 0; night < 3; night++)
        {
            foreach (var folder in mailbox.Folders)
            {
                for (var count = 0; count < 4; count++)
                    folder.Add(Letter(random), "\\Seen", MemoryArchive.Epoch.AddHours(count));
                folder.HighestModSeq = modSeq ? (ulong)night + 1 : 0;
            }
            inbox.Messages[1] = inbox.Messages[1] with { Flags = FlagSet.Parse($"$Night{night}") };
            sent.Add(inbox.Messages[2].Bytes);
            await archive.BackUpAllAsync(mailbox);
            archive.Time.Advance(TimeSpan.FromDays(1));
        }
        var snapshots = new Dictionary<SnapshotName, IReadOnlyList<string>>();
        foreach (var name in await archive.SnapshotsAsync())
            snapshots.Add(name, await archive.RestoreAsync(name));
        return new Damaged(archive, mailbox, snapshots);
    }

    /// <summary>The blobs that are of one kind, the oldest first: their names are others each time.</summary>
    public async Task<IReadOnlyList<string>> BlobsAsync(string kind)
    {
        var blobs = new List<Core.Blobs.BlobInfo>();
        await foreach (var blob in Archive.Store.ListAsync(kind, default))
            blobs.Add(blob);
        return [.. blobs.OrderBy(blob => blob.Modified).Select(blob => blob.Name)];
    }

    /// <summary>The blob that the newest snapshot's run wrote.</summary>
    public static async Task<string> NewestAsync(MemoryArchive archive, string kind)
    {
        var newest = default(Core.Blobs.BlobInfo);
        await foreach (var blob in archive.Store.ListAsync(kind, default))
            newest = newest is null || blob.Modified > newest.Modified ? blob : newest;
        return newest!.Name;
    }

    // Some that are compressed, some that are not.
    private static byte[] Letter(Random random) =>
        Encoding.Latin1.GetBytes(
            $"Subject: {random.Next()}\r\n\r\n{string.Concat(Enumerable.Repeat("Words, words. ", random.Next(12)))}\r\n"
        );
}
