using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Makes the best of a damaged archive: indexes are rebuilt from the footers of packs, what is whole in a damaged pack is copied to a new one, and
/// messages that are lost are fetched again from their mailbox where it still has them. What cannot be read is set aside, never removed.</summary>
/// <param name="force">Also where less than half of the archive can be read.</param>
public sealed class ArchiveRepair(Archive archive, bool force = false)
{
    // Of fewer blobs, half says nothing.
    private const int FewestToJudge = 8;

    private readonly List<string> _done = [];
    private readonly List<(string Blob, string Why)> _unreadable = [];

    // Packs that do not say themselves what they hold: to be read, they are copied.
    private readonly HashSet<string> _walked = new(StringComparer.Ordinal);

    /// <param name="mailboxes">Those to fetch lost messages from; one that cannot be read is named in the report and stops nothing.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <exception cref="StorageException">The store failed, or somebody else is at the archive.</exception>
    public async Task<RepairReport> RunAsync(IReadOnlyList<RepairSource> mailboxes, Action<string> progress, CancellationToken stop)
    {
        await using var lease = await ArchiveLease.AcquireAsync(archive, "repair", null, ArchiveLease.Patience, progress, stop).ConfigureAwait(false);
        progress("Reading the index");
        var all = await ArchiveContents.ReadAsync(archive, stop).ConfigureAwait(false);
        EnsureOnline(all);
        var contents = all.Without(await (await archive.QuarantineAsync(stop).ConfigureAwait(false)).LiftAsync(archive, all, stop).ConfigureAwait(false));
        var packs = await PacksAsync(contents, progress, stop).ConfigureAwait(false);

        // Every pack is read: what is to be rested on from now on has been seen.
        var (whole, damaged, lost) = (new List<PackContents>(), new List<PackContents>(), new Dictionary<string, HashSet<ObjectId>>());
        foreach (var (number, pack) in packs.Index())
        {
            progress($"Reading packs: {number + 1:N0} of {packs.Count:N0}");
            var (wrong, gone) = await PackCheck.ReadAsync(archive, pack, stop).ConfigureAwait(false);
            (wrong is null && !_walked.Contains(pack.Name) ? whole : damaged).Add(pack);
            lost[pack.Name] = [.. gone.Select(entry => entry.Id)];
        }
        foreach (var (name, _) in contents.Bad.Where(bad => bad.Blob.StartsWith(BlobKind.Index.Prefix, StringComparison.Ordinal)))
            _unreadable.Add((name, "it cannot be read"));
        var unreadable = await SnapshotsAsync(contents, stop).ConfigureAwait(false);
        EnsureWorthIt(contents, damaged.Count(pack => lost[pack.Name].Count == pack.Entries.Count));

        var index = new ArchiveIndex();
        foreach (var pack in whole)
            index.Add(pack);
        await using var messagePacks = new PackWriter(archive, BlobKind.Pack, index);
        await using var pagePacks = new PackWriter(archive, BlobKind.Pages, index);
        progress("Saving what is whole in damaged packs");
        foreach (var pack in damaged)
            await SaveAsync(pack, lost[pack.Name], index, BlobKind.OfPack(pack.Name) == BlobKind.Pages ? pagePacks : messagePacks, stop).ConfigureAwait(false);
        await messagePacks.FlushAsync(stop).ConfigureAwait(false);
        await pagePacks.FlushAsync(stop).ConfigureAwait(false);

        var lostMessages = new LostMessages(archive, index, messagePacks);
        foreach (var mailbox in mailboxes)
            await FetchAsync(mailbox, lostMessages, progress, stop).ConfigureAwait(false);
        await messagePacks.FlushAsync(stop).ConfigureAwait(false);

        await WriteIndexAsync(contents, index, [.. damaged.Select(pack => pack.Name)], lease, stop).ConfigureAwait(false);
        foreach (var (name, why) in _unreadable.Where(blob => !blob.Blob.StartsWith(BlobKind.Index.Prefix, StringComparison.Ordinal)))
            await SetAsideAsync(name, why, lease, stop).ConfigureAwait(false);
        progress("Looking at what is still missing");
        var touched = await new TouchedMessages(archive, index, new Dictionary<ObjectId, string>())
            .FindAsync([.. contents.Snapshots.Select(snapshot => snapshot.Name).Except(unreadable)], (_, _) => { }, stop).ConfigureAwait(false);
        return new RepairReport(archive.Location, _done, [.. touched.Values.SelectMany(messages => messages)]);
    }

