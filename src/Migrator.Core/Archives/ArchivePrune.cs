using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Removes snapshots that the policy does not keep, and packs that no snapshot needs.</summary>
/// <param name="grace">A pack that nobody needs stays for so long after it was written: a run that has just written it may be about to name
/// it.</param>
/// <param name="acceptSetBack">The archive was set back on purpose: what this machine has seen of later snapshots is forgotten.</param>
/// <param name="setAside">Also removes what a repair has set aside because it cannot be read.</param>
/// <param name="shrunk">Of a mailbox that has shrunk by this rule all snapshots are kept; null for the usual one.</param>
public sealed class ArchivePrune(Archive archive, RetentionPolicy policy, TimeSpan grace, bool setAside = false, bool acceptSetBack = false, ShrunkRule? shrunk = null)
{
    // Each night that brought something adds an index; so many are read each night before they are made one.
    private const int MostIndexes = 64;

    // By the store's clock, as the times of blobs are: with this machine's a year ahead, what a run has just written would be old enough to go.
    private DateTimeOffset _now;

    /// <param name="dryRun">Only says what would be removed.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <exception cref="StorageException">The store failed, somebody else is at the archive, or a snapshot that is to be kept cannot be read: then it
    /// is not known what it needs, and nothing is removed.</exception>
    public async Task<PruneReport> RunAsync(bool dryRun, Action<string> progress, CancellationToken stop)
    {
        await using var lease = await ArchiveLease.AcquireAsync(archive, "prune", null, ArchiveLease.Patience, progress, stop).ConfigureAwait(false);
        _now = lease.Acquired;
        progress("Reading the snapshots");
        var contents = await ArchiveContents.ReadAsync(archive, stop).ConfigureAwait(false);
        var given = await archive.QuarantineAsync(stop).ConfigureAwait(false);
        if (setAside)
            given = await given.LiftAsync(archive, contents, stop).ConfigureAwait(false);
        if (contents.Bad.FirstOrDefault(bad => bad.Blob.StartsWith(BlobKind.Index.Prefix, StringComparison.Ordinal) && !given.Contains(bad.Blob)) is (not null, var why))
            throw new StorageException(Reason.ArchiveDamaged, $"Nothing was removed: {why}");
        foreach (var (mailbox, seen) in await archive.Memory.AllAsync(archive.Format.Id, stop).ConfigureAwait(false))
        {
            // What only lost snapshots held may be all that is left of them.
            var names = contents.Snapshots.Select(snapshot => snapshot.Name).Where(name => name.Mailbox == mailbox).ToList();
            var newest = await SnapshotChoice.NewestAsync(archive, [.. names.Where(name => !given.Contains(name.Name))], null, progress, stop).ConfigureAwait(false);
            if (!seen.IsGone(names, newest?.Name))
                continue;
            if (!acceptSetBack)
                throw new StorageException(Reason.ArchiveSetBack, $"Nothing was removed: {seen.Words(archive.Location, names)}");
            await archive.Memory.ForgetAsync(archive.Format.Id, mailbox, stop).ConfigureAwait(false);
        }
        // Taken for the copy that a snapshot needs, what a repair has set aside would stay, and the whole one go.
        var replaced = contents.Packs.Keys.Where(given.Contains).ToHashSet(StringComparer.Ordinal);
        var index = contents.Present(without: replaced);
        // What snapshots need may lie in a pack whose index was lost: repair would find it there.
        foreach (var orphan in await Orphans.ReadAsync(archive, leaving: true, _ => Task.FromResult(index), progress, stop).ConfigureAwait(false))
            index.Add(orphan);
        var frozen = await Shrinkage.FindAsync(archive, contents.Snapshots.Select(snapshot => snapshot.Name).Where(name => !given.Contains(name.Name)), shrunk ?? ShrunkRule.Default, stop).ConfigureAwait(false);
        var (keep, drop) = Choose(contents, given, frozen);
        progress("Finding out what they need");
        var needed = await NeededAsync(index, keep, stop).ConfigureAwait(false);
        // Names alone have been looked at so far. One that is none could have been put there so that others seem to be of no use.
        foreach (var name in drop.Where(name => !given.Contains(name.Name)))
            await archive.ReadAsync(name, stop).ConfigureAwait(false);

        // What a snapshot that cannot be read needs, nobody knows: another program or a later version may read it.
        var blind = !setAside && contents.Snapshots.Any(snapshot => given.Contains(snapshot.Name.Name));
        var sizes = contents.Packs;
        // Of a pack that is cut short or has no footer nobody knows what it still holds: repair saves what can be saved first.
        var dead = sizes.Values.Where(pack => !blind && (replaced.Contains(pack.Name) ? setAside : index.Knows(pack.Name)) && !needed.Contains(pack.Name) && MayGo(pack.Modified, grace)).ToList();
        var waiting = sizes.Values.Count(pack => !needed.Contains(pack.Name)) - dead.Count;
        var report = new PruneReport(archive.Location, dryRun, [.. keep.Select(name => name.Name)], [.. drop.Select(name => name.Name)], dead.Count, dead.Sum(pack => pack.Size), blind ? 0 : waiting, []) { Blind = blind, Frozen = [.. frozen.Values] };
        var scattered = contents.Indexes.Count > MostIndexes;
        if (dryRun)
            return report;

        var held = new List<string>();
        progress("Removing snapshots");
        foreach (var name in drop)
            await RemoveAsync(name.Name, held, lease, stop).ConfigureAwait(false);
        if (dead.Count > 0 || scattered || contents.Indexes.Keys.Any(given.Contains))
        {
            progress("Removing packs");
            await RemovePacksAsync(contents, [.. dead.Select(pack => pack.Name)], given, held, lease, stop).ConfigureAwait(false);
        }
        foreach (var (name, _) in setAside ? contents.Bad.Where(bad => given.Contains(bad.Blob)) : [])
            await RemoveAsync(name, held, lease, stop).ConfigureAwait(false);
        // Of earlier runs as well: what one that was killed still wanted to remove was looked at again just now.
        await lease.EnsureHeldAsync(stop).ConfigureAwait(false);
        await foreach (var note in archive.Side.ListAsync(Orphans.Leaving, stop).ConfigureAwait(false))
            await archive.Side.DeleteAsync(note.Name, stop).ConfigureAwait(false);
        return report with { Held = held };
    }

