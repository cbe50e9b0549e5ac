using Migrator.Core.Blobs;
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

/// <param name="Bytes">Of the messages as they were received.</param>
public sealed record Messages(long Count, long Bytes);

/// <param name="Newest">When its newest snapshot was written.</param>
/// <param name="State">Of the newest snapshot.</param>
/// <param name="Messages">In it.</param>
/// <param name="Bytes">In it.</param>
/// <param name="Growth">Null where it is not known yet.</param>
/// <param name="LastRun">When a backup looked at it last; null where that is not known.</param>
/// <param name="Requests">Of that run; null where the store does not charge for them.</param>
public sealed record MailboxStatistics(
    string Mailbox,
    int Snapshots,
    DateTimeOffset Newest,
    SnapshotState State,
    long Messages,
    long Bytes,
    Growth? Growth,
    DateTimeOffset? LastRun,
    Requests? Requests
);

/// <summary>What a night brings on average.</summary>
/// <param name="Messages">That were not stored before.</param>
/// <param name="Plain">Their bytes.</param>
/// <param name="Stored">Bytes that they, their headers and the pages take in packs.</param>
public sealed record Growth(double Messages, double Plain, double Stored)
{
    public static Growth operator +(Growth one, Growth other) =>
        new(one.Messages + other.Messages, one.Plain + other.Plain, one.Stored + other.Stored);
}

/// <param name="Kind">The first part of their names.</param>
/// <param name="Tier">Where they lie; null where the store has only one such place.</param>
public sealed record KindOfBlobs(string Kind, string? Tier, long Blobs, long Bytes);
