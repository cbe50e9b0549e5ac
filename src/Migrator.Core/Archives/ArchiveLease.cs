using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Timing;

namespace Migrator.Core.Archives;

/// <summary>The right to use an archive: shared by readers and by backups of different mailboxes, for one alone by a run that removes
/// something. It expires automatically when its holder has died.</summary>
/// <remarks>Everybody writes a note of their own and then reads all notes: of two who begin at once both see the other, and both step
/// back. No store needs to offer locks for that. Who wants the archive alone leaves the note there while others finish, and newcomers wait:
/// else a busy archive would never be pruned. A holder that was stopped for longer than the note is valid finds that out before it commits
/// (<see cref="EnsureHeldAsync"/>). How old a note is tells the store, which has one clock for all notes: those of the machines may differ
/// by whatever they like.</remarks>
public sealed class ArchiveLease : IAsyncDisposable
{
    private const string Prefix = "leases/";

    /// <summary>How long a note is valid without being renewed: short enough for a mailbox to be taken over within a minute after its
    /// worker has died.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(45);

    /// <summary>How often a note is renewed: twice in a row the store may fail.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);

    // What the holder itself counts on: less, for stores that know whole seconds only and clocks that do not run alike.
    private static readonly TimeSpan s_relied = Validity - TimeSpan.FromSeconds(5);

    /// <summary>How long to wait for somebody else before saying so. Anyone who was killed on this machine is not waited for at
    /// all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_patienceAfterSleep = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly Archive _archive;
    private readonly string _name;
    private readonly LeaseScope _scope;
    private readonly CancellationTokenSource _end = new();
    private readonly LeaseNote _note;

    // A lease of the same run, which its own lease for all of the archive need not wait for.
    private readonly string? _inside;
    private Written _written;
    private Task _renewing = Task.CompletedTask;

    private ArchiveLease(Archive archive, string name, LeaseScope scope, string? inside, LeaseNote note) =>
        (_archive, _name, _scope, _inside, _note, _written) = (
            archive,
            name,
            scope,
            inside,
            note,
            new Written(note.Since, archive.Time.GetTimestamp())
        );

    /// <summary>When the note was written last, before the store was asked to. By two clocks, of which the one that has gone further
    /// counts: one may be set back, the other stand still while the machine sleeps.</summary>
    private sealed record Written(DateTimeOffset At, long Timestamp);

    /// <summary>When it was acquired, by the store's clock.</summary>
    public DateTimeOffset Acquired { get; private set; }

    /// <param name="purpose">What it is for, as text: others read it.</param>
    /// <param name="patience">How long to wait for others.</param>
    /// <param name="waiting">Receives, once, whom it waits for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveInUse"/>: somebody else holds it;
    /// <see cref="Reason.ArchiveControlStore"/>; or the store failed.</exception>
    public static Task<ArchiveLease> AcquireAsync(
        Archive archive,
        string purpose,
        LeaseScope scope,
        TimeSpan patience,
        Action<string> waiting,
        CancellationToken cancellationToken
    ) => AcquireAsync(archive, purpose, scope, null, patience, waiting, cancellationToken);

