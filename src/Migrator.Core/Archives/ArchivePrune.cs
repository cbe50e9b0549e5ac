using Migrator.Core.Archives.Headers;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>Removes snapshots that the policy does not keep, and packs that no snapshot needs; merges small packs and those of which little
/// is needed. Backups and readers continue meanwhile, but for short steps. It can be stopped at any moment: the next one continues with
/// what is left.</summary>
/// <param name="grace">A pack that nobody needs stays for so long after it was written: a run that has just written it may be about to name
/// it.</param>
/// <param name="setAside">Also removes what a repair has set aside because it cannot be read.</param>
/// <param name="acceptSetBack">The archive was rolled back on purpose: what this machine has seen of later snapshots is forgotten.</param>
/// <param name="shrunk">Of a mailbox that has shrunk by this rule all snapshots are kept; null for the usual one.</param>
public sealed class ArchivePrune(
    Archive archive,
    RetentionPolicy policy,
    TimeSpan grace,
    bool setAside = false,
    bool acceptSetBack = false,
    ShrunkRule? shrunk = null
)
{
    /// <summary>For so long a step has the archive alone, about: others wait for it.</summary>
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(10);

    private readonly List<string> _held = [];

    // For one reader after the other.
    private readonly SegmentBuffers _buffers = new();
    private int _later;

    // By the store's clock, as the times of blobs are: with this machine's a year ahead, what a run has just written would be old enough to
    // go.
    private DateTimeOffset _now;

    /// <param name="dryRun">Only says what would be removed.</param>
    /// <param name="progress">Receives what is being done.</param>
    /// <exception cref="StorageException">The store failed, somebody else is at the archive, or a snapshot that is to be kept cannot be
    /// read: then it is not known what it needs, and nothing is removed.</exception>
    public async Task<PruneReport> RunAsync(bool dryRun, Action<string> progress, CancellationToken stop)
    {
        await using var lease = await ArchiveLease.AcquireAsync(archive, "prune", LeaseScope.Upkeep, ArchiveLease.Patience, progress, stop);
        _now = lease.Acquired;
        progress("Reading the index");
        var contents = await ArchiveContents.ReadAsync(archive, stop);
        var aside = await archive.QuarantineAsync(stop);
        if (setAside)
            aside = await aside.LiftAsync(archive, contents, stop);
        if (
            contents.Bad.FirstOrDefault(bad =>
                bad.Blob.StartsWith(BlobKind.Index.Prefix, StringComparison.Ordinal) && !aside.Contains(bad.Blob)
            ) is
            (not null, var why)
        )
            throw new StorageException(Reason.ArchiveDamaged, $"Nothing was removed: {why}");
        // Taken for the copy that a snapshot needs, what a repair has set aside would stay, and the whole one go.
        var index = contents.Present(archive.Index.Packs, aside.Contains);
        // What snapshots need may lie in a pack whose index was lost: repair would find it there.
        var orphans = await OrphanedPacks.ReadAsync(archive, contents.Packs, index, leaving: true, progress, stop);
        foreach (var orphan in orphans)
            index.Add(orphan);
        using var needed = new NeededObjects(archive, index);
        var choice = new PruneChoice(
            archive,
            policy,
            shrunk ?? ShrunkRule.Default,
            aside,
            setAside,
            acceptSetBack,
            written => MayGo(written, TimeSpan.Zero),
            _now
        );
        await choice.ReadAsync(needed, progress, stop);
        needed.Forget();

        var packs = new PrunePacks(
            archive,
            index,
            contents,
            aside,
            needed,
            choice.IsBlind,
            orphans,
            setAside,
            pack => MayGo(pack.Modified, grace)
        );
        var dead = packs.Dead();
        var report = new PruneReport(
            archive.Location,
            dryRun,
            choice.Kept,
            choice.Dropped,
            dead.Count,
            dead.Sum(name => contents.Packs[name].Size),
            choice.IsBlind ? 0 : packs.Waiting(dead),
            []
        )
        {
            DroppedNames = choice.Examples,
            Blind = choice.IsBlind,
            Frozen = choice.Frozen,
        };
        var repack = new Repack(archive, needed, _buffers);
        var sources = choice.IsBlind ? [] : repack.Choose(packs.Movable());
        report = report with { Merged = sources.Count };
        if (dryRun)
            return report;

        await RemoveSnapshotsAsync(choice, lease, progress, stop);
        var written = await repack.RunAsync(sources, progress, stop);
        progress("Removing packs");
        HashSet<string> leaving = [.. dead, .. repack.Sources];
        var headers = new HeaderMerge(archive, index, needed, leaving.Contains, _buffers);
        var mergedHeaders = await headers.RunAsync(packs.Headers(), stop);
        var going = await TakeOutAsync(
            choice,
            packs,
            repack,
            [.. written, .. mergedHeaders],
            headers,
            needed,
            leaving,
            lease,
            progress,
            stop
        );
        foreach (var pack in going)
            await RemoveAsync(pack, lease, stop);
        foreach (var (name, _) in setAside ? contents.Bad.Where(bad => aside.Contains(bad.Blob)) : [])
            await RemoveAsync(name, lease, stop);
        await ClearNotesAsync(lease, stop);
        await new IndexRewrite(archive, lease).TidyAsync(_now, stop);
        return report with
        {
            Kept = report.Kept + _later,
            Held = _held,
            Merged = going.Count(repack.Sources.Contains),
            MergedInto = written.Count,
        };
    }

    /// <summary>What lies in a new pack, as it says. Kept since it was written, the lists of a hundred thousand objects would take six
    /// megabytes; and a pack whose list cannot be read must not take the place of others.</summary>
    private async ValueTask<PackContents> ReadBackAsync(PackContents pack, CancellationToken stop) =>
        await OrphanedPacks.FooterAsync(archive, new BlobInfo(pack.Name, pack.Size, _now), stop, _buffers);

    private bool MayGo(DateTimeOffset written, TimeSpan atLeast) =>
        _now - written >= TimeSpan.FromDays(archive.Format.ImmutableDays) && _now - written >= atLeast;

    private async Task RemoveSnapshotsAsync(PruneChoice choice, ArchiveLease lease, Action<string> progress, CancellationToken stop)
    {
        if (choice.Dropped == 0)
            return;
        progress("Removing snapshots");
        await foreach (var mailbox in archive.EachMailboxAsync(stop))
        {
            List<SnapshotName> drop = [.. mailbox.Select(snapshot => snapshot.Name).Where(choice.Drops)];
            for (var next = 0; next < drop.Count; )
            {
                await using var alone = await lease.AloneAsync(progress, stop);
                for (var began = archive.Time.GetTimestamp(); next < drop.Count && archive.Time.GetElapsedTime(began) < s_step; next++)
                    await RemoveAsync(drop[next].Name, alone, stop);
            }
        }
    }

    /// <summary>Takes packs out of the index while nobody writes or reads: runs that begin afterwards do not know them, and they can be
    /// removed in peace.</summary>
    private async Task<IReadOnlyList<string>> TakeOutAsync(
        PruneChoice choice,
        PrunePacks packs,
        Repack repack,
        IReadOnlyList<PackContents> written,
        HeaderMerge headers,
        NeededObjects needed,
        HashSet<string> leaving,
        ArchiveLease lease,
        Action<string> progress,
        CancellationToken stop
    )
    {
        await using var alone = await lease.AloneAsync(progress, stop);
        // What was written since may need what nobody needed then.
        await archive.Index.ReadAsync(null, stop);
        needed.Forget();
        await foreach (var mailbox in archive.EachMailboxAsync(stop))
        {
            foreach (var (name, _) in mailbox.Where(snapshot => !choice.Knows(snapshot.Name)))
            {
                await needed.AddAsync(await archive.ReadAsync(name, stop), stop);
                _later++;
            }
        }
        List<string> going = [.. packs.Dead(), .. packs.Movable().Where(repack.IsWhole).Select(pack => pack.Name)];
        // Where something stays that was to go, its headers do too.
        if (leaving.SetEquals(going))
            going.AddRange(headers.Gone);
        var index = new IndexWriter(archive, alone);
        await index.WriteAsync(written.ToAsyncEnumerable().Select(ReadBackAsync), [], stop);
        if (going.Count == 0)
            return going;
        // They are about to be in no index. A backup would take them over as what a killed run has left, and they would be removed under
        // its hands.
        await alone.EnsureHeldAsync(stop);
        await archive.ControlStore.ReplaceAsync($"{OrphanedPacks.Leaving}{Guid.NewGuid():n}", ArchiveJson.Write(going), stop);
        await new IndexRewrite(archive, alone, index).WithoutAsync(going, stop);
        return going;
    }

    /// <summary>Notes of packs that were about to be removed: of earlier runs as well, whose packs were examined again just now. Those
    /// that the store holds stay noted.</summary>
    private async Task ClearNotesAsync(ArchiveLease lease, CancellationToken stop)
    {
        var notes = new List<string>();
        await foreach (var note in archive.ControlStore.ListAsync(OrphanedPacks.Leaving, stop))
            notes.Add(note.Name);
        await lease.EnsureHeldAsync(stop);
        if (_held.Where(BlobKind.IsPack).ToArray() is { Length: > 0 } held)
            await archive.ControlStore.ReplaceAsync($"{OrphanedPacks.Leaving}{Guid.NewGuid():n}", ArchiveJson.Write(held), stop);
        foreach (var note in notes)
            await archive.ControlStore.DeleteAsync(note, stop);
    }

    private async Task RemoveAsync(string name, ArchiveLease lease, CancellationToken stop)
    {
        // Each time: others may have begun while this process slept, and may rely on it.
        await lease.EnsureHeldAsync(stop);
        try
        {
            await archive.Store.DeleteAsync(name, stop);
        }
        catch (StorageException exception) when (exception.Reason == Reason.BlobImmutable)
        {
            _held.Add(name);
        }
    }
}
