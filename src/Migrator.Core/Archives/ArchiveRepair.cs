using Migrator.Core.Archives.Headers;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Files;

namespace Migrator.Core.Archives;

/// <summary>Makes the best of a damaged archive: indexes are rebuilt from the footers of packs, what is whole in a damaged pack is copied
/// to a new one, and messages that are lost are fetched again from their mailbox where it still has them. What cannot be read is set aside,
/// never removed.</summary>
/// <param name="force">Also where less than half of the archive can be read.</param>
public sealed class ArchiveRepair(Archive archive, bool force = false)
{
    // Of fewer blobs, half says nothing.
    private const int FewestToJudge = 8;

    // Footers of so many packs are in memory at once.
    private const int MostAdopted = 100;

    private readonly List<string> _done = [];
    private readonly List<(PackContents Contents, HashSet<ObjectId> Lost)> _damaged = [];

    // Whole packs that no index blob lists.
    private readonly List<string> _unlisted = [];

    /// <param name="mailboxes">Those to fetch lost messages from; one that cannot be read is named in the report and stops nothing.</param>
    /// <param name="progress">Receives what is being done.</param>
    /// <exception cref="StorageException">The store failed, or somebody else is at the archive.</exception>
    public async Task<RepairReport> RunAsync(IReadOnlyList<RepairSource> mailboxes, Action<string> progress, CancellationToken stop)
    {
        await using var lease = await ArchiveLease.AcquireAsync(archive, "repair", LeaseScope.All, ArchiveLease.Patience, progress, stop);
        progress("Reading the index");
        var all = await ArchiveContents.ReadAsync(archive, stop);
        EnsureOnline(all);
        var aside = await (await archive.QuarantineAsync(stop)).LiftAsync(archive, all, stop);
        var contents = all.Without(aside);
        // What was set aside and can be read again counts again.
        await archive.Index.ReadAsync((_, _) => { }, stop);

        // Every pack is read: what is to be rested on from now on has been seen.
        foreach (var (number, blob) in contents.Packs.Values.Index())
        {
            progress($"Reading packs: {number + 1:N0} of {contents.Packs.Count:N0}");
            await ReadAsync(blob, progress, stop);
        }
        var badIndexes = contents
            .Bad.Select(bad => bad.Blob)
            .Where(name => name.StartsWith(BlobKind.Index.Prefix, StringComparison.Ordinal))
            .ToList();
        var unreadable = await UnreadableAsync(aside, stop);
        EnsureWorthIt(
            contents,
            _damaged.Count(pack => pack.Lost.Count == pack.Contents.Entries.Count) + badIndexes.Count + unreadable.Count
        );

        var damaged = _damaged.Select(pack => pack.Contents.Name).ToHashSet(StringComparer.Ordinal);
        var missing = contents
            .Missing(archive.Index.Packs)
            .Select(pack => pack.Name)
            .Where(name => !damaged.Contains(name) && !aside.Contains(name))
            .ToList();
        await AdoptAsync(contents, lease, stop);
        var index = new ArchiveIndex(archive.Index.Packs, name => damaged.Contains(name) || aside.Contains(name) || missing.Contains(name));
        await using var messagePacks = new PackWriter(archive, BlobKind.Pack, index);
        await using var pagePacks = new PackWriter(archive, BlobKind.Pages, index);
        await using var headerPacks = new PackWriter(archive, BlobKind.Headers, index);
        progress("Saving intact objects of damaged packs");
        foreach (var (pack, lost) in _damaged)
        {
            var kind = BlobKind.OfPack(pack.Name);
            await SaveAsync(
                pack,
                lost,
                index,
                kind == BlobKind.Pages ? pagePacks
                    : kind == BlobKind.Headers ? headerPacks
                    : messagePacks,
                stop
            );
        }
        await WriteIndexAsync(
            [.. await messagePacks.FlushAsync(stop), .. await pagePacks.FlushAsync(stop), .. await headerPacks.FlushAsync(stop)],
            index,
            lease,
            stop
        );

        var lostMessages = new LostMessages(archive, index, messagePacks);
        foreach (var mailbox in mailboxes)
            await FetchAsync(mailbox, lostMessages, progress, stop);
        await WriteIndexAsync(await messagePacks.FlushAsync(stop), index, lease, stop);
        await WriteHeadersAsync(index, headerPacks, lease, progress, stop);

        await DropAsync([.. damaged], missing, badIndexes, lease, stop);
        foreach (var name in unreadable)
            // Not in the words of what happened: they may name the mailbox, and the side can be read without a key.
            await SetAsideAsync(name, "it cannot be read, or is not what its name says", lease, stop);
        progress("Determining what is still missing");
        var touched = new AffectedMessages(archive, index, new Dictionary<ObjectId, string>());
        await foreach (var mailbox in archive.EachMailboxAsync(stop))
            await touched.FindAsync(
                [.. mailbox.Select(snapshot => snapshot.Name).Where(name => !aside.Contains(name.Name) && !unreadable.Contains(name.Name))],
                (_, _) => { },
                stop
            );
        return new RepairReport(archive.Location, _done, [.. touched.Found.Values.SelectMany(messages => messages)]);
    }

