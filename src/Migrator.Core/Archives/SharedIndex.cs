using System.Collections.Concurrent;
using Migrator.Core.Archives.Headers;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>The index of one archive, for all runs of this process that have it open: it is brought up to date with the index blobs, of
/// which only new ones are read. In it is what index blobs list, nothing else: what a run has written stays with that run until an index
/// blob lists it.</summary>
internal sealed class SharedIndex(Archive archive, IPackIndex packs) : IDisposable
{
    /// <summary>So long packs that a killed run left behind may lie about, unless something says that there are some, before they are
    /// looked for again.</summary>
    private static readonly TimeSpan s_between = TimeSpan.FromHours(20);

    // Somebody may just have merged index blobs, and removed those that this one was about to read.
    private const int MostListings = 5;

    // Bytes of index blobs that are new.
    private const long Much = 8L << 20;
    private const long Large = 256L << 10;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _looking = new(1);
    private Quarantine _setAside = new(new HashSet<string>());
    private Task _running = Task.CompletedTask;
    private Task? _next;
    private int _failures,
        _looked;
    private bool _isRead;
    private Reading? _last;

    public IPackIndex Packs => packs;

    /// <summary>The index blobs that count, by the last listing.</summary>
    public IReadOnlyList<BlobInfo> Blobs { get; private set; } = [];

    /// <summary>Those that are still there although another one supersedes them, and when that was written.</summary>
    public IReadOnlyList<(string Name, DateTimeOffset Since)> Superseded { get; private set; } = [];

    /// <summary>What a repair has set aside, when the index was read last; null before that.</summary>
    public Quarantine? SetAside
    {
        get
        {
            lock (_lock)
                return _isRead ? _setAside : null;
        }
    }

    /// <summary>The index with everything that index blobs list when this is called. What others add later may come to it.</summary>
    /// <exception cref="StorageException">The store failed, or an index blob is damaged.</exception>
    public async Task<ArchiveIndex> RefreshAsync(CancellationToken cancellationToken)
    {
        Task next;
        lock (_lock)
        {
            // One that has begun may have missed what was written since. One that is still to begin serves everybody who comes before
            // that.
            next = _next ??= AfterAsync(_running);
        }
        await next.WaitAsync(cancellationToken);
        return View();
    }

