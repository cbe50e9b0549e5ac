using System.Buffers.Binary;
using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Core.Archives.Search;

/// <summary>Finds the messages that a person names by their ids.</summary>
public static class MessageChoice
{
    /// <param name="mailbox">Null where the archive holds one only.</param>
    /// <param name="at">The snapshot that they are taken from; null for the newest that holds each.</param>
    /// <param name="folders">Those that they are taken from.</param>
    /// <param name="ids">Beginnings of content ids.</param>
    /// <exception cref="StorageException"><see cref="Reason.MessageMissing"/>: one of them is not in this mailbox, or names several
    /// messages; <see cref="Reason.SnapshotMissing"/>; or the archive cannot be read.</exception>
    public static async Task<ChosenMessages> FindAsync(
        Archive archive,
        string? mailbox,
        MailboxMatch match,
        string? at,
        FolderChoice folders,
        IReadOnlyList<string> ids,
        CancellationToken stop
    )
    {
        var warnings = new List<string>();
        var found = await SnapshotChoice.MailboxAsync(archive, mailbox, match, warnings.Add, stop);
        var look = new Look(archive, await archive.IndexAsync(stop), ids, folders, warnings.Add);
        using (look.Pages)
        {
            var history = await MailboxHistory.ReadAsync(archive, found, warnings.Add, stop);
            var place = At(archive, found, history, at);
            var contents = await look.ContentsAsync(history, place, stop);
            for (var number = 0; number < ids.Count; number++)
            {
                if (contents[number].Count == 0)
                    throw new StorageException(Reason.MessageMissing, await MissingAsync(look, found, ids[number], number, at, stop));
                if (contents[number].Count > 1)
                    throw Ambiguous(archive, ids[number], contents[number]);
            }
            return await TakeAsync(archive, look, history, place, [.. contents.SelectMany(content => content).Distinct()], warnings, stop);
        }
    }

    /// <summary>Finds one message, in whatever mailbox it is.</summary>
    /// <inheritdoc cref="FindAsync"/>
    public static async Task<ChosenMessages> FindAnywhereAsync(Archive archive, string id, CancellationToken stop)
    {
        var warnings = new List<string>();
        var look = new Look(archive, await archive.IndexAsync(stop), [id], new FolderChoice(FolderRules.All), warnings.Add);
        using (look.Pages)
        {
            var (all, first) = (new HashSet<ContentId>(), (MailboxHistory?)null);
            await foreach (var mailbox in SnapshotChoice.MailboxesAsync(archive, null, MailboxMatch.Part, warnings.Add, stop))
            {
                var history = await MailboxHistory.ReadAsync(archive, mailbox, warnings.Add, stop);
                var contents = (await look.ContentsAsync(history, null, stop))[0];
                all.UnionWith(contents);
                first ??= contents.Count > 0 ? history : null;
            }
            if (first is null)
                throw new StorageException(Reason.MessageMissing, $"{archive.Location} contains no message {id}.");
            if (all.Count > 1)
                throw Ambiguous(archive, id, all);
            return await TakeAsync(archive, look, first, null, all, warnings, stop);
        }
    }

    private static int? At(Archive archive, ArchivedMailbox mailbox, MailboxHistory history, string? at) =>
        at is null or "latest"
            ? at is null
                ? null
                : history.Snapshots.Count - 1
            : history.Find(SnapshotChoice.At(mailbox.History, at).Name)
                ?? throw new StorageException(
                    Reason.SnapshotMissing,
                    $"{archive.Location} contains no snapshot of {history.Mailbox} that matches \"{at}\" and can be read. "
                        + $"{SnapshotChoice.HowToSayWhen}"
                );

    private static StorageException Ambiguous(Archive archive, string id, IReadOnlyCollection<ContentId> contents) =>
        new(
            Reason.MessageMissing,
            $"{archive.Location} holds {contents.Count:N0} messages whose IDs begin with {id}; give more digits of the one that "
                + $"is meant: {string.Join(", ", contents.Take(5))}{(contents.Count > 5 ? ", …" : "")}."
        );

    private static async Task<string> MissingAsync(
        Look look,
        ArchivedMailbox mailbox,
        string id,
        int number,
        string? at,
        CancellationToken stop
    )
    {
        var others = new List<string>();
        await foreach (
            var other in SnapshotChoice
                .MailboxesAsync(look.Archive, _ => { }, stop)
                .Where(other => other.Name.Mailbox != mailbox.Name.Mailbox)
        )
        {
            var history = await MailboxHistory.ReadAsync(look.Archive, other, _ => { }, stop);
            if ((await look.ContentsAsync(history, null, stop))[number].Count > 0)
                others.Add(history.Mailbox);
        }
        var where = at is null ? "in no snapshot" : $"not in the snapshot \"{at}\"";
        var elsewhere =
            others.Count == 0
                ? ""
                : $"; it is in the mailbox {string.Join(", ", others.Take(5))}, and mail of one mailbox is not returned as another's";
        return $"{look.Archive.Location}: the message {id} is {where} of "
            + $"{mailbox.Newest.Mailbox}{(look.IsAllFolders ? "" : ", in the folders that are named")}{elsewhere}.";
    }