    /// <summary>Every pack is read: one that cannot be read now would pass for damaged, or its mail for lost.</summary>
    private void EnsureOnline(ArchiveContents contents)
    {
        if (contents.OfflinePacks is { Count: > 0 } offline)
            throw new StorageException(Reason.BlobOffline, $"{archive.Location}: repair reads every pack, and {offline.Count:N0} of {contents.Packs.Count:N0} packs ({offline.Sum(pack => pack.Size):N0} octets) are in the {offline[0].Tier} tier; nothing was changed. \"migrator archive rehydrate --all\" asks for all of them.");
    }

    private async Task FetchAsync(RepairSource mailbox, LostMessages lost, Action<string> progress, CancellationToken stop)
    {
        progress($"Looking for lost messages of {mailbox.Account}");
        try
        {
            var fetched = await lost.FetchAsync(mailbox.Account, mailbox.Open, stop).ConfigureAwait(false);
            if (fetched > 0)
                _done.Add($"{fetched:N0} lost message{(fetched == 1 ? " was" : "s were")} fetched again from {mailbox.Account}.");
        }
        catch (MailException exception)
        {
            _done.Add($"Lost messages could not be fetched again. {exception.Message} [{exception.Reason.Code}]");
        }
    }

    /// <summary>What the packs hold, by the indexes that can be read and else by their own footers.</summary>
    private async Task<List<PackContents>> PacksAsync(ArchiveContents contents, Action<string> progress, CancellationToken stop)
    {
        progress("Reading footers of packs");
        var listed = contents.Listed.ToDictionary(pack => pack.Name);
        var packs = new List<PackContents>();
        foreach (var blob in contents.Packs.Values)
        {
            if (listed.TryGetValue(blob.Name, out var pack))
            {
                packs.Add(pack);
                continue;
            }
            try
            {
                packs.Add(await Orphans.FooterAsync(archive, blob, stop).ConfigureAwait(false));
                _done.Add($"{blob.Name} was in no index that can be read; it is again.");
            }
            catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
            {
                progress($"Looking for messages in {blob.Name}");
                var entries = await PackWalk.ReadAsync(archive, blob, stop).ConfigureAwait(false);
                _done.Add($"{blob.Name} was in no index that can be read, and its footer cannot be read: {entries.Count:N0} objects were found in it one by one.");
                packs.Add(new PackContents(blob.Name, blob.Size, entries));
                _walked.Add(blob.Name);
            }
        }
        foreach (var pack in contents.Listed.Where(pack => BlobKind.IsPack(pack.Name) && !contents.Packs.ContainsKey(pack.Name)))
            _done.Add($"{pack.Name} is missing; it is in no index any more.");
        return packs;
    }

    /// <returns>Those that cannot be read.</returns>
    private async Task<HashSet<SnapshotName>> SnapshotsAsync(ArchiveContents contents, CancellationToken stop)
    {
        var unreadable = new HashSet<SnapshotName>();
        foreach (var (name, _) in contents.Snapshots)
        {
            try
            {
                await archive.ReadAsync(name, stop).ConfigureAwait(false);
            }
            catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
            {
                unreadable.Add(name);
                // Not in the words of what happened: they may name the mailbox, and the side can be read without a key.
                _unreadable.Add((name.Name, "it cannot be read, or is not what its name says"));
            }
        }
        return unreadable;
    }

    /// <summary>Where little can be read, something else is wrong: a store that gives out nonsense, or another archive's blobs. Then everything would be set aside.</summary>
    /// <param name="packs">In which nothing can be read.</param>
    private void EnsureWorthIt(ArchiveContents contents, int packs)
    {
        var (all, bad) = (contents.Packs.Count + contents.Snapshots.Count + contents.Indexes.Count + contents.Bad.Count, packs + _unreadable.Count);
        if (!force && all >= FewestToJudge && bad * 2 > all)
            throw new StorageException(Reason.ArchiveDamaged, $"{archive.Location}: {bad:N0} of {all:N0} blobs cannot be read with this key; nothing was changed. Look whether the store is whole, or restore it from a copy; --force repairs what is left.");
    }

