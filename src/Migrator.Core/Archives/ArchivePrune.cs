using Migrator.Core.Archives.Headers;
using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Removes snapshots that the policy does not keep, and packs that no snapshot needs; merges small packs and those of which little is needed. Backups and
/// readers go on meanwhile, but for short steps. It can be stopped at any moment: the next one goes on with what is left.</summary>
/// <param name="grace">A pack that nobody needs stays for so long after it was written: a run that has just written it may be about to name
/// it.</param>
/// <param name="setAside">Also removes what a repair has set aside because it cannot be read.</param>
/// <param name="acceptSetBack">The archive was set back on purpose: what this machine has seen of later snapshots is forgotten.</param>
/// <param name="shrunk">Of a mailbox that has shrunk by this rule all snapshots are kept; null for the usual one.</param>
public sealed class ArchivePrune(Archive archive, RetentionPolicy policy, TimeSpan grace, bool setAside = false, bool acceptSetBack = false, ShrunkRule? shrunk = null)
{
    /// <summary>For so long a step has the archive alone, about: others wait for it.</summary>
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(10);

    private readonly List<string> _held = [], _later = [];

    // By the store's clock, as the times of blobs are: with this machine's a year ahead, what a run has just written would be old enough to go.
    private DateTimeOffset _now;

    /// <param name="dryRun">Only says what would be removed.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <exception cref="StorageException">The store failed, somebody else is at the archive, or a snapshot that is to be kept cannot be read: then it
    /// is not known what it needs, and nothing is removed.</exception>
    public async Task<PruneReport> RunAsync(bool dryRun, Action<string> progress, CancellationToken stop)
    {
        await using var lease = await ArchiveLease.AcquireAsync(archive, "prune", LeaseScope.Upkeep, ArchiveLease.Patience, progress, stop).ConfigureAwait(false);
        _now = lease.Acquired;
        progress("Reading the snapshots");
        var contents = await ArchiveContents.ReadAsync(archive, stop).ConfigureAwait(false);
        var aside = await archive.QuarantineAsync(stop).ConfigureAwait(false);
        if (setAside)
            aside = await aside.LiftAsync(archive, contents, stop).ConfigureAwait(false);
        if (contents.Bad.FirstOrDefault(bad => bad.Blob.StartsWith(BlobKind.Index.Prefix, StringComparison.Ordinal) && !aside.Contains(bad.Blob)) is (not null, var why))
            throw new StorageException(Reason.ArchiveDamaged, $"Nothing was removed: {why}");
        await EnsureNotSetBackAsync(contents, aside, progress, stop).ConfigureAwait(false);
        // Taken for the copy that a snapshot needs, what a repair has set aside would stay, and the whole one go.
        var index = contents.Present(archive.Index.Packs, aside.Contains);
        // What snapshots need may lie in a pack whose index was lost: repair would find it there.
        var orphans = await Orphans.ReadAsync(archive, leaving: true, _ => Task.FromResult(index), progress, stop).ConfigureAwait(false);
        foreach (var orphan in orphans)
            index.Add(orphan);
        var frozen = await Shrinkage.FindAsync(archive, contents.Snapshots.Select(snapshot => snapshot.Name).Where(name => !aside.Contains(name.Name)), shrunk ?? ShrunkRule.Default, stop).ConfigureAwait(false);
        var (keep, drop) = Choose(contents, aside, frozen);
        progress("Finding out what they need");
        var needed = new NeededObjects(archive, index);
        await needed.AddAsync(keep, stop).ConfigureAwait(false);
        // Names alone have been looked at so far. One that is none could have been put there so that others seem to be of no use.
        foreach (var name in drop.Where(name => !aside.Contains(name.Name)))
            await archive.ReadAsync(name, stop).ConfigureAwait(false);

        var packs = new PrunePacks(archive, contents, aside, needed, orphans, setAside, pack => MayGo(pack.Modified, grace));
        var dead = packs.Dead();
        var report = new PruneReport(archive.Location, dryRun, [.. keep.Select(name => name.Name)], [.. drop.Select(name => name.Name)], dead.Count, dead.Sum(name => contents.Packs[name].Size), packs.Blind ? 0 : packs.Waiting(dead), [])
        {
            Blind = packs.Blind,
            Frozen = [.. frozen.Values],
        };
        var repack = new Repack(archive, needed);
        var sources = packs.Blind ? [] : repack.Choose(packs.Movable());
        report = report with { Merged = sources.Count };
        if (dryRun)
            return report;

        progress("Removing snapshots");
        await RemoveSnapshotsAsync(drop, lease, progress, stop).ConfigureAwait(false);
        var written = await repack.RunAsync(sources, progress, stop).ConfigureAwait(false);
        progress("Removing packs");
        HashSet<string> leaving = [.. dead, .. repack.Sources];
        foreach (var pack in written)
            index.Add(pack);
        var headers = new HeaderMerge(archive, index, needed, leaving.Contains);
        var mergedHeaders = await headers.RunAsync(packs.Headers(), stop).ConfigureAwait(false);
        var going = await TakeOutAsync(contents, packs, repack, [.. written, .. mergedHeaders], headers, needed, leaving, lease, progress, stop).ConfigureAwait(false);
        foreach (var pack in going)
            await RemoveAsync(pack, lease, stop).ConfigureAwait(false);
        foreach (var (name, _) in setAside ? contents.Bad.Where(bad => aside.Contains(bad.Blob)) : [])
            await RemoveAsync(name, lease, stop).ConfigureAwait(false);
        await ClearNotesAsync(lease, stop).ConfigureAwait(false);
        await new IndexRewrite(archive, lease).TidyAsync(_now, stop).ConfigureAwait(false);
        return report with { Kept = [.. report.Kept, .. _later], Held = _held, Merged = going.Count(repack.Sources.Contains), MergedInto = written.Count };
    }