    /// <summary>Reads the headers of messages that have no record of them: of archives of earlier versions, or where a pack of headers was
    /// lost.</summary>
    private async Task WriteHeadersAsync(
        ArchiveIndex index,
        PackWriter packs,
        ArchiveLease lease,
        Action<string> progress,
        CancellationToken stop
    )
    {
        progress("Looking for messages whose headers are not in the archive");
        using var headers = new HeaderWriter(archive, index, packs);
        var written = await HeaderRebuild.RunAsync(archive, index.Whole, headers, stop);
        await WriteIndexAsync(await headers.FlushAsync(stop), index, lease, stop);
        if (written > 0)
            _done.Add($"Headers of {written:N0} message{(written == 1 ? " were" : "s were")} missing for \"find\"; they are there now.");
    }

    /// <summary>Every pack is read: one that cannot be read now would pass for damaged, or its mail for lost.</summary>
    private void EnsureOnline(ArchiveContents contents)
    {
        if (contents.OfflinePacks is { Count: > 0 } offline)
            throw new StorageException(
                Reason.BlobOffline,
                $"{archive.Location}: repair reads every pack, and {offline.Count:N0} of {contents.Packs.Count:N0} packs "
                    + $"({offline.Sum(pack => pack.Size):N0} bytes) are in the {offline[0].Tier} tier; nothing was changed. "
                    + "\"migrator archive rehydrate --all\" asks for all of them."
            );
    }

    private async Task FetchAsync(RepairSource mailbox, LostMessages lost, Action<string> progress, CancellationToken stop)
    {
        progress($"Looking for lost messages of {mailbox.Account}");
        try
        {
            var fetched = await lost.FetchAsync(mailbox.Account, mailbox.Open, stop);
            if (fetched > 0)
                _done.Add($"{fetched:N0} lost message{(fetched == 1 ? " was" : "s were")} fetched again from {mailbox.Account}.");
        }
        catch (MailException exception)
        {
            _done.Add($"Lost messages could not be fetched again. {exception.Message} [{exception.Reason.Code}]");
        }
    }

    /// <summary>Reads a pack and notes whether it is whole. What lies in it says the index, else its own footer, else a walk through
    /// it.</summary>
    private async Task ReadAsync(BlobInfo blob, Action<string> progress, CancellationToken stop)
    {
        var (contents, walked) = (archive.Index.Packs.Read(blob.Name), false);
        if (contents is not null && contents.Size != blob.Size)
            contents = contents with { Size = blob.Size };
        if (contents is null)
        {
            try
            {
                contents = await OrphanedPacks.FooterAsync(archive, blob, stop);
            }
            catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
            {
                progress($"Looking for messages in {blob.Name}");
                contents = new PackContents(blob.Name, blob.Size, await PackWalk.ReadAsync(archive, blob, stop));
                _done.Add(
                    $"{blob.Name} was in no index that can be read, and its footer cannot be read: {contents.Entries.Count:N0} "
                        + "objects were found in it one by one."
                );
                walked = true;
            }
        }
        var (wrong, lost) = await PackCheck.ReadAsync(archive, contents, stop);
        // One that does not say itself what it holds is copied, so that it can be read.
        if (wrong is not null || walked)
            _damaged.Add((contents, [.. lost.Select(entry => entry.Id)]));
        else if (!archive.Index.Packs.Knows(blob.Name))
            _unlisted.Add(blob.Name);
    }

    /// <summary>Lists whole packs that no index blob lists.</summary>
    private async Task AdoptAsync(ArchiveContents contents, ArchiveLease lease, CancellationToken stop)
    {
        foreach (var part in _unlisted.Chunk(MostAdopted))
        {
            var packs = new List<PackContents>();
            foreach (var name in part)
            {
                packs.Add(await OrphanedPacks.FooterAsync(archive, contents.Packs[name], stop));
                _done.Add($"{name} was in no readable index; it was added again.");
            }
            await new IndexWriter(archive, lease).WriteAsync(packs, [], stop);
        }
    }