    /// <summary>For those who only read: an archive whose side cannot be written can be read all the same.</summary>
    /// <param name="notice">Receives whom it waits for, and that nothing keeps a prune away.</param>
    /// <returns>Null where the side cannot be written.</returns>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveInUse"/>: somebody holds all of it.</exception>
    public static async Task<ArchiveLease?> ReadingAsync(
        Archive archive,
        string purpose,
        Action<string> notice,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await AcquireAsync(archive, purpose, LeaseScope.Reading, Patience, notice, cancellationToken);
        }
        catch (StorageException exception) when (exception.Reason != Reason.ArchiveInUse)
        {
            notice($"No lease could be acquired, so a prune may remove what is being read. {exception.Message}");
            return null;
        }
    }

    /// <summary>The archive for this run alone, for a step of it.</summary>
    public Task<ArchiveLease> AloneAsync(Action<string> waiting, CancellationToken cancellationToken) =>
        AcquireAsync(_archive, _note.Purpose, LeaseScope.All, _name, Patience, waiting, cancellationToken);

    private static async Task<ArchiveLease> AcquireAsync(
        Archive archive,
        string purpose,
        LeaseScope scope,
        string? inside,
        TimeSpan patience,
        Action<string> waiting,
        CancellationToken cancellationToken
    )
    {
        await archive.EnsureControlStoreAsync(cancellationToken);
        var name = $"{Prefix}{Guid.NewGuid():n}";
        try
        {
            return await WaitAsync(archive, name, purpose, scope, inside, patience, waiting, cancellationToken);
        }
        catch
        {
            await RemoveAsync(archive, name);
            throw;
        }
    }

    private static async Task<ArchiveLease> WaitAsync(
        Archive archive,
        string name,
        string purpose,
        LeaseScope scope,
        string? inside,
        TimeSpan patience,
        Action<string> waiting,
        CancellationToken cancellationToken
    )
    {
        var began = archive.Time.GetUtcNow();
        for (var reported = false; ; reported = true)
        {
            var now = archive.Time.GetUtcNow();
            var lease = new ArchiveLease(archive, name, scope, inside, LeaseNote.Of(archive, purpose, scope, now, now + Validity));
            if (await lease.TryAsync(now, cancellationToken) is not { } other)
            {
                if (await archive.IsRotatedAsync(cancellationToken))
                    throw new StorageException(
                        Reason.ArchiveInUse,
                        $"The key of the archive in {archive.Location} was rotated after this process had opened it; nothing "
                            + "was written. Run again."
                    );
                lease._renewing = lease.RenewAsync();
                return lease;
            }
            var who = Words(archive, other);
            if (now - began >= patience)
                throw new StorageException(Reason.ArchiveInUse, who);
            // Who wants all of it keeps their place: others finish, and newcomers wait.
            if (scope.Access != LeaseAccess.All)
                await archive.ControlStore.DeleteAsync(name, cancellationToken);
            if (!reported)
                waiting(who);
            // Not the same for two who wait for each other.
            await Task.Delay(s_pause + TimeSpan.FromMilliseconds(Random.Shared.Next(1000)), archive.Time, cancellationToken);
        }
    }

    /// <summary>Looks who would be waited for, without a note of its own: nothing is written.</summary>
    /// <returns>In words; null for nobody.</returns>
    public static async Task<string?> InTheWayAsync(Archive archive, LeaseScope scope, CancellationToken cancellationToken)
    {
        await archive.EnsureControlStoreAsync(cancellationToken);
        var now = archive.Time.GetUtcNow();
        var own = LeaseNote.Of(archive, "", scope, now, now + Validity);
        await foreach (var blob in archive.ControlStore.ListAsync(Prefix, cancellationToken))
        {
            // By this machine's clock, as no note of its own tells the store's. That is exact enough for words; a run asks the store.
            if (
                now - blob.Modified < Validity
                && await LeaseNote.ReadAsync(archive, blob, cancellationToken) is { IsDead: false } other
                && other.IsInTheWayOf(own, blob.Name, Prefix)
            )
                return Words(archive, other);
        }
        return null;
    }

    private static string Words(Archive archive, LeaseNote other) =>
        $"{archive.Location} is in use: {other.Purpose}, by {other.Holder}, since {other.Since:u}; "
        + $"unless renewed, its lease ends at {other.Expires:u}.";

    /// <returns>Null if the lease is held; else somebody who is in the way.</returns>
    private async Task<LeaseNote?> TryAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Of two who want all of it, one goes first while both wait; that it holds it must be seen before it is relied on.
        if (_scope.Access == LeaseAccess.All)
        {
            await WriteAsync(now, isWaiting: true, cancellationToken);
            if (await OtherAsync(cancellationToken) is { } before)
                return before;
        }
        await WriteAsync(now, isWaiting: false, cancellationToken);
        var other = await OtherAsync(cancellationToken);
        if (other is not null && _scope.Access == LeaseAccess.All)
            await WriteAsync(now, isWaiting: true, cancellationToken);
        return other;
    }

    /// <summary>Call before anything that others rely on is written or removed.</summary>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveInUse"/>: the lease ran out meanwhile, and others may have changed the
    /// archive.</exception>
    public async Task EnsureHeldAsync(CancellationToken cancellationToken)
    {
        if (!await IsHeldAsync(cancellationToken))
            throw new StorageException(
                Reason.ArchiveInUse,
                $"{_archive.Location}: this run stalled for so long that its lease expired ({_written.At + s_relied:u}); "
                    + "what others did meanwhile is not known."
            );
    }

    /// <summary>Whether nobody else can have begun anything since it was acquired.</summary>
    public async Task<bool> IsHeldAsync(CancellationToken cancellationToken) =>
        IsFresh && await _archive.ControlStore.FindAsync(_name, cancellationToken) is not null && IsFresh;

    /// <summary>Another one of the same kind after this one has run out: to look at what was written meanwhile while nobody can be removing
    /// anything.</summary>
    public Task<ArchiveLease> AgainAsync(CancellationToken cancellationToken) =>
        AcquireAsync(_archive, _note.Purpose, _scope, _inside, s_patienceAfterSleep, _ => { }, cancellationToken);

    /// <summary>What was written meanwhile was found to be wrong.</summary>
    public static StorageException LeaseExpired(Archive archive) =>
        new(
            Reason.ArchiveInUse,
            $"{archive.Location}: this run stalled for so long that its lease expired, and what it relied on was removed "
                + "meanwhile; what it wrote last was withdrawn."
        );

    private bool IsFresh =>
        _archive.Time.GetUtcNow() - _written.At < s_relied && _archive.Time.GetElapsedTime(_written.Timestamp) < s_relied;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await RemoveAsync(_archive, _name);
        _end.Dispose();
    }

    private static async Task RemoveAsync(Archive archive, string name)
    {
        try
        {
            await archive.ControlStore.DeleteAsync(name, CancellationToken.None);
        }
        catch (StorageException)
        {
            // To others it expires automatically.
            archive.GivenBack[name] = 0;
        }
    }

    private async Task RenewAsync()
    {
        using var ticker = new Ticker(Renewal, _archive.Time);
        while (await ticker.NextAsync(_end.Token))
        {
            var renewed = new Written(_archive.Time.GetUtcNow(), _archive.Time.GetTimestamp());
            // Once it has run out it is not taken up again: in between, it was not ours.
            if (!IsFresh)
                return;
            try
            {
                // A request that hangs must not keep the next one from being made.
                using var late = new CancellationTokenSource(Renewal, _archive.Time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _end.Token);
                // One that is gone is not put back: while it was, somebody may have acquired all of the archive.
                if (await _archive.ControlStore.FindAsync(_name, either.Token) is null)
                    return;
                await WriteAsync(renewed.At, isWaiting: false, either.Token);
            }
            catch (Exception exception)
                when (exception is StorageException || (exception is OperationCanceledException && !_end.IsCancellationRequested))
            {
                continue;
            }
            // The store may take its time, too.
            if (!IsFresh)
                return;
            _written = renewed;
        }
    }

    /// <summary>Not durable: with the power, the holder is gone too. Where the store is on another machine, the note is looked for before
    /// anything is relied on, and before it is renewed.</summary>
    private Task WriteAsync(DateTimeOffset now, bool isWaiting, CancellationToken cancellationToken) =>
        _archive.ControlStore.ReplaceVolatileAsync(
            _name,
            ArchiveJson.Write(_note with { Expires = now + Validity, Waiting = isWaiting ? true : null }),
            cancellationToken
        );

    /// <returns>Somebody else who is in the way of this one; notes that have run out are cleared away.</returns>
    private async Task<LeaseNote?> OtherAsync(CancellationToken cancellationToken)
    {
        var notes = new Dictionary<string, BlobInfo>(StringComparer.Ordinal);
        await foreach (var blob in _archive.ControlStore.ListAsync(Prefix, cancellationToken))
            notes.Add(blob.Name, blob);
        if (!notes.Remove(_name, out var own))
            throw new StorageException(
                Reason.ArchiveInUse,
                $"{_archive.Location}: the note {_name} that this run has written is gone: somebody removed it. Run again."
            );
        Acquired = own.Modified;
        foreach (var gone in _archive.OthersNotes.Keys.Where(name => !notes.ContainsKey(name)))
            _archive.OthersNotes.TryRemove(gone, out _);
        foreach (var blob in notes.Values.Where(blob => blob.Name != _inside))
        {
            if (_archive.GivenBack.ContainsKey(blob.Name))
            {
                await RemoveAsync(_archive, blob.Name);
                continue;
            }
            var isOver = own.Modified - blob.Modified >= Validity;
            // What another one is for never changes: of hundreds of backups at once, none needs to read the notes of all others.
            if (!isOver && _archive.OthersNotes.TryGetValue(blob.Name, out var known) && !known.IsInTheWayOf(_note, blob.Name, _name))
                continue;
            if (await LeaseNote.ReadAsync(_archive, blob, cancellationToken) is not { } other)
                continue;
            if (isOver || other.IsDead)
                await ClearAsync(blob.Name, other, cancellationToken);
            else if (other.IsInTheWayOf(_note, blob.Name, _name))
                return other;
            else if (other.Access != LeaseAccess.All)
                _archive.OthersNotes[blob.Name] = other;
        }
        return null;
    }

    /// <summary>Removes the note of a run that ended without doing so. If that run wrote, it may have left packs that no index lists: a
    /// reader leaves its note to those who look for them.</summary>
    private async Task ClearAsync(string name, LeaseNote other, CancellationToken cancellationToken)
    {
        if (_scope.Access == LeaseAccess.Read)
            return;
        if (other.Access != LeaseAccess.Read)
            _archive.Index.ReportFailedRun();
        await _archive.ControlStore.DeleteAsync(name, cancellationToken);
    }
}
