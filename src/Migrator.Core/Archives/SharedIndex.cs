using System.Collections.Concurrent;
using Migrator.Core.Archives.Headers;
using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>The index of one archive, for all runs of this process that have it open. It is read whole once; then only index blobs that are new. In it is
/// what index blobs on record list, nothing else: what a run has written and not yet put on record stays with that run.</summary>
/// <remarks>It stays in memory as long as the archive is open, once however many runs there are: some 80 octets for each message and page, so a little less
/// than a gigabyte for ten million, and for a moment up to three times that while a table grows or, after something was removed, while it is read
/// anew.</remarks>
internal sealed class SharedIndex(Archive archive)
{
    /// <summary>So long packs that a killed run left behind may lie about before they are looked for again.</summary>
    private static readonly TimeSpan s_between = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _looking = new(1);
    private State _state = new(new ArchiveIndex(), new(), new Quarantine(new HashSet<string>()));
    private Task<ArchiveIndex> _running = Task.FromResult(new ArchiveIndex());
    private Task<ArchiveIndex>? _next;
    private (long At, int Failures)? _looked;
    private int _failures;
    private bool _isRead;

    /// <param name="Blobs">The names of those that have been read.</param>
    private sealed record State(ArchiveIndex Index, ConcurrentDictionary<string, byte> Blobs, Quarantine Given);

    /// <summary>What a repair has set aside, when the index was read last; null before that.</summary>
    public Quarantine? SetAside
    {
        get
        {
            lock (_lock)
                return _isRead ? _state.Given : null;
        }
    }

