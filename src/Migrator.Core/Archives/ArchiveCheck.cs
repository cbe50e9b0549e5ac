using System.Buffers.Binary;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Core.Archives;

/// <summary>Proves that everything that snapshots name is there, and intact as far as it is read. It changes nothing.</summary>
/// <param name="share">Of the packs, how many are read whole: 0 for none, 1 for all. Which ones changes from day to day.</param>
/// <param name="rotation">Chooses the packs in place of <paramref name="share"/>; null to go by that.</param>
public sealed class ArchiveCheck(Archive archive, double share, PackRotation? rotation = null)
{
    private readonly Dictionary<string, (string What, HashSet<ObjectId> Lost)> _problems = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];
    private readonly Dictionary<ObjectId, string> _lostObjects = [];
    private Quarantine _aside = new(new HashSet<string>());

    private IPackIndex Packs => archive.Index.Packs;

    /// <param name="progress">Told what is being looked at.</param>
    /// <exception cref="StorageException">The store failed: nothing is proved.</exception>
    public async Task<CheckReport> RunAsync(Action<string> progress, CancellationToken stop)
    {
        // A prune meanwhile would seem to be the loss of what it removes.
        await using var lease = await ArchiveLease.ReadingAsync(archive, "check", _notes.Add, stop);
        progress("Reading the index");
        // Before the snapshots are listed: what a backup writes meanwhile would seem to be gone.
        var remembered = await archive.Memory.AllAsync(archive.Format.Id, stop);
        var aside = _aside = await archive.QuarantineAsync(stop);
        // First: what backups write from now on may be in an index that is not seen below, and they do not wait for this.
        var (latest, snapshotsAside) = await LookAtSnapshotsAsync(remembered, stop);
        var all = await ArchiveContents.ReadAsync(archive, stop);
        var contents = all.Without(aside);
        var setAside = snapshotsAside + all.Packs.Count + all.Bad.Count - contents.Packs.Count - contents.Bad.Count;
        if (setAside > 0)
            _notes.Add(
                $"{setAside:N0} blob{(setAside == 1 ? " was" : "s were")} set aside by a repair because "
                    + $"{(setAside == 1 ? "it" : "they")} cannot be read. Prune --set-aside removes {(setAside == 1 ? "it" : "them")}."
            );
        foreach (var (blob, why) in contents.Bad)
            Problem(blob, why, []);
        foreach (var blob in await ArchiveRecords.BadAsync(archive.Store, stop))
            Problem(blob, "Its content does not match its name.", []);
        if (contents.Unknown > 0)
            _notes.Add(
                $"{contents.Unknown:N0} blob{(contents.Unknown == 1 ? " is" : "s are")} of a kind that this version does not "
                    + $"know; nothing touches {(contents.Unknown == 1 ? "it" : "them")}."
            );
        var offline = contents.OfflinePacks;
        if (offline.Count > 0)
            _notes.Add(
                $"{offline.Count:N0} of {contents.Packs.Count:N0} packs ({offline.Sum(pack => pack.Size):N0} bytes) "
                    + $"{(offline.Count == 1 ? "is" : "are")} in the {offline[0].Tier} tier: there, with the right size, and not "
                    + $"readable before \"migrator archive rehydrate\". Whether {(offline.Count == 1 ? "it is" : "they are")} intact "
                    + "is not known."
            );
        var index = contents.Present(Packs, aside.Contains);
        ComparePacks(contents);

        var (read, bytes) = await ReadPacksAsync(contents, progress, stop);
        // A copy that is whole somewhere else serves.
        foreach (
            var id in _lostObjects
                .Keys.Where(id =>
                    index.FindAll(id).Any(place => !(_problems.TryGetValue(place.Pack, out var problem) && problem.Lost.Contains(id)))
                )
                .ToList()
        )
            _lostObjects.Remove(id);
        progress("Reading the snapshots");
        var (touched, snapshots) = (new AffectedMessages(archive, index, _lostObjects), 0);
        await foreach (var mailbox in archive.EachMailboxAsync(stop))
        {
            List<SnapshotName> names =
            [
                .. mailbox
                    .Select(snapshot => snapshot.Name)
                    .Where(name =>
                        !aside.Contains(name.Name)
                        && latest.TryGetValue(name.Mailbox, out var last)
                        && string.CompareOrdinal(name.Name, last) <= 0
                    ),
            ];
            await touched.FindAsync(names, (blob, why) => Problem(blob, why, []), stop);
            snapshots += names.Count;
        }

        foreach (var blob in touched.Found.Keys.Where(blob => !_problems.ContainsKey(blob)))
            Problem(blob, "No existing pack contains what snapshots reference.", []);
        if (_problems.Count > 0 && lease is not null)
            await lease.EnsureHeldAsync(stop);
        return new CheckReport(
            archive.Location,
            contents.Blobs,
            snapshots,
            Packs.Objects,
            contents.Packs.Count,
            read,
            bytes,
            [
                .. _problems
                    .OrderBy(problem => problem.Key, StringComparer.Ordinal)
                    .Select(problem =>
                    {
                        var messages = touched.Found.GetValueOrDefault(problem.Key, []);
                        return new ArchiveProblem(problem.Key, problem.Value.What, [.. messages.Take(1000)], messages.Count);
                    }),
            ],
            _notes
        )
        {
            PacksOffline = offline.Count,
            BytesOffline = offline.Sum(pack => pack.Size),
        };
    }

    /// <summary>Looks which snapshots there are, and whether some that were seen before are gone.</summary>
    /// <returns>The last name of each mailbox, and how many were set aside.</returns>
    private async Task<(Dictionary<string, string> Latest, int Aside)> LookAtSnapshotsAsync(
        IReadOnlyDictionary<string, SeenSnapshot> remembered,
        CancellationToken stop
    )
    {
        var (latest, aside) = (new Dictionary<string, string>(StringComparer.Ordinal), 0);
        await foreach (var listed in archive.EachMailboxAsync(stop))
        {
            List<SnapshotName> names = [.. listed.Select(snapshot => snapshot.Name)];
            latest[names[0].Mailbox] = names[^1].Name;
            aside += names.Count(name => _aside.Contains(name.Name));
            if (remembered.TryGetValue(names[0].Mailbox, out var seen) && await seen.IsGoneAsync(archive, names, _aside, stop))
                Gone(names[0].Mailbox, seen, names);
        }
        foreach (var (mailbox, seen) in remembered.Where(mailbox => !latest.ContainsKey(mailbox.Key)))
            Gone(mailbox, seen, []);
        return (latest, aside);

        void Gone(string mailbox, SeenSnapshot seen, IReadOnlyList<SnapshotName> names) =>
            Problem($"{BlobKind.Snapshot.Prefix}{mailbox}", seen.Words(archive.Location, names), []);
    }

    private void Problem(string blob, string what, IEnumerable<PackEntry> lost)
    {
        if (!_problems.TryGetValue(blob, out var problem))
            _problems[blob] = problem = (what, []);
        foreach (var entry in lost)
        {
            problem.Lost.Add(entry.Id);
            _lostObjects.TryAdd(entry.Id, blob);
        }
    }

    private void ComparePacks(ArchiveContents contents)
    {
        foreach (var pack in contents.Missing(Packs).Where(pack => !_aside.Contains(pack.Name)))
            Problem(
                pack.Name,
                contents.Packs.TryGetValue(pack.Name, out var blob)
                    ? $"It has {blob.Size:N0} bytes instead of {pack.Size:N0}."
                    : "It is missing.",
                Packs.Read(pack.Name)!.Entries
            );
        var orphans = contents.Packs.Keys.Count(pack => !Packs.Knows(pack));
        if (orphans > 0)
            _notes.Add(
                $"{orphans:N0} pack{(orphans == 1 ? " is" : "s are")} in no index: left by an interrupted run. The next "
                    + $"backup takes {(orphans == 1 ? "it" : "them")} over; prune removes what is unreferenced."
            );
    }

    private async Task<(int Packs, long Bytes)> ReadPacksAsync(ArchiveContents contents, Action<string> progress, CancellationToken stop)
    {
        var wrong = contents.Missing(Packs).Select(pack => pack.Name).ToHashSet(StringComparer.Ordinal);
        bool IsListed(string name) => Packs.Knows(name) && !wrong.Contains(name);
        var online = contents.Packs.Values.Where(blob =>
            blob.Access == BlobAccess.Online && (IsListed(blob.Name) || !Packs.Knows(blob.Name))
        );
        if (rotation is not null)
            return await ReadDueAsync(rotation, contents, online.Select(blob => blob.Name), IsListed, progress, stop);
        if (share <= 0)
            return (0, 0);
        // What a run has left behind is read with all else only.
        List<string> names = [.. online.Where(blob => share >= 1 || IsListed(blob.Name)).Select(blob => blob.Name)];
        var chosen = names.OrderBy(Draw).Take((int)Math.Ceiling(names.Count * share)).ToList();
        foreach (var (number, name) in chosen.Index())
        {
            progress($"Reading packs: {number + 1:N0} of {chosen.Count:N0}");
            await (IsListed(name) ? ReadAsync(name, stop) : ReadOrphanAsync(contents.Packs[name], stop));
        }
        return (chosen.Count, chosen.Sum(name => contents.Packs[name].Size));
    }

    private async Task<(int Packs, long Bytes)> ReadDueAsync(
        PackRotation due,
        ArchiveContents contents,
        IEnumerable<string> packs,
        Func<string, bool> isListed,
        Action<string> progress,
        CancellationToken stop
    )
    {
        var chosen = due.Choose(packs);
        foreach (var (number, name) in chosen.Index())
        {
            stop.ThrowIfCancellationRequested();
            progress($"Reading packs: {number + 1:N0} of {chosen.Count:N0}");
            var whole = await (isListed(name) ? ReadAsync(name, stop) : ReadOrphanAsync(contents.Packs[name], stop));
            await due.ReadAsync(name, whole, stop);
        }
        await due.EndAsync(stop);
        return (chosen.Count, chosen.Sum(name => contents.Packs[name].Size));
    }

    private async Task<bool> ReadAsync(string name, CancellationToken stop)
    {
        var (wrong, lost) = await PackCheck.ReadAsync(archive, Packs.Read(name)!, stop);
        if (wrong is not null)
            Problem(name, wrong, lost);
        return wrong is null;
    }

    private async Task<bool> ReadOrphanAsync(BlobInfo blob, CancellationToken stop)
    {
        try
        {
            var pack = await OrphanedPacks.FooterAsync(archive, blob, stop);
            if (await PackCheck.ReadAsync(archive, pack, stop) is not ({ } wrong, _))
                return true;
            Problem(blob.Name, wrong, []);
        }
        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
        {
            Problem(blob.Name, exception.Message, []);
        }
        return false;
    }

    // The same order all day, another one tomorrow: whoever reads a part each night reads all of it in time.
    private uint Draw(string pack)
    {
        var bytes = ContentId.Of(System.Text.Encoding.ASCII.GetBytes($"{pack} {archive.Time.GetUtcNow():yyyyMMdd}")).ToArray();
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