    private (List<SnapshotName> Keep, List<SnapshotName> Drop) Choose(ArchiveContents contents, Quarantine given, IReadOnlyDictionary<string, ShrunkMailbox> frozen)
    {
        var keep = new List<SnapshotName>();
        var drop = setAside ? contents.Snapshots.Select(snapshot => snapshot.Name).Where(name => given.Contains(name.Name)).ToList() : [];
        foreach (var mailbox in contents.Snapshots.Where(snapshot => !given.Contains(snapshot.Name.Name)).GroupBy(snapshot => snapshot.Name.Mailbox))
        {
            var kept = policy.Keep(new SnapshotHistory([.. mailbox.Select(snapshot => snapshot.Name)], _now));
            foreach (var (name, blob) in mailbox)
                (kept.Contains(name) || frozen.ContainsKey(mailbox.Key) || !MayGo(blob.Modified, TimeSpan.Zero) ? keep : drop).Add(name);
        }
        return (keep, drop);
    }

    private bool MayGo(DateTimeOffset written, TimeSpan atLeast) => _now - written >= TimeSpan.FromDays(archive.Format.ImmutableDays) && _now - written >= atLeast;

    /// <returns>The packs that hold something that a kept snapshot names.</returns>
    private async Task<HashSet<string>> NeededAsync(ArchiveIndex index, List<SnapshotName> keep, CancellationToken stop)
    {
        var (needed, seen) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<SnapshotPage>());
        using var reader = new ObjectReader(archive, index);
        foreach (var name in keep)
        {
            var snapshot = await archive.ReadAsync(name, stop).ConfigureAwait(false);
            foreach (var page in snapshot.Keys)
                Need(page);
            foreach (var page in snapshot.Folders.SelectMany(folder => folder.Pages).Where(seen.Add))
            {
                Need(page.Identity);
                Need(page.Flags);
                foreach (var message in await SnapshotPages.ReadAsync(reader, page, stop).ConfigureAwait(false))
                    Need(message.Content);
            }
        }
        return needed;