    private async Task EnsureNotSetBackAsync(ArchiveContents contents, Quarantine aside, Action<string> progress, CancellationToken stop)
    {
        foreach (var (mailbox, seen) in await archive.Memory.AllAsync(archive.Format.Id, stop).ConfigureAwait(false))
        {
            // What only lost snapshots held may be all that is left of them.
            var names = contents.Snapshots.Select(snapshot => snapshot.Name).Where(name => name.Mailbox == mailbox).ToList();
            var newest = await SnapshotChoice.NewestAsync(archive, [.. names.Where(name => !aside.Contains(name.Name))], null, progress, stop).ConfigureAwait(false);
            if (!seen.IsGone(names, newest?.Name))
                continue;
            if (!acceptSetBack)
                throw new StorageException(Reason.ArchiveSetBack, $"Nothing was removed: {seen.Words(archive.Location, names)}");
            await archive.Memory.ForgetAsync(archive.Format.Id, mailbox, stop).ConfigureAwait(false);
        }
    }

    private (List<SnapshotName> Keep, List<SnapshotName> Drop) Choose(ArchiveContents contents, Quarantine aside, IReadOnlyDictionary<string, ShrunkMailbox> frozen)
    {
        var keep = new List<SnapshotName>();
        var drop = setAside ? contents.Snapshots.Select(snapshot => snapshot.Name).Where(name => aside.Contains(name.Name)).ToList() : [];
        foreach (var mailbox in contents.Snapshots.Where(snapshot => !aside.Contains(snapshot.Name.Name)).GroupBy(snapshot => snapshot.Name.Mailbox))
        {
            var kept = policy.Keep(new SnapshotHistory([.. mailbox.Select(snapshot => snapshot.Name)], _now));
            foreach (var (name, blob) in mailbox)
                (kept.Contains(name) || frozen.ContainsKey(mailbox.Key) || !MayGo(blob.Modified, TimeSpan.Zero) ? keep : drop).Add(name);
        }
        return (keep, drop);
    }

    private bool MayGo(DateTimeOffset written, TimeSpan atLeast) => _now - written >= TimeSpan.FromDays(archive.Format.ImmutableDays) && _now - written >= atLeast;

