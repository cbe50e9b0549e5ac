using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Search;

/// <summary>Finds out where messages are and were, and when.</summary>
internal sealed class MessagePlaces(
    IReadOnlyList<(MailboxHistory History, int? At)> mailboxes,
    SearchConditions conditions,
    IdentityPages pages
)
{
    private readonly Dictionary<ContentId, IReadOnlyList<ArchivedMessage>> _read = [];

    public async Task<IReadOnlyList<FoundMessage<T>>> FindAsync<T>(IReadOnlyDictionary<ContentId, T?> messages, CancellationToken stop)
        where T : class
    {
        var found = new List<FoundMessage<T>>();
        if (messages.Count == 0)
            return found;
        var ids = MessageIds.Of(messages.Keys);
        foreach (var (history, at) in mailboxes)
        {
            // Mailboxes seldom share a page.
            _read.Clear();
            var places = new Dictionary<(FolderPath Folder, UidValidity UidValidity, Uid Uid, ContentId Content), Place>();
            foreach (var span in history.Spans.Where(span => conditions.Folders.Includes(span.Path)))
            {
                foreach (var page in span.Pages)
                {
                    foreach (var message in await ReadAsync(page, messages.ContainsKey, stop))
                        Note(places, span, message, at);
                }
            }
            var newest = history.Snapshots.Count - 1;
            found.AddRange(
                places
                    .Where(place => place.Value.Asked)
                    .Select(place => new FoundMessage<T>(
                        ids[place.Key.Content],
                        place.Key.Content,
                        history.Mailbox,
                        place.Key.Folder,
                        place.Key.UidValidity,
                        place.Key.Uid,
                        place.Value.Message.Size,
                        place.Value.Message.Date,
                        history.Snapshots[place.Value.First].Time,
                        history.Snapshots[place.Value.Last].Time,
                        place.Value.Last == newest ? true
                            : MissingItems.Has(history.Newest, place.Key.Folder) ? null
                            : false,
                        messages[place.Key.Content]
                    ))
            );
        }
        return
        [
            .. found
                .OrderBy(message => message.Mailbox, StringComparer.Ordinal)
                .ThenBy(message => message.Folder.ToString(), StringComparer.Ordinal)
                .ThenBy(message => message.Date)
                .ThenBy(message => message.UidValidity)
                .ThenBy(message => message.Uid),
        ];
    }

    private static void Note(
        Dictionary<(FolderPath, UidValidity, Uid, ContentId), Place> places,
        FolderSpan span,
        ArchivedMessage message,
        int? at
    )
    {
        var key = (span.Path, span.UidValidity, message.Uid, message.Content);
        if (!places.TryGetValue(key, out var place))
            places[key] = place = new Place(message, span.First);
        place.Last = Math.Max(place.Last, span.Last);
        place.Asked |= at is not { } snapshot || span.Covers(snapshot);
    }

    /// <summary>The messages of a page that are looked for. Each page is read once, however many snapshots have it.</summary>
    private async Task<IReadOnlyList<ArchivedMessage>> ReadAsync(ContentId page, Func<ContentId, bool> wanted, CancellationToken stop)
    {
        if (!_read.TryGetValue(page, out var messages))
            _read[page] = messages = [
                .. (await pages.ReadAsync(page, stop)).Where(message => wanted(message.Content) && conditions.Fit(message)),
            ];
        return messages;
    }

    private sealed class Place(ArchivedMessage message, int first)
    {
        public ArchivedMessage Message => message;

        public int First { get; } = first;

        public int Last { get; set; } = first;

        /// <summary>It is there in a snapshot that was asked for.</summary>
        public bool Asked { get; set; }
    }
}