        void Need(ContentId content)
        {
            // What is missing is no reason to keep anything; check names it.
            foreach (var place in index.FindAll(archive.Keys.AddressOf(content)))
                needed.Add(place.Pack);
        }
    }

    /// <summary>A pack goes only after every index that lists it is gone: a run that believed such an index would not store a message that it takes to
    /// be there.</summary>
    private async Task RemovePacksAsync(ArchiveContents contents, HashSet<string> dead, Quarantine given, List<string> held, ArchiveLease lease, CancellationToken stop)
    {
        var old = contents.Indexes.Where(index => (contents.Indexes.Count > MostIndexes || given.Contains(index.Key) || index.Value.Packs.Any(pack => dead.Contains(pack.Name))) && MayGo(index.Value.Modified, TimeSpan.Zero)).Select(index => index.Key).ToHashSet();
        var rest = old.SelectMany(name => contents.Indexes[name].Packs).Where(pack => !dead.Contains(pack.Name) && !given.Contains(pack.Name)).DistinctBy(pack => pack.Name).ToList();
        if (await archive.WriteIndexAsync(rest, lease, stop).ConfigureAwait(false) is { } written)
            old.Remove(written);
        foreach (var name in old.ToList())
        {
            if (!await RemoveAsync(name, held, lease, stop).ConfigureAwait(false))
                old.Remove(name);
        }
        var listed = contents.Indexes.Where(index => !old.Contains(index.Key)).SelectMany(index => index.Value.Packs).Select(pack => pack.Name).ToHashSet(StringComparer.Ordinal);
        string[] going = [.. dead.Where(pack => !listed.Contains(pack))];
        if (going.Length == 0)
            return;
        // They are in no index now. Were this process to sleep here, a backup would take them over as what a killed run has left, and they would be removed
        // under its hands.
        await lease.EnsureHeldAsync(stop).ConfigureAwait(false);
        await archive.Side.ReplaceAsync($"{Orphans.Leaving}{Guid.NewGuid():n}", ArchiveJson.Write(going), stop).ConfigureAwait(false);
        foreach (var pack in going)
            await RemoveAsync(pack, held, lease, stop).ConfigureAwait(false);
    }

    /// <returns>False where the store holds it.</returns>
    private async Task<bool> RemoveAsync(string name, List<string> held, ArchiveLease lease, CancellationToken stop)
    {
        // Each time: others may have begun while this process slept, and may rely on it.
        await lease.EnsureHeldAsync(stop).ConfigureAwait(false);
        try
        {
            await archive.Store.DeleteAsync(name, stop).ConfigureAwait(false);
            return true;
        }
        catch (StorageException exception) when (exception.Reason == Reason.BlobHeld)
        {
            held.Add(name);
            return false;
        }
    }
}

/// <param name="Kept">Names of snapshots.</param>
/// <param name="Dropped">Names of snapshots that were removed, or would be.</param>
/// <param name="Packs">Packs that were removed, or would be.</param>
/// <param name="Octets">In them.</param>
/// <param name="Waiting">Packs that nobody needs and that are too young to be removed.</param>
/// <param name="Held">Blobs that the store did not let go of yet.</param>
public sealed record PruneReport(string Archive, bool DryRun, IReadOnlyList<string> Kept, IReadOnlyList<string> Dropped, int Packs, long Octets, int Waiting, IReadOnlyList<string> Held)
{
    /// <summary>No packs were removed, because a repair has set snapshots aside: what they need is not known.</summary>
    public bool Blind { get; init; }

    /// <summary>Mailboxes of which all snapshots were kept, because they have lost far more messages than usual.</summary>
    public IReadOnlyList<ShrunkMailbox> Frozen { get; init; } = [];
}
