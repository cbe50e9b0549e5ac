using Migrator.Core.Failures;
using Migrator.Core.Migrations;

namespace Migrator.Core.Archives;

/// <summary>Adds up what an archive holds, what it saves, and how it grows. It reads the pages of the newest snapshots, and no
/// mail.</summary>
public sealed class ArchiveStatistics(Archive archive)
{
    /// <summary>Growth is an average over so long, or since the first snapshot.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromDays(30);

    // Of less than about a day nobody can say what a night brings.
    private static readonly TimeSpan s_shortest = TimeSpan.FromHours(20);

    private readonly List<string> _notes = [];
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);

    /// <param name="progress">Receives what is being examined.</param>
    /// <exception cref="StorageException">The store failed.</exception>
    public async Task<StatisticsReport> RunAsync(Action<string> progress, CancellationToken stop)
    {
        progress("Reading the index");
        var index = await archive.IndexAsync(stop);
        progress("Listing what is stored");
        var blobs = await BlobsAsync(stop);
        var (mailboxes, common) = (new List<MailboxStatistics>(), new Common());
        using var reader = new ObjectReader(archive, index);
        await foreach (var mailbox in SnapshotChoice.MailboxesAsync(archive, _notes.Add, stop))
        {
            progress($"Looking for what mailboxes have in common: mailbox {mailboxes.Count + 1:N0}");
            mailboxes.Add(await OfAsync(mailbox, stop));
            foreach (var page in mailbox.Newest.Folders.SelectMany(folder => folder.Pages))
                common.Add(archive.Keys, index, await PageAsync(reader, page, stop));
        }
        _notes.AddRange(_unreadable.Take(10));
        return new StatisticsReport(
            archive.Location,
            archive.Time.GetUtcNow(),
            [.. mailboxes.OrderBy(mailbox => mailbox.Mailbox, StringComparer.Ordinal)],
            new Messages(common.Count, common.Bytes),
            archive.Index.Packs.Totals(BlobKind.Pack),
            blobs,
            common.Missing,
            _unreadable.Count,
            _notes
        );
    }

    private async Task<IReadOnlyList<KindOfBlobs>> BlobsAsync(CancellationToken stop)
    {
        var sums = new Dictionary<(string Kind, string? Tier), (long Blobs, long Bytes)>();
        await foreach (var blob in archive.Store.ListAsync("", stop))
        {
            var key = (blob.Name.Split('/')[0], blob.Tier);
            var (count, bytes) = sums.GetValueOrDefault(key);
            sums[key] = (count + 1, bytes + blob.Size);
        }
        return
        [
            .. sums.Select(sum => new KindOfBlobs(sum.Key.Kind, sum.Key.Tier, sum.Value.Blobs, sum.Value.Bytes))
                .OrderByDescending(sum => sum.Bytes)
                .ThenBy(sum => sum.Kind, StringComparer.Ordinal),
        ];
    }

    private async Task<MailboxStatistics> OfAsync(ArchivedMailbox mailbox, CancellationToken stop)
    {
        var check = await MailboxCheck.ReadAsync(archive, mailbox.Name.Mailbox, stop);
        return new MailboxStatistics(
            mailbox.Newest.Mailbox,
            mailbox.History.Names.Count,
            mailbox.Name.Time,
            mailbox.Newest.State,
            mailbox.Newest.Messages,
            mailbox.Newest.Bytes,
            await GrowthAsync(mailbox, stop),
            check?.At,
            check?.Requests
        );
    }

    /// <returns>Null where it is not known yet.</returns>
    private async Task<Growth?> GrowthAsync(ArchivedMailbox mailbox, CancellationToken stop)
    {
        var (now, history) = (archive.Time.GetUtcNow(), mailbox.History);
        var first = history.At(now - Period) ?? history.Names[0];
        // A night without news writes no snapshot: what was there at the beginning of the period, the last one before it says.
        var since = history.TimeOf(history.Names.ToList().IndexOf(first)) is var time && time < now - Period ? now - Period : time;
        if (now - since < s_shortest || mailbox.Newest.Total is not { } total)
            return null;
        try
        {
            var before = first == mailbox.Name ? mailbox.Newest : await archive.ReadAsync(first, stop);
            var nights = (now - since).TotalDays;
            return before.Total is { } then
                ? new Growth(
                    (total.Messages - then.Messages) / nights,
                    (total.Plain - then.Plain) / nights,
                    (total.Stored - then.Stored) / nights
                )
                : null;
        }
        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
        {
            _unreadable.Add(exception.Message);
            return null;
        }
    }

    private async Task<IReadOnlyList<ArchivedMessage>> PageAsync(ObjectReader reader, SnapshotPage page, CancellationToken stop)
    {
        try
        {
            return await SnapshotPages.ReadAsync(reader, page, stop);
        }
        catch (StorageException exception) when (ArchiveContents.MayBeElsewhere(exception))
        {
            _unreadable.Add(exception.Message);
            return [];
        }
    }

    /// <summary>What messages take if each content is there once.</summary>
    private sealed class Common
    {
        private readonly Marks _seen = new();

        public long Count { get; private set; }

        public long Bytes { get; private set; }

        public long Missing { get; private set; }

        public void Add(ArchiveKeys keys, ArchiveIndex index, IReadOnlyList<ArchivedMessage> messages)
        {
            foreach (var (message, places) in messages.Zip(index.FindAll([.. messages.Select(message => keys.AddressOf(message.Content))])))
            {
                if (places.Count == 0)
                    Missing++;
                else if (_seen.Add(places[0].Row))
                    (Count, Bytes) = (Count + 1, Bytes + message.Size);
            }
        }
    }
}
