using Migrator.Core.Archives.Headers;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Search;

/// <summary>Finds messages in all snapshots by what is recorded of their headers. No mail is read, unless that is asked for. In memory are
/// the content ids of the messages that are examined, and what was found.</summary>
public sealed class ArchiveSearch
{
    // Packs of headers that are read at once: some are small, and each is a request.
    private const int AtOnce = 4;

    // What a snapshot says of its own size may be anything.
    private const long MostExpected = 1 << 20;

    private readonly Archive _archive;
    private readonly IReadOnlyList<(MailboxHistory History, int? At)> _mailboxes;
    private readonly Action<string> _warn;

    private ArchiveSearch(Archive archive, IReadOnlyList<(MailboxHistory, int?)> mailboxes, Action<string> warn) =>
        (_archive, _mailboxes, _warn) = (archive, mailboxes, warn);

    /// <summary>The folders that are looked into where no condition leaves some out.</summary>
    public IReadOnlyList<FolderPath> Folders => [.. Spans(_ => true).Select(span => span.Path).Distinct()];

    /// <summary>Reads the snapshots that are examined.</summary>
    /// <param name="mailbox">A part of what mailboxes are called; null for all.</param>
    /// <param name="at">The one snapshot of each mailbox that is examined; null for all.</param>
    /// <param name="warn">Receives what cannot be read.</param>
    /// <exception cref="StorageException"><see cref="Reason.SnapshotMissing"/>; or the archive cannot be read.</exception>
    public static async Task<ArchiveSearch> OpenAsync(
        Archive archive,
        string? mailbox,
        string? at,
        Action<string> warn,
        CancellationToken stop
    )
    {
        var mailboxes = new List<(MailboxHistory History, int? At)>();
        await foreach (var found in SnapshotChoice.MailboxesAsync(archive, mailbox, MailboxMatch.Part, warn, stop))
        {
            var name =
                at is null ? null
                : at == "latest" ? found.Name
                : SnapshotChoice.At(found.History, at).Name;
            if (at is not null && name is null)
                continue;
            var history = await MailboxHistory.ReadAsync(archive, found, warn, stop);
            if (at is null)
                mailboxes.Add((history, null));
            else if (history.Find(name) is { } place)
                mailboxes.Add((history, place));
        }
        return mailboxes.Count > 0
            ? new ArchiveSearch(archive, [.. mailboxes.OrderBy(found => found.History.Mailbox, StringComparer.Ordinal)], warn)
            : throw new StorageException(
                Reason.SnapshotMissing,
                $"{archive.Location} contains no snapshot that matches \"{at}\" and can be read. {SnapshotChoice.HowToSayWhen}"
            );
    }

    /// <param name="match">What is to be shown of a message whose headers fit; null for one whose headers do not. May be called from
    /// several tasks.</param>
    /// <exception cref="StorageException">The store failed.</exception>
    public async Task<SearchResult<T>> RunAsync<T>(SearchConditions conditions, Func<HeaderRecord, T?> match, CancellationToken stop)
        where T : class
    {
        // After the snapshots were listed: what they name is in it.
        var index = await _archive.IndexAsync(stop);
        using var pages = new IdentityPages(_archive, index, _warn);
        var wanted = new HashSet<ContentId>(Expected(conditions));
        foreach (var page in Spans(conditions.Folders.Includes).SelectMany(span => span.Pages).Distinct())
            wanted.UnionWith((await pages.ReadAsync(page, stop)).Where(conditions.Fit).Select(message => message.Content));
        var looking = new Looking<T>(wanted, conditions.Limit, match);
        await ReadRecordsAsync(index, looking, stop);
        if (conditions.ReadBodies && !looking.IsFull)
            await new BodyHeaders(_archive, index).ReadAsync(looking.Doubtful, looking.Read, _warn, () => looking.IsFull, stop);
        if (!conditions.AskHeaders)
            looking.TakeAll();
        var found = await new MessagePlaces(_mailboxes, conditions, pages).FindAsync(looking.Found, stop);
        return new SearchResult<T>(
            found,
            looking.Looked,
            looking.Unrecorded,
            conditions.AskHeaders ? looking.Cut : 0,
            pages.Unreadable,
            looking.IsFull
        );
    }

    /// <summary>About how many messages there are to be examined: a set that grows to that takes three times as much on the way.</summary>
    private int Expected(SearchConditions conditions) =>
        (int)
            Math.Min(
                MostExpected,
                _mailboxes.Sum(mailbox =>
                    mailbox
                        .History.Newest.Folders.Where(folder => conditions.Folders.Includes(folder.Path))
                        .Sum(folder => (long)folder.Count)
                )
            );

    private IEnumerable<FolderSpan> Spans(Func<FolderPath, bool> folders) =>
        _mailboxes.SelectMany(mailbox =>
            mailbox.History.Spans.Where(span => (mailbox.At is not { } at || span.Covers(at)) && folders(span.Path))
        );

    private async Task ReadRecordsAsync<T>(ArchiveIndex index, Looking<T> looking, CancellationToken stop)
        where T : class
    {
        await Parallel.ForEachAsync(
            index.HeaderPacks,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop },
            async (pack, token) =>
            {
                // Messages whose headers are lost with it count as without.
                await foreach (
                    var records in HeaderSegments.ReadAsync(
                        _archive,
                        pack,
                        damage => _warn($"{damage.Message} {damage.Reason.Hint}"),
                        token
                    )
                )
                {
                    foreach (var record in records.TakeWhile(_ => !looking.IsFull))
                        looking.Look(record);
                    if (looking.IsFull)
                        return;
                }
            }
        );
    }
}
