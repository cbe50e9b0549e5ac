using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>Chooses the snapshots that a prune removes. Each is read, mailbox by mailbox: what those need that stay is gathered, and a name
/// alone says nothing, as one that is none could have been put there so that others seem to be of no use.</summary>
/// <param name="aside">What a repair has set aside.</param>
/// <param name="setAside">What was set aside is to go.</param>
/// <param name="acceptSetBack">What this machine has seen of later snapshots is forgotten.</param>
/// <param name="mayGo">Whether a snapshot that was written then is old enough.</param>
/// <param name="now">By the store's clock.</param>
internal sealed class PruneChoice(
    Archive archive,
    RetentionPolicy policy,
    ShrunkRule shrunk,
    Quarantine aside,
    bool setAside,
    bool acceptSetBack,
    Func<DateTimeOffset, bool> mayGo,
    DateTimeOffset now
)
{
    private const int MostExamples = 1_000;

    // Digests: the names of a million snapshots take two hundred megabytes.
    private readonly HashSet<Guid> _known = [],
        _dropped = [];
    private readonly List<string> _examples = [];
    private readonly List<ShrunkMailbox> _frozen = [];

    public int Kept { get; private set; }

    public int Dropped => _dropped.Count;

    /// <summary>Names of snapshots that go, the first of them.</summary>
    public IReadOnlyList<string> Examples => _examples;

    /// <summary>Mailboxes that have shrunk: all their snapshots stay.</summary>
    public IReadOnlyList<ShrunkMailbox> Frozen => _frozen;

    /// <summary>A snapshot that was set aside stays. What it needs, nobody knows.</summary>
    public bool IsBlind { get; private set; }

    /// <summary>Whether it was there when snapshots were chosen.</summary>
    public bool Knows(SnapshotName name) => _known.Contains(name.Digest);

    public bool Drops(SnapshotName name) => _dropped.Contains(name.Digest);

    /// <param name="needed">Gets what those need that stay.</param>
    /// <exception cref="StorageException">A snapshot cannot be read, or the archive was set back: nothing is to be removed.</exception>
    public async Task ReadAsync(NeededObjects needed, Action<string> progress, CancellationToken stop)
    {
        // Before the snapshots are listed: what a backup writes meanwhile would seem to be gone.
        var remembered = (await archive.Memory.AllAsync(archive.Format.Id, stop)).ToDictionary(StringComparer.Ordinal);
        var mailboxes = 0;
        await foreach (var listed in archive.EachMailboxAsync(stop))
        {
            progress($"Determining what snapshots need: mailbox {++mailboxes:N0}");
            _known.UnionWith(listed.Select(snapshot => snapshot.Name.Digest));
            if (remembered.Remove(listed[0].Name.Mailbox, out var seen))
                await EnsureNotSetBackAsync(listed[0].Name.Mailbox, seen, [.. listed.Select(snapshot => snapshot.Name)], stop);
            foreach (var (name, _) in listed.Where(snapshot => aside.Contains(snapshot.Name.Name)))
            {
                if (setAside)
                    Drop(name);
                IsBlind = IsBlind || !setAside;
            }
            await ChooseAsync([.. listed.Where(snapshot => !aside.Contains(snapshot.Name.Name))], needed, stop);
        }
        foreach (var (mailbox, seen) in remembered)
            await EnsureNotSetBackAsync(mailbox, seen, [], stop);
    }

    private async Task ChooseAsync(IReadOnlyList<ListedSnapshot> listed, NeededObjects needed, CancellationToken stop)
    {
        var kept = policy.Keep(new SnapshotHistory([.. listed.Select(snapshot => snapshot.Name)], now));
        var (drop, counted) = (new List<SnapshotName>(), new List<(SnapshotName Name, long Messages)>());
        var written = listed.ToDictionary(snapshot => snapshot.Name, snapshot => snapshot.Modified);
        await foreach (var (name, reading) in archive.ReadEachAsync(listed.Select(snapshot => snapshot.Name), stop))
        {
            var snapshot = await reading;
            if (name.State == SnapshotState.Complete)
                counted.Add((name, snapshot.Messages));
            if (kept.Contains(name) || !mayGo(written[name]))
                await KeepAsync(snapshot, needed, stop);
            else
                drop.Add(name);
        }
        if (await Shrinkage.FindAsync(archive, counted, shrunk, stop) is not { } frozen)
        {
            drop.ForEach(Drop);
            return;
        }
        _frozen.Add(frozen);
        foreach (var name in drop)
            await KeepAsync(await archive.ReadAsync(name, stop), needed, stop);
    }

    private async Task KeepAsync(Snapshot snapshot, NeededObjects needed, CancellationToken stop)
    {
        await needed.AddAsync(snapshot, stop);
        Kept++;
    }

    private void Drop(SnapshotName name)
    {
        _dropped.Add(name.Digest);
        if (_examples.Count < MostExamples)
            _examples.Add(name.Name);
    }

    private async Task EnsureNotSetBackAsync(string mailbox, SeenSnapshot seen, IReadOnlyList<SnapshotName> names, CancellationToken stop)
    {
        // What only lost snapshots held may be all that is left of them.
        if (!await seen.IsGoneAsync(archive, names, aside, stop))
            return;
        if (!acceptSetBack)
            throw new StorageException(Reason.ArchiveSetBack, $"Nothing was removed: {seen.Words(archive.Location, names)}");
        await archive.Memory.ForgetAsync(archive.Format.Id, mailbox, stop);
    }
}