    /// <summary>The same for a backup, which also wants what killed runs have left behind in packs.</summary>
    /// <param name="lease">Held.</param>
    /// <param name="notice">Receives packs that cannot be read.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ArchiveIndex> WithOrphansAsync(ArchiveLease lease, Action<string> notice, CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            var failures = Volatile.Read(ref _failures);
            // To list all packs of an archive takes more than all else that a mailbox without news needs.
            if (
                _looked != failures
                || packs.Looked is not { } last
                || archive.Time.GetUtcNow() - last is var since && (since >= s_between || since < TimeSpan.Zero)
            )
            {
                // In an index blob at once: all mailboxes of a worker that was killed are about to look for their messages there.
                var there = await PackList.ReadAsync(archive.Store, cancellationToken);
                var index = await RefreshAsync(cancellationToken);
                var orphans = await OrphanedPacks.ReadAsync(archive, there, index, leaving: false, notice, cancellationToken);
                await EnsureThereAsync(there, cancellationToken);
                orphans = await WithHeadersAsync(await WholeAsync(orphans, notice, cancellationToken), cancellationToken);
                await new IndexWriter(archive, lease).WriteAsync(orphans, [], cancellationToken);
                (packs.Looked, _looked) = (archive.Time.GetUtcNow(), failures);
            }
        }
        finally
        {
            _looking.Release();
        }
        return await RefreshAsync(cancellationToken);
    }

    /// <summary>A run has failed and may have left packs behind: the next one is to look for them.</summary>
    public void ReportFailedRun() => Interlocked.Increment(ref _failures);

    /// <summary>Takes in an index blob that has just been written here.</summary>
    public void Add(IndexedBlob blob) => packs.Add([blob]);

    /// <summary>Brings the index up to date, and tells of index blobs that are damaged.</summary>
    /// <param name="damaged">Receives their names, and what is wrong; null to fail at the first.</param>
    public async Task ReadAsync(Action<string, string>? damaged, CancellationToken cancellationToken)
    {
        for (var listing = 1; ; listing++)
        {
            // Before the listing: what is written from here on need not be in it.
            var known = packs.Blobs;
            var setAside = await archive.QuarantineAsync(cancellationToken);
            var there = new Dictionary<string, BlobInfo>(StringComparer.Ordinal);
            await foreach (var blob in archive.Store.ListAsync(BlobKind.Index.Prefix, cancellationToken))
            {
                if (!setAside.Contains(blob.Name))
                    there.Add(blob.Name, blob);
            }
            // In a night in which nothing is new, this is so for each mailbox.
            if (IsUpToDate(known, there))
            {
                SetRead(setAside);
                return;
            }
            var superseded = known
                .Where(blob => there.ContainsKey(blob.Key))
                .SelectMany(blob => blob.Value)
                .ToHashSet(StringComparer.Ordinal);
            var gone = await ReadNewAsync(there, known, superseded, damaged, cancellationToken);
            if (gone is not null && !superseded.Contains(gone) && listing < MostListings)
                continue;
            var now = there.Keys.All(known.ContainsKey) ? known : packs.Blobs;
            var since = Since(there, now);
            // Last: what a merged one lists must not be missing for a moment.
            packs.Remove([.. now.Keys.Where(name => superseded.Contains(name) || (known.ContainsKey(name) && !there.ContainsKey(name)))]);
            SetRead(setAside);
            Blobs = [.. there.Values.Where(blob => !superseded.Contains(blob.Name))];
            Superseded = since;
            // Not where something is damaged: each caller is to hear of it.
            _last = damaged is null ? new Reading(known, there) : null;
            return;
        }
    }

    /// <summary>Whether the last reading took in nothing, and neither what is listed nor what is known has changed since.</summary>
    private bool IsUpToDate(IReadOnlyDictionary<string, IReadOnlyList<string>> known, Dictionary<string, BlobInfo> there) =>
        _last is { } last
        && known == last.Known
        && there.Count == last.There.Count
        && there.Values.All(blob => last.There.TryGetValue(blob.Name, out var before) && blob == before);

    /// <param name="Known">The index blobs that had been taken in before.</param>
    /// <param name="There">Those that were listed.</param>
    private sealed record Reading(IReadOnlyDictionary<string, IReadOnlyList<string>> Known, Dictionary<string, BlobInfo> There);

    private void SetRead(Quarantine setAside)
    {
        lock (_lock)
            (_setAside, _isRead) = (setAside, true);
    }

    private static List<(string Name, DateTimeOffset Since)> Since(
        Dictionary<string, BlobInfo> there,
        IReadOnlyDictionary<string, IReadOnlyList<string>> blobs
    ) =>
        [
            .. blobs
                .Where(later => there.ContainsKey(later.Key))
                .SelectMany(later => later.Value.Where(there.ContainsKey).Select(name => (Name: name, Since: there[later.Key].Modified)))
                .GroupBy(old => old.Name)
                .Select(old => old.MinBy(one => one.Since)),
        ];

    public void Dispose()
    {
        packs.Dispose();
        _looking.Dispose();
    }

    /// <summary>Without what a repair has set aside.</summary>
    public ArchiveIndex View()
    {
        var setAside = _setAside;
        return new ArchiveIndex(packs, setAside.IsEmpty ? null : setAside.Contains);
    }

    /// <param name="superseded">Gets those that the new ones supersede.</param>
    /// <returns>One that is not there any more; null for none.</returns>
    private async Task<string?> ReadNewAsync(
        Dictionary<string, BlobInfo> there,
        IReadOnlyDictionary<string, IReadOnlyList<string>> known,
        HashSet<string> superseded,
        Action<string, string>? damaged,
        CancellationToken cancellationToken
    )
    {
        string? gone = null;
        // The newest first: what it supersedes need not be read.
        List<BlobInfo> unread =
        [
            .. there
                .Values.Where(blob => !known.ContainsKey(blob.Name) && !superseded.Contains(blob.Name))
                .OrderByDescending(blob => blob.Modified),
        ];
        var idle = new ConcurrentBag<WholeBuffers>();
        using var bulk = unread.Sum(blob => blob.Size) > Much ? packs.Bulk() : null;
        // Several small ones at once: there may be one for every run. Of large ones, two: while one is taken in, the next is on its way.
        await Parallel.ForEachAsync(
            unread,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = unread.Exists(blob => blob.Size > Large) ? 2 : 4,
                CancellationToken = cancellationToken,
            },
            async (blob, token) =>
            {
                lock (superseded)
                {
                    if (superseded.Contains(blob.Name))
                        return;
                }
                var buffers = idle.TryTake(out var free) ? free : new WholeBuffers();
                try
                {
                    var contents = await archive.ReadIndexAsync(blob, buffers, token);
                    lock (superseded)
                        superseded.UnionWith(contents.Supersedes);
                    packs.Add([new IndexedBlob(blob.Name, contents.Supersedes, contents.Packs)]);
                }
                catch (StorageException exception) when (exception.Reason == Reason.BlobMissing)
                {
                    gone = blob.Name;
                }
                catch (StorageException exception) when (damaged is not null && ArchiveContents.IsDamage(exception))
                {
                    damaged(blob.Name, exception.Message);
                }
                finally
                {
                    idle.Add(buffers);
                }
            }
        );
        return gone;
    }

    /// <summary>Only packs in which everything can be read are taken over: one that a repair has set aside looks like one that a run left
    /// behind where the notes in the side are lost, and mail in it would be taken for stored.</summary>
    private async Task<IReadOnlyList<PackContents>> WholeAsync(
        IReadOnlyList<PackContents> orphans,
        Action<string> notice,
        CancellationToken cancellationToken
    )
    {
        var whole = new List<PackContents>();
        foreach (var pack in orphans)
        {
            if ((await PackCheck.ReadAsync(archive, pack, cancellationToken)).Wrong is { } wrong)
                notice($"{archive.Location}: {pack.Name} is in no index and is left alone, because it is damaged: {wrong}.");
            else
                whole.Add(pack);
        }
        return whole;
    }

    /// <summary>A run that is killed has written packs of messages whose headers it was still gathering.</summary>
    private async Task<IReadOnlyList<PackContents>> WithHeadersAsync(
        IReadOnlyList<PackContents> orphans,
        CancellationToken cancellationToken
    )
    {
        var index = new ArchiveIndex(new MemoryPackIndex());
        await using var packs = new PackWriter(archive, BlobKind.Headers, index);
        using var headers = new HeaderWriter(archive, index, packs);
        await HeaderRebuild.RunAsync(archive, orphans, headers, cancellationToken);
        return [.. orphans, .. await headers.FlushAsync(cancellationToken)];
    }

    /// <summary>A snapshot must not rely on a pack that has gone, and mail must not be taken for stored because it once was in
    /// there.</summary>
    /// <param name="listed">The packs from before the index was read.</param>
    private async Task EnsureThereAsync(PackList listed, CancellationToken cancellationToken)
    {
        var (gone, setAside) = (new List<string>(), _setAside);
        foreach (
            var pack in packs
                .Packs()
                .Where(pack => !(listed.TryGetValue(pack.Name, out var blob) && blob.Size == pack.Size) && !setAside.Contains(pack.Name))
        )
        {
            // It may have been written since the listing.
            if ((await archive.Store.FindAsync(pack.Name, cancellationToken))?.Size != pack.Size)
                gone.Add(pack.Name);
        }
        if (gone.Count > 0)
            throw new StorageException(
                Reason.BlobMissing,
                $"{archive.Location}: nothing is stored, because the archive is incomplete: {gone.Count:N0} of its "
                    + $"{packs.Packs().Count():N0} packs {(gone.Count == 1 ? "is" : "are")} not there, or cut short "
                    + $"({gone[0]}{(gone.Count > 1 ? ", …" : "")}). Is the store complete?"
            );
    }

    private async Task AfterAsync(Task before)
    {
        await Task.Yield();
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
            (_running, _next) = (_next!, null);
        // Not with the stop of the caller that came first: others wait for it too.
        await ReadAsync(null, CancellationToken.None);
    }
}