    private async Task SaveAsync(PackContents pack, HashSet<ObjectId> lost, ArchiveIndex index, PackWriter packs, CancellationToken stop)
    {
        var saved = 0;
        // Where nothing can be read, the pack itself may not open.
        using var reader = pack.Entries.All(entry => lost.Contains(entry.Id)) ? null : await BlobReader.OpenAsync(archive, pack.Name, new SegmentBuffers(), stop).ConfigureAwait(false);
        foreach (var entry in pack.Entries.Where(entry => reader is not null && !lost.Contains(entry.Id) && index.TryReserve(entry.Id)))
        {
            await using var octets = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
            await using (var blob = await reader!.OpenAsync(entry.Offset, entry.Stored, stop).ConfigureAwait(false))
                await reader.CopyAsync(blob, entry.Offset, octets, stop).ConfigureAwait(false);
            octets.Position = 0;
            await packs.AddAsync(entry.Id, octets, entry.Plain, stop).ConfigureAwait(false);
            saved++;
        }
        _done.Add($"{pack.Name} was damaged: {saved:N0} of {pack.Entries.Count:N0} objects were moved to a new pack, {lost.Count:N0} could not be read.");
    }

    /// <summary>One index of everything that is whole; only then the old ones and the damaged packs go.</summary>
    private async Task WriteIndexAsync(ArchiveContents contents, ArchiveIndex index, HashSet<string> damaged, ArchiveLease lease, CancellationToken stop)
    {
        // Of kinds that this version does not know, too.
        var all = contents.Listed.Where(pack => !BlobKind.IsPack(pack.Name)).ToList();
        foreach (var (name, size) in index.Packs)
            all.Add(await Orphans.FooterAsync(archive, new BlobInfo(name, size, default), stop).ConfigureAwait(false));
        var before = contents.Indexes.Values.SelectMany(blob => blob.Packs).Select(pack => pack.Name).Order(StringComparer.Ordinal);
        var bad = contents.Bad.Select(blob => blob.Blob).Where(blob => blob.StartsWith(BlobKind.Index.Prefix, StringComparison.Ordinal)).ToList();
        if (bad.Count == 0 && damaged.Count == 0 && before.SequenceEqual(all.Select(pack => pack.Name).Order(StringComparer.Ordinal)))
            return;
        await lease.EnsureHeldAsync(stop).ConfigureAwait(false);
        // Noted before they are in no index: else a backup that comes before they are removed takes them for packs that a run left behind.
        foreach (var name in damaged)
            await SetAsideAsync(name, "objects in it cannot be read", lease, stop).ConfigureAwait(false);
        var next = archive.IndexName(all);
        foreach (var name in bad)
        {
            // Of the same content as the new one, which would not be written over it.
            if (name == next)
                await RemoveAsync(name, lease, stop).ConfigureAwait(false);
            else
                await SetAsideAsync(name, "it cannot be read", lease, stop).ConfigureAwait(false);
        }
        var written = await archive.WriteIndexAsync(all, lease, stop).ConfigureAwait(false);
        _done.Add($"The index was written anew: {all.Count:N0} packs.");
        await lease.EnsureHeldAsync(stop).ConfigureAwait(false);
        foreach (var name in contents.Indexes.Keys.Where(name => name != written))
            await RemoveAsync(name, lease, stop).ConfigureAwait(false);
    }

    private async Task SetAsideAsync(string name, string why, ArchiveLease lease, CancellationToken stop)
    {
        await lease.EnsureHeldAsync(stop).ConfigureAwait(false);
        await Quarantine.NoteAsync(archive, name, why, stop).ConfigureAwait(false);
        _done.Add($"{name} was set aside: {why.TrimEnd('.')}.");
    }

    /// <summary>Removes an index blob whose packs another one lists.</summary>
    private async Task RemoveAsync(string name, ArchiveLease lease, CancellationToken stop)
    {
        // Each time: others may have begun while this process slept, and may rely on it.
        await lease.EnsureHeldAsync(stop).ConfigureAwait(false);
        try
        {
            await archive.Store.DeleteAsync(name, stop).ConfigureAwait(false);
        }
        catch (StorageException exception) when (exception.Reason == Reason.BlobHeld)
        {
            _done.Add($"{name} is of no use, but the store does not let go of it yet. {exception.Reason.Hint}");
            await Quarantine.NoteAsync(archive, name, "another index lists what it does", stop).ConfigureAwait(false);
        }
    }
}

/// <param name="Done">What was done, in words.</param>
/// <param name="Lost">Messages that snapshots name and that cannot be restored.</param>
public sealed record RepairReport(string Archive, IReadOnlyList<string> Done, IReadOnlyList<TouchedMessage> Lost);