    /// <summary>The index with everything that was on record when this was called. What others put on record later may come to it.</summary>
    /// <exception cref="StorageException">The store failed, or an index blob is damaged.</exception>
    public Task<ArchiveIndex> RefreshAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // One that has begun may have passed over what was written since. One that is still to begin serves everybody who comes before that.
            _next ??= AfterAsync(_running);
            return _next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The same for a backup, which also wants what killed runs have left behind in packs.</summary>
    /// <param name="lease">Held.</param>
    /// <param name="notice">Told of packs that cannot be read.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ArchiveIndex> WithOrphansAsync(ArchiveLease lease, Action<string> notice, CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // To list all packs of an archive takes more than all else that a mailbox without news needs.
            if (_looked is not { } last || last.Failures != Volatile.Read(ref _failures) || archive.Time.GetElapsedTime(last.At) >= s_between)
            {
                var now = (archive.Time.GetTimestamp(), Volatile.Read(ref _failures));
                // On record at once: all mailboxes of a worker that was killed are about to look for their messages there.
                var there = new Dictionary<string, long>(StringComparer.Ordinal);
                var orphans = await Orphans.ReadAsync(archive, leaving: false, RefreshAsync, notice, cancellationToken, pack => there[pack.Name] = pack.Size).ConfigureAwait(false);
                await EnsureThereAsync(there, cancellationToken).ConfigureAwait(false);
                orphans = await WithHeadersAsync(await WholeAsync(orphans, notice, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                await archive.WriteIndexAsync(orphans, lease, cancellationToken).ConfigureAwait(false);
                _looked = now;
            }
        }
        finally
        {
            _looking.Release();
        }
        return await RefreshAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Only packs in which everything can be read are taken over: one that a repair has set aside looks like one that a run left behind where the notes
    /// in the side are lost, and mail in it would be taken for stored.</summary>
    private async Task<IReadOnlyList<PackContents>> WholeAsync(IReadOnlyList<PackContents> orphans, Action<string> notice, CancellationToken cancellationToken)
    {
        var whole = new List<PackContents>();
        foreach (var pack in orphans)
        {
            if ((await PackCheck.ReadAsync(archive, pack, cancellationToken).ConfigureAwait(false)).Wrong is { } wrong)
                notice($"{archive.Location}: {pack.Name} is in no index and is left alone, because it is damaged: {wrong}.");
            else
                whole.Add(pack);
        }
        return whole;
    }

    /// <summary>A run that is killed has written packs of messages whose headers it was still gathering.</summary>
    private async Task<IReadOnlyList<PackContents>> WithHeadersAsync(IReadOnlyList<PackContents> orphans, CancellationToken cancellationToken)
    {
        var index = new ArchiveIndex();
        await using var packs = new PackWriter(archive, BlobKind.Headers, index);
        using var headers = new HeaderWriter(archive, index, packs);
        await HeaderRebuild.RunAsync(archive, orphans, headers, cancellationToken).ConfigureAwait(false);
        return [.. orphans, .. await headers.FlushAsync(cancellationToken).ConfigureAwait(false)];
    }

    /// <summary>A snapshot must not rely on a pack that has gone, and mail must not be taken for stored because it once was in there.</summary>
    /// <param name="listed">Packs with their sizes in octets, from before the index was read.</param>
    private async Task EnsureThereAsync(Dictionary<string, long> listed, CancellationToken cancellationToken)
    {
        State state;
        lock (_lock)
            state = _state;
        var gone = new List<string>();
        foreach (var (name, size) in state.Index.Packs.Where(pack => listed.GetValueOrDefault(pack.Name, -1) != pack.Size))
        {
            // It may have been written since the listing.
            if ((await archive.Store.FindAsync(name, cancellationToken).ConfigureAwait(false))?.Size != size)
                gone.Add(name);
        }
        if (gone.Count > 0)
            throw new StorageException(Reason.BlobMissing, $"{archive.Location}: nothing is stored on top of what is missing: {gone.Count:N0} of its {state.Index.Packs.Count:N0} packs {(gone.Count == 1 ? "is" : "are")} not there, or cut short ({gone[0]}{(gone.Count > 1 ? ", …" : "")}). Is all of the store there?");
    }

    /// <summary>A run has failed and may have left packs behind: the next one is to look for them.</summary>
    public void LeftBehind() => Interlocked.Increment(ref _failures);

    /// <summary>Takes in an index blob that has just been written here.</summary>
    public void Add(string blob, IReadOnlyList<PackContents> packs)
    {
        State state;
        lock (_lock)
            state = _state;
        Add(state, blob, packs);
    }

    private static void Add(State state, string blob, IReadOnlyList<PackContents> packs)
    {
        foreach (var pack in packs.Where(pack => !state.Given.Contains(pack.Name)))
            state.Index.Add(pack);
        // Last: a blob that failed half-way is read again.
        state.Blobs[blob] = 0;
    }

    private async Task<ArchiveIndex> AfterAsync(Task before)
    {
        await Task.Yield();
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        State state;
        lock (_lock)
        {
            (_running, _next) = (_next!, null);
            state = _state;
        }
        // Not with the stop of whoever came first: others wait for it too.
        return await ReadAsync(state, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<ArchiveIndex> ReadAsync(State state, CancellationToken cancellationToken)
    {
        // Before the listing: what is written from here on need not be in it.
        var before = state.Blobs.Keys.ToList();
        var given = await archive.QuarantineAsync(cancellationToken).ConfigureAwait(false);
        var there = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var blob in archive.Store.ListAsync(BlobKind.Index.Prefix, cancellationToken).ConfigureAwait(false))
        {
            if (!given.Contains(blob.Name))
                there.Add(blob.Name);
        }
        // Something was removed or given up: what only that listed must be forgotten. Runs under way keep what they have: they hold leases, so that nothing
        // that they rely on can have gone.
        if (!before.TrueForAll(there.Contains) || !given.Says(state.Given))
            state = new State(new ArchiveIndex(), new(), given);
        // Several at once: each is small, and there may be one for every night.
        await Parallel.ForEachAsync(there.Where(name => !state.Blobs.ContainsKey(name)), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (name, token) =>
            Add(state, name, await archive.ReadIndexAsync(name, token).ConfigureAwait(false))).ConfigureAwait(false);
        lock (_lock)
            (_state, _isRead) = (state, true);
        return state.Index;
    }
}