    private async Task RemoveSnapshotsAsync(IReadOnlyList<SnapshotName> drop, ArchiveLease lease, Action<string> progress, CancellationToken stop)
    {
        for (var next = 0; next < drop.Count;)
        {
            await using var alone = await lease.AloneAsync(progress, stop).ConfigureAwait(false);
            for (var began = archive.Time.GetTimestamp(); next < drop.Count && archive.Time.GetElapsedTime(began) < s_step; next++)
                await RemoveAsync(drop[next].Name, alone, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Takes packs out of the index while nobody writes or reads: runs that begin afterwards do not know them, and they can be removed in peace.</summary>
    private async Task<IReadOnlyList<string>> TakeOutAsync(
        ArchiveContents contents, PrunePacks packs, Repack repack, IReadOnlyList<PackContents> written, HeaderMerge headers, NeededObjects needed, HashSet<string> leaving, ArchiveLease lease, Action<string> progress, CancellationToken stop)
    {
        await using var alone = await lease.AloneAsync(progress, stop).ConfigureAwait(false);
        // What was written since may need what nobody needed then.
        var known = contents.Snapshots.Select(snapshot => snapshot.Name.Name).ToHashSet(StringComparer.Ordinal);
        await archive.Index.ReadAsync(null, stop).ConfigureAwait(false);
        List<SnapshotName> later = [.. (await archive.SnapshotsAsync(null, stop).ConfigureAwait(false)).Where(name => !known.Contains(name.Name))];
        await needed.AddAsync(later, stop).ConfigureAwait(false);
        _later.AddRange(later.Select(name => name.Name));
        List<string> going = [.. packs.Dead(), .. packs.Movable().Where(repack.IsWhole).Select(pack => pack.Name)];
        // Where something stays that was to go, its headers do too.
        if (leaving.SetEquals(going))
            going.AddRange(headers.Gone);
        await archive.WriteIndexAsync(written, [], alone, stop).ConfigureAwait(false);
        if (going.Count == 0)
            return going;
        // They are about to be in no index. A backup would take them over as what a killed run has left, and they would be removed under its hands.
        await alone.EnsureHeldAsync(stop).ConfigureAwait(false);
        await archive.Side.ReplaceAsync($"{Orphans.Leaving}{Guid.NewGuid():n}", ArchiveJson.Write(going), stop).ConfigureAwait(false);
        await new IndexRewrite(archive, alone).WithoutAsync(going, stop).ConfigureAwait(false);
        return going;
    }

    /// <summary>Notes of packs that were about to be removed: of earlier runs as well, whose packs were looked at again just now. Those that the store holds stay noted.</summary>
    private async Task ClearNotesAsync(ArchiveLease lease, CancellationToken stop)
    {
        var notes = new List<string>();
        await foreach (var note in archive.Side.ListAsync(Orphans.Leaving, stop).ConfigureAwait(false))
            notes.Add(note.Name);
        await lease.EnsureHeldAsync(stop).ConfigureAwait(false);
        if (_held.Where(BlobKind.IsPack).ToArray() is { Length: > 0 } held)
            await archive.Side.ReplaceAsync($"{Orphans.Leaving}{Guid.NewGuid():n}", ArchiveJson.Write(held), stop).ConfigureAwait(false);
        foreach (var note in notes)
            await archive.Side.DeleteAsync(note, stop).ConfigureAwait(false);
    }

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
            _held.Add(name);
        }
    }
}

/// <param name="Kept">Names of snapshots.</param>
/// <param name="Dropped">Names of snapshots that were removed, or would be.</param>
/// <param name="Packs">Packs that nobody needs and that were removed, or would be.</param>
/// <param name="Octets">In them.</param>
/// <param name="Waiting">Packs that nobody needs and that are too young to be removed.</param>
/// <param name="Held">Blobs that the store did not let go of yet.</param>
public sealed record PruneReport(string Archive, bool DryRun, IReadOnlyList<string> Kept, IReadOnlyList<string> Dropped, int Packs, long Octets, int Waiting, IReadOnlyList<string> Held)
{
    /// <summary>No packs were removed, because a repair has set snapshots aside: what they need is not known.</summary>
    public bool Blind { get; init; }

    /// <summary>Packs that were small, or of which little was needed, and in whose place others stand, or would.</summary>
    public int Merged { get; init; }

    /// <summary>Packs that stand in their place.</summary>
    public int MergedInto { get; init; }
    /// <summary>Mailboxes of which all snapshots were kept, because they have lost far more messages than usual.</summary>
    public IReadOnlyList<ShrunkMailbox> Frozen { get; init; } = [];
}