    private async Task WriteIndexAsync(IReadOnlyList<PackContents> packs, ArchiveIndex index, ArchiveLease lease, CancellationToken stop)
    {
        await new IndexWriter(archive, lease).WriteAsync(packs, [], stop);
        index.Indexed(packs);
    }

    /// <returns>The names of snapshots that cannot be read.</returns>
    private async Task<HashSet<string>> UnreadableAsync(Quarantine aside, CancellationToken stop)
    {
        var unreadable = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var mailbox in archive.EachMailboxAsync(stop))
        {
            foreach (var (name, _) in mailbox.Where(snapshot => !aside.Contains(snapshot.Name.Name)))
            {
                try
                {
                    await archive.ReadAsync(name, stop);
                }
                catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
                {
                    unreadable.Add(name.Name);
                }
            }
        }
        return unreadable;
    }

    /// <summary>Where little can be read, something else is wrong: a store that returns nonsense, or another archive's blobs. Then
    /// everything would be set aside.</summary>
    /// <param name="bad">Blobs of which nothing can be read.</param>
    private void EnsureWorthIt(ArchiveContents contents, int bad)
    {
        var all = contents.Packs.Count + contents.Snapshots + contents.Indexes;
        if (!force && all >= FewestToJudge && bad * 2 > all)
            throw new StorageException(
                Reason.ArchiveDamaged,
                $"{archive.Location}: {bad:N0} of {all:N0} blobs cannot be read with this key; nothing was changed. Check "
                    + "whether the store is complete, or restore it from a copy; --force repairs what is left."
            );
    }

    private async Task SaveAsync(PackContents pack, HashSet<ObjectId> lost, ArchiveIndex index, PackWriter packs, CancellationToken stop)
    {
        var saved = 0;
        // Where nothing can be read, the pack itself may not open.
        using var reader = pack.Entries.All(entry => lost.Contains(entry.Id))
            ? null
            : await BlobReader.OpenAsync(archive, pack.Name, new SegmentBuffers(), stop);
        foreach (var entry in pack.Entries.Where(entry => reader is not null && !lost.Contains(entry.Id) && index.TryReserve(entry.Id)))
        {
            await using var bytes = PrivateFiles.CreateTemporary(options: FileOptions.Asynchronous);
            await using (var blob = await reader!.OpenAsync(entry.Offset, entry.Stored, stop))
                await reader.CopyAsync(blob, entry.Offset, bytes, stop);
            bytes.Position = 0;
            await packs.AddAsync(entry.Id, bytes, entry.Plain, stop);
            saved++;
        }
        _done.Add(
            $"{pack.Name} was damaged: {saved:N0} of {pack.Entries.Count:N0} objects were moved to a new pack, {lost.Count:N0} "
                + "could not be read."
        );
    }

    /// <summary>Takes out of the index what cannot be read, and notes it.</summary>
    private async Task DropAsync(
        IReadOnlyList<string> damaged,
        IReadOnlyList<string> missing,
        IReadOnlyList<string> badIndexes,
        ArchiveLease lease,
        CancellationToken stop
    )
    {
        // Noted before they are in no index: else a backup that comes before that takes them for packs that a run left behind.
        foreach (var name in damaged)
            await SetAsideAsync(name, "objects in it cannot be read", lease, stop);
        foreach (var name in badIndexes)
            await SetAsideAsync(name, "it cannot be read", lease, stop);
        foreach (var name in missing)
            _done.Add($"{name} is missing; it is in no index any more.");
        string[] gone = [.. damaged.Concat(missing).Where(archive.Index.Packs.Knows)];
        await new IndexRewrite(archive, lease).WithoutAsync(gone, stop);
        if (gone.Length + badIndexes.Count > 0)
            _done.Add($"The index was rewritten without {(gone.Length == 1 ? "1 pack" : $"{gone.Length:N0} packs")}.");
    }

    private async Task SetAsideAsync(string name, string why, ArchiveLease lease, CancellationToken stop)
    {
        await lease.EnsureHeldAsync(stop);
        await Quarantine.NoteAsync(archive, name, why, stop);
        _done.Add($"{name} was set aside: {why.TrimEnd('.')}.");
    }
}
