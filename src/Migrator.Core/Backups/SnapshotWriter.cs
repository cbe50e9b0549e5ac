using Migrator.Core.Archives;
using Migrator.Core.Archives.Headers;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Backups;

/// <summary>Turns what a run has gathered into a snapshot, in the order that makes a crash harmless: packs, headers, pages, index,
/// snapshot. Each is durable before the next is begun.</summary>
internal sealed class SnapshotWriter(
    Archive archive,
    ArchiveLease lease,
    ArchiveIndex index,
    PackWriter messages,
    HeaderWriter headers,
    PackWriter headerPacks,
    PackWriter pages,
    string mailbox,
    string account,
    DateTimeOffset started
)
{
    // Snapshots that cannot be read, at most, behind one that can.
    private const int MostUnread = 10_000;

    // Of more, listing all is cheaper.
    private const int MostAskedFor = 20;

    private readonly List<PackContents> _unindexed = [];
    private SnapshotName? _last;
    private StoredTotals _before = StoredTotals.None;
    private long _next = 1;

    /// <summary>The snapshot that this one carries on.</summary>
    public Snapshot? Before { get; private set; }

    public SnapshotName? Last => _last;

    /// <summary>All snapshots of the mailbox, in order.</summary>
    public List<SnapshotName> Names { get; } = [];

    public bool IsSameAccount => Before?.IsOf(account) ?? true;

    /// <summary>UIDs given to messages of a source without.</summary>
    public SnapshotUidMap UidMap { get; private set; } = null!;

    /// <summary>As text, that the archive holds an earlier state than was seen before; null where it does not.</summary>
    public string? SetBack { get; private set; }

    /// <summary>Reads where the last run ended.</summary>
    public async Task LoadPreviousAsync(Action<string> notice, CancellationToken stop)
    {
        var seen = await archive.Memory.LastAsync(archive.Format.Id, archive.MailboxName(mailbox), stop);
        var names = await archive.SnapshotsAsync(mailbox, stop);
        Names.AddRange(names);
        // One that cannot be read must not be the end of backups, nor of what an earlier one knows of mail that a POP3 server no longer
        // has.
        if (await SnapshotChoice.NewestAsync(archive, names, null, notice, stop) is var (name, before))
        {
            (_last, Before, _before) = (name, before, before.Total ?? StoredTotals.None);
            archive.Counts.Add(name, before);
        }
        if (new SnapshotHistory(names, archive.Time.GetUtcNow()).Ahead(archive.Time.GetUtcNow()) is { } ahead)
            notice(ahead);
        SetBack = seen?.IsGone(names, _last) == true ? seen.Words(archive.Location, names) : null;
        // Above whatever was seen or cannot be read, so that no two snapshots share a number; not above what somebody has made up.
        var known = Math.Max(_last?.Sequence ?? 0, seen?.Sequence ?? 0);
        _next = names.Select(name => name.Sequence).Where(sequence => sequence < known + MostUnread).Append(known).Max() + 1;
        UidMap = await SnapshotUidMap.ReadAsync(archive, index, Before, stop);
    }

    /// <summary>Writes a snapshot, unless it would say the same as the last.</summary>
    /// <param name="folders">In the order of the listing: as they were, or as they are now.</param>
    /// <returns>Whether one was written.</returns>
    public async Task<bool> WriteAsync(
        SnapshotState state,
        IReadOnlyList<MissingItem> gaps,
        IReadOnlyList<(SnapshotFolder? Same, BackupFolder? Now)> folders,
        CancellationToken stop
    )
    {
        var losses = index.Losses;
        // What is stored by now was added to packs before: the flush makes all of it durable.
        var contents = folders.Select(folder => folder.Now?.Contents()).ToList();
        var before = new FoldersByPath(Before?.Folders ?? []);
        _unindexed.AddRange(await messages.FlushAsync(stop));
        // After the messages, and in the same index: no message is recorded without its headers.
        _unindexed.AddRange(await headers.FlushAsync(stop));

        var (records, written) = (
            new List<SnapshotFolder>(),
            new List<(BackupFolder Folder, FolderContents Contents, IReadOnlyList<KnownPage> Pages)>()
        );
        foreach (var ((same, now), content) in folders.Zip(contents))
        {
            if (same is not null)
                records.Add(same);
            else if (content is not null)
            {
                var durable = await DurableAsync(content, stop);
                if (state == SnapshotState.Complete && durable != content)
                    throw NotInPacks();
                var pages = await RecordAsync(now!, durable, before, stop);
                written.Add((now!, durable, pages));
                records.Add(Record(now!, pages));
            }
            else if (before.Find(now!.Folder.Path) is { } known && known.Pages.All(page => Contains(page.Identity) && Contains(page.Flags)))
                // It could not be read this time: what is known of it stays, and the gap says so.
                records.Add(known);
        }
        var keys = new List<ContentId>();
        foreach (var chunk in UidMap.Entries.Chunk(PageCodec.Most))
            keys.Add(await StorePageAsync(PageCodec.Keys(chunk), stop));
        // Pages that the last snapshot names and the archive had lost are there again: that is something new, although the snapshot says
        // the same.
        _unindexed.AddRange(await pages.FlushAsync(stop));

        if (
            SetBack is null
            && Before is { } last
            && last.State == state
            && last.Folders.SequenceEqual(records)
            && last.Keys.SequenceEqual(keys)
            && last.Gaps.Select(Kind).SequenceEqual(gaps.Select(Kind))
            && _unindexed.Count == 0
        )
            return false;
        if (!records.SelectMany(record => record.Pages).SelectMany(page => new[] { page.Identity, page.Flags }).Concat(keys).All(Contains))
            throw NotInPacks();
        await new IndexWriter(archive, lease).WriteAsync(_unindexed, [], stop);
        index.Indexed(_unindexed);
        _unindexed.Clear();
        await EnsureThereAsync(stop);
        await lease.EnsureHeldAsync(stop);
        var snapshot = new Snapshot(
            Snapshot.CurrentVersion,
            mailbox,
            account == mailbox ? null : account,
            _next,
            started,
            archive.Time.GetUtcNow(),
            state,
            _last?.Name,
            gaps,
            records,
            keys
        )
        {
            Total = new StoredTotals(
                _before.Messages + messages.Objects,
                _before.Plain + messages.Plain,
                _before.Stored + messages.Stored + headerPacks.Stored + pages.Stored
            ),
        };
        _last = await archive.WriteAsync(snapshot, stop);
        Names.Add(_last);
        archive.Counts.Add(_last, snapshot);
        _next++;
        if (!await lease.IsHeldAsync(stop))
            await RevalidateAsync(_last, stop);
        Before = snapshot;
        foreach (var (folder, content, pages) in written)
        {
            index.NoteWhole(IdOf(pages), losses, instead: IdOf(content.Known.Pages));
            folder.Recorded(pages, content);
        }
        await archive.Memory.SawAsync(archive.Format.Id, _last.Mailbox, new SeenSnapshot(_last.Sequence, _last.Id, _last.Time), stop);
        return true;
    }

    /// <summary>Notes, beside the archive, that the mailbox was examined and the last snapshot is up to date.</summary>
    /// <param name="requests">Of the run; the one that writes the note is added.</param>
    public Task RecordCheckAsync(RequestCount requests, CancellationToken stop)
    {
        var soFar = requests.Now;
        return new MailboxCheck(
            _last!.Name,
            archive.Time.GetUtcNow(),
            soFar.Total == 0 ? null : soFar with { Writes = soFar.Writes + 1 }
        ).WriteAsync(archive, _last.Mailbox, stop);
    }

    /// <summary>Looks once more at the packs that this run has written or found something in, whatever the leases said: with leases in two
    /// places, somebody may have removed them. What was known before, the snapshot before keeps.</summary>
    private async Task EnsureThereAsync(CancellationToken stop)
    {
        if (_last is not null && await archive.Store.FindAsync(_last.Name, stop) is null)
            throw Removed(_last.Name);
        var there = new HashSet<string>(StringComparer.Ordinal);
        string[] packs = [.. index.Written.Concat(index.Relied).Distinct(StringComparer.Ordinal)];
        if (packs.Length > MostAskedFor)
        {
            foreach (var prefix in packs.Select(pack => BlobKind.OfPack(pack).Prefix).Distinct())
            {
                await foreach (var blob in archive.Store.ListAsync(prefix, stop))
                    there.Add(blob.Name);
            }
        }
        foreach (var pack in packs)
        {
            if (!there.Contains(pack) && await archive.Store.FindAsync(pack, stop) is null)
                throw Removed(pack);
        }
    }

    private StorageException Removed(string blob) =>
        new(Reason.BlobMissing, $"{archive.Location}: {blob} was removed while this run relied on it; no snapshot was written.");

    /// <summary>The process slept between asking for its lease and writing the snapshot, or after that: what the snapshot names may have
    /// been removed before it was there to be respected. Once nobody can be removing anything, it is examined, and withdrawn if it is not
    /// true.</summary>
    private async Task RevalidateAsync(SnapshotName name, CancellationToken stop)
    {
        await using var again = await lease.AgainAsync(stop);
        var (contents, damaged) = (await ArchiveContents.ReadAsync(archive, stop), false);
        var touched = new AffectedMessages(archive, contents.Present(archive.Index.Packs), new Dictionary<ObjectId, string>());
        await touched.FindAsync([name], (_, _) => damaged = true, stop);
        if (!damaged && touched.Found.Count == 0)
            return;
        await again.EnsureHeldAsync(stop);
        await archive.Store.DeleteAsync(name.Name, stop);
        throw ArchiveLease.LeaseExpired(archive);
    }

    private static (FolderPath?, Uid?, string) Kind(MissingItem gap) => (gap.Folder, gap.Uid, gap.Failure.Code);

    private static InvalidOperationException NotInPacks() => new("A snapshot would name what is in no pack.");

    private static ContentId IdOf(IEnumerable<KnownPage> pages) => SnapshotPages.IdOf(pages.Select(page => page.Page));

    private async Task<IReadOnlyList<KnownPage>> RecordAsync(
        BackupFolder folder,
        FolderContents contents,
        FoldersByPath before,
        CancellationToken stop
    )
    {
        using var reader = new ObjectReader(archive, index);
        // Where nothing is known of the messages in them, pages of the snapshot before may still have the same. Those that the archive has
        // lost are not used again.
        var known =
            contents.Known.Pages.Count > 0
                ? contents.Known
                : KnownMessages.Of(
                    (before.Find(folder.Folder.Path)?.Pages ?? [])
                        .Where(page => Contains(page.Identity))
                        .Select(page => new KnownPage(page, Total: 0, Bytes: 0)),
                    UidSet.Empty
                );
        return await SnapshotPages.WriteAsync(known, contents.Stored, reader, bytes => StorePageAsync(bytes, stop), stop);
    }

    private static SnapshotFolder Record(BackupFolder folder, IReadOnlyList<KnownPage> pages) =>
        new(
            folder.Folder.Path,
            folder.Folder.Use,
            folder.Folder.Selectable,
            folder.Folder.Subscribed,
            folder.State,
            pages.Sum(page => page.Page.Count),
            pages.Sum(page => page.Bytes),
            [.. pages.Select(page => page.Page)]
        );

    /// <summary>Of two messages with one content, the second may be stored before the first is in a pack: other sessions continue while a
    /// snapshot is written on the way, and in a run that is stopped the first may never get there. What was in pages before is looked for
    /// once more, unless no pack has gone since it was there.</summary>
    /// <returns>The same where nothing is missing.</returns>
    private async Task<FolderContents> DurableAsync(FolderContents contents, CancellationToken stop)
    {
        using var reader = new ObjectReader(archive, index);
        var lost = index.IsWhole(IdOf(contents.Known.Pages)) ? UidSet.Empty : await contents.Known.LostAsync(reader, stop);
        var coming = UidSet.Of(
            contents
                .Stored.Chunk(PageCodec.Most)
                .SelectMany(chunk => chunk.Zip(reader.Know([.. chunk.Select(message => message.Content)])))
                .Where(message => !message.Second)
                .Select(message => message.First.Uid)
        );
        return coming.Count + lost.Count == 0
            ? contents
            : new FolderContents(contents.Known.Without(lost), [.. contents.Stored.Where(message => !coming.Contains(message.Uid))]);
    }

    private bool Contains(ContentId content) => index.Contains(archive.Keys.AddressOf(content));

    private async Task<ContentId> StorePageAsync(byte[] bytes, CancellationToken stop)
    {
        var content = ContentId.Of(bytes);
        var address = archive.Keys.AddressOf(content);
        if (index.TryReserve(address))
            await pages.AddAsync(address, bytes, stop);
        return content;
    }
}