    /// <summary>Takes each message from the newest snapshot that holds it, in all folders that it is in there.</summary>
    private static async Task<ChosenMessages> TakeAsync(
        Archive archive,
        Look look,
        MailboxHistory history,
        int? at,
        IReadOnlyCollection<ContentId> contents,
        List<string> warnings,
        CancellationToken stop
    )
    {
        var newest = new Dictionary<ContentId, int>();
        foreach (var (content, span) in await look.SpansAsync(history, at, contents, stop))
            newest[content] = Math.Max(newest.GetValueOrDefault(content), at ?? span.Last);
        var (messages, records) = (new Dictionary<FolderPath, List<ArchivedMessage>>(), new Dictionary<FolderPath, SnapshotFolder>());
        using var reader = new ObjectReader(archive, look.Index);
        foreach (var group in newest.GroupBy(message => message.Value, message => message.Key).OrderByDescending(group => group.Key))
        {
            var snapshot = await archive.ReadAsync(history.Snapshots[group.Key].Name, stop);
            foreach (var folder in snapshot.Folders.Where(folder => folder.Selectable && look.Folders.Includes(folder.Path)))
            {
                foreach (var message in await look.MessagesAsync(reader, folder, [.. group], stop))
                {
                    records.TryAdd(folder.Path, folder);
                    if (!messages.TryGetValue(folder.Path, out var list))
                        messages[folder.Path] = list = [];
                    list.Add(
                        list.Exists(other => other.Uid == message.Uid) ? message with { Uid = list.Max(other => other.Uid).Next } : message
                    );
                }
            }
        }
        foreach (var list in messages.Values)
            list.Sort((one, other) => one.Uid.CompareTo(other.Uid));
        return Make(archive, history, history.Snapshots[newest.Values.Max()], messages, records, warnings);
    }

    private static ChosenMessages Make(
        Archive archive,
        MailboxHistory history,
        (SnapshotName Name, DateTimeOffset Time) newest,
        Dictionary<FolderPath, List<ArchivedMessage>> messages,
        Dictionary<FolderPath, SnapshotFolder> records,
        List<string> warnings
    )
    {
        // Another choice is another source to whatever remembers what was delivered from it.
        var hash = ContentId
            .Of(
                Encoding.UTF8.GetBytes(
                    string.Join(
                        '\n',
                        messages
                            .OrderBy(folder => folder.Key.ToString(), StringComparer.Ordinal)
                            .SelectMany(folder =>
                                folder.Value.Select(message => $"{history.Mailbox} {folder.Key} {message.Uid} {message.Content}")
                            )
                    )
                )
            )
            .ToArray();
        var validity = BinaryPrimitives.ReadUInt32LittleEndian(hash) | 1;
        var folders = messages.Select(folder =>
            records[folder.Key] with
            {
                State = new FolderState(validity, folder.Value[^1].Uid.Next, 0, folder.Value.Count),
                Count = folder.Value.Count,
                Bytes = folder.Value.Sum(message => message.Size),
                Pages = [],
            }
        );
        var snapshot = history.Newest with { State = SnapshotState.Complete, Gaps = [], Keys = [], Folders = [.. folders] };
        return new ChosenMessages(
            newest.Name with
            {
                Id = $"messages-{Convert.ToHexStringLower(hash)[..MessageIds.Length]}",
                State = SnapshotState.Complete,
            },
            snapshot,
            messages,
            warnings
        );
    }

    /// <summary>Looks for messages in identity pages.</summary>
    private sealed class Look(Archive archive, ArchiveIndex index, IReadOnlyList<string> ids, FolderChoice folders, Action<string> warn)
    {
        public Archive Archive => archive;

        public ArchiveIndex Index => index;

        public FolderChoice Folders => folders;

        public bool IsAllFolders => folders.Include.Count == 0;

        public IdentityPages Pages { get; } = new(archive, index, warn);

        /// <summary>Which messages of a mailbox each of the ids names.</summary>
        public async Task<IReadOnlyList<HashSet<ContentId>>> ContentsAsync(MailboxHistory history, int? at, CancellationToken stop)
        {
            HashSet<ContentId>[] found = [.. ids.Select(_ => new HashSet<ContentId>())];
            foreach (var page in Spans(history, at).SelectMany(span => span.Pages).Distinct())
            {
                foreach (var content in (await Pages.ReadAsync(page, stop)).Select(message => message.Content))
                {
                    var text = content.ToString();
                    for (var number = 0; number < ids.Count; number++)
                    {
                        if (text.StartsWith(ids[number], StringComparison.OrdinalIgnoreCase))
                            found[number].Add(content);
                    }
                }
            }
            return found;
        }

        public async Task<IReadOnlyList<(ContentId Content, FolderSpan Span)>> SpansAsync(
            MailboxHistory history,
            int? at,
            IReadOnlyCollection<ContentId> contents,
            CancellationToken stop
        )
        {
            var (found, pages) = (new List<(ContentId, FolderSpan)>(), new Dictionary<ContentId, IReadOnlyList<ContentId>>());
            foreach (var span in Spans(history, at))
            {
                foreach (var page in span.Pages)
                {
                    if (!pages.TryGetValue(page, out var there))
                        pages[page] = there = [
                            .. (await Pages.ReadAsync(page, stop)).Select(message => message.Content).Where(contents.Contains).Distinct(),
                        ];
                    found.AddRange(there.Select(content => (content, span)));
                }
            }
            return found;
        }

        /// <summary>Those of a folder that are among these, with their flags.</summary>
        public async Task<IReadOnlyList<ArchivedMessage>> MessagesAsync(
            ObjectReader reader,
            SnapshotFolder folder,
            HashSet<ContentId> contents,
            CancellationToken stop
        )
        {
            var messages = new List<ArchivedMessage>();
            foreach (var page in folder.Pages)
            {
                if ((await Pages.ReadAsync(page.Identity, stop)).Any(message => contents.Contains(message.Content)))
                    messages.AddRange(
                        (await SnapshotPages.ReadAsync(reader, page, stop)).Where(message => contents.Contains(message.Content))
                    );
            }
            return messages;
        }

        private IEnumerable<FolderSpan> Spans(MailboxHistory history, int? at) =>
            history.Spans.Where(span => (at is not { } place || span.Covers(place)) && folders.Includes(span.Path));
    }
}
