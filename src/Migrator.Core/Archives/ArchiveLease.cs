using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>The right to write to an archive: shared by backups of different mailboxes, for one alone by whoever removes something. It ends
/// by itself when its holder has died.</summary>
/// <remarks>Everybody writes a note of their own and then reads all notes: of two who begin at once both see the other, and both step
/// back. No store needs to offer locks for that. A holder that was stopped for longer than the note is valid finds that out before it commits
/// (<see cref="EnsureHeldAsync"/>). How old a note is tells the store, which has one clock for all notes: those of the machines may differ by whatever
/// they like.</remarks>
public sealed class ArchiveLease : IAsyncDisposable
{
    private const string Prefix = "leases/";

    /// <summary>How long a note is valid without being renewed: short enough for a mailbox to be taken over within a minute after its worker has
    /// died.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(45);

    /// <summary>How often a note is renewed: twice in a row the store may fail.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);

    // What the holder itself counts on: less, for stores that know whole seconds only and clocks that do not run alike.
    private static readonly TimeSpan s_relied = Validity - TimeSpan.FromSeconds(5);

    /// <summary>How long to wait for somebody else before saying so. Whoever was killed on this machine is not waited for at all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly string? s_space = ProcessSpace();
    private static readonly TimeSpan s_patienceAfterSleep = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly Archive _archive;
    private readonly string _name;
    private readonly string? _account;
    private readonly CancellationTokenSource _end = new();
    private readonly Note _note;
    private Written _written;
    private Task _renewing = Task.CompletedTask;

    private ArchiveLease(Archive archive, string name, string? account, Note note) => (_archive, _name, _account, _note, _written) = (archive, name, account, note, new Written(note.Since, archive.Time.GetTimestamp()));

    /// <summary>When the note was written last, before the store was asked to. By two clocks, of which the one that has gone further counts: one may be
    /// set back, the other stand still while the machine sleeps.</summary>
    private sealed record Written(DateTimeOffset At, long Timestamp);

    /// <param name="Space">Where process numbers mean the same processes; null where that cannot be told.</param>
    /// <param name="Mailbox">The only one that is written; null for all of the archive.</param>
    private sealed record Note(string Holder, string? Space, int Process, string Purpose, string? Mailbox, DateTimeOffset Since, DateTimeOffset Expires);

    /// <summary>When it was acquired, by the store's clock.</summary>
    public DateTimeOffset Acquired { get; private set; }

    /// <param name="purpose">What it is for, in words: others read it.</param>
    /// <param name="account">The only mailbox that will be written; null where anything may be removed.</param>
    /// <param name="patience">How long to wait for others.</param>
    /// <param name="waiting">Told, once, whom it waits for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveInUse"/>: somebody else holds it; <see cref="Reason.ArchiveSide"/>; or the store failed.</exception>
    public static async Task<ArchiveLease> AcquireAsync(Archive archive, string purpose, string? account, TimeSpan patience, Action<string> waiting, CancellationToken cancellationToken)
    {
        await archive.EnsureSideAsync(cancellationToken).ConfigureAwait(false);
        var (began, name) = (archive.Time.GetUtcNow(), $"{Prefix}{Guid.NewGuid():n}");
        for (var told = false; ;)
        {
            var now = archive.Time.GetUtcNow();
            var lease = new ArchiveLease(archive, name, account, new Note($"{Environment.MachineName}, process {Environment.ProcessId}", s_space, Environment.ProcessId, purpose, account is null ? null : archive.MailboxName(account), now, now + Validity));
            await lease.WriteAsync(now, cancellationToken).ConfigureAwait(false);
            if (await lease.OtherAsync(cancellationToken).ConfigureAwait(false) is not { } other)
            {
                lease._renewing = lease.RenewAsync();
                return lease;
            }
            await archive.Side.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            var who = $"{archive.Location} is in use: {other.Purpose}, by {other.Holder}, since {other.Since:u}; unless renewed, its lease ends at {other.Expires:u}.";
            if (now - began >= patience)
                throw new StorageException(Reason.ArchiveInUse, who);
            if (!told)
                waiting(who);
            told = true;
            // Not the same for two who wait for each other.
            await Task.Delay(s_pause + TimeSpan.FromMilliseconds(Random.Shared.Next(1000)), archive.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Call before anything that others rely on is written or removed.</summary>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveInUse"/>: the lease ran out meanwhile, and others may have changed the
    /// archive.</exception>
    public async Task EnsureHeldAsync(CancellationToken cancellationToken)
    {
        if (!await IsHeldAsync(cancellationToken).ConfigureAwait(false))
            throw new StorageException(Reason.ArchiveInUse, $"{_archive.Location}: this run was held up for so long that its lease ran out ({_written.At + s_relied:u}); what others did meanwhile is not known.");
    }

    /// <summary>Whether nobody else can have begun anything since it was acquired.</summary>
    public async Task<bool> IsHeldAsync(CancellationToken cancellationToken) =>
        IsFresh && await _archive.Side.FindAsync(_name, cancellationToken).ConfigureAwait(false) is not null && IsFresh;

    /// <summary>Another one of the same kind after this one has run out: to look at what was written meanwhile while nobody can be removing anything.</summary>
    public Task<ArchiveLease> AgainAsync(CancellationToken cancellationToken) => AcquireAsync(_archive, _note.Purpose, _account, s_patienceAfterSleep, _ => { }, cancellationToken);

    /// <summary>What was written meanwhile was found to be wrong.</summary>
    public static StorageException Slept(Archive archive) =>
        new(Reason.ArchiveInUse, $"{archive.Location}: this run was held up for so long that its lease ran out, and what it relied on was removed meanwhile; what it wrote last was withdrawn.");

    private bool IsFresh => _archive.Time.GetUtcNow() - _written.At < s_relied && _archive.Time.GetElapsedTime(_written.Timestamp) < s_relied;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _archive.Side.DeleteAsync(_name, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // It ends by itself.
        }
        _end.Dispose();
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(Renewal, _archive.Time);
        while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
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
                await WriteAsync(renewed.At, either.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is StorageException || (exception is OperationCanceledException && !_end.IsCancellationRequested))
            {
                continue;
            }
            // The store may take its time, too.
            if (!IsFresh)
                return;
            _written = renewed;
        }
    }

    private Task WriteAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        _archive.Side.ReplaceAsync(_name, ArchiveJson.Write(_note with { Expires = now + Validity }), cancellationToken);

    /// <returns>Somebody else who holds what this one wants; notes that have run out are cleared away.</returns>
    private async Task<Note?> OtherAsync(CancellationToken cancellationToken)
    {
        var notes = new Dictionary<string, BlobInfo>(StringComparer.Ordinal);
        await foreach (var blob in _archive.Side.ListAsync(Prefix, cancellationToken).ConfigureAwait(false))
            notes.Add(blob.Name, blob);
        if (!notes.Remove(_name, out var own))
            throw new StorageException(Reason.ArchiveInUse, $"{_archive.Location}: the note {_name} that this run has written is gone: somebody removed it. Run again.");
        Acquired = own.Modified;
        foreach (var gone in _archive.OthersNotes.Keys.Where(name => !notes.ContainsKey(name)))
            _archive.OthersNotes.TryRemove(gone, out _);
        foreach (var blob in notes.Values)
        {
            if (own.Modified - blob.Modified >= Validity)
            {
                await _archive.Side.DeleteAsync(blob.Name, cancellationToken).ConfigureAwait(false);
                continue;
            }
            // Whose it is never changes: of hundreds of backups at once, none needs to read the notes of all others.
            if (_note.Mailbox is not null && _archive.OthersNotes.TryGetValue(blob.Name, out var mailbox) && mailbox != _note.Mailbox)
                continue;
            if (await ReadAsync(blob, cancellationToken).ConfigureAwait(false) is not { } other)
                continue;
            if (IsDead(other))
                await _archive.Side.DeleteAsync(blob.Name, cancellationToken).ConfigureAwait(false);
            else if (other.Mailbox is null || _note.Mailbox is null || other.Mailbox == _note.Mailbox)
                return other;
            else
                _archive.OthersNotes[blob.Name] = other.Mailbox;
        }
        return null;
    }

    /// <summary>A run that was killed on this machine need not be waited for.</summary>
    private static bool IsDead(Note other)
    {
        if (other.Space is null || other.Space != s_space)
            return false;
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(other.Process);
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    /// <summary>The name of a machine does not do: containers may share it, and number their processes each from 1.</summary>
    private static string? ProcessSpace()
    {
        try
        {
            return OperatingSystem.IsLinux() ? $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {new FileInfo("/proc/self/ns/pid").LinkTarget}" : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task<Note?> ReadAsync(BlobInfo blob, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new MemoryStream();
            await using (var stream = await _archive.Side.OpenAsync(blob.Name, 0, 1 << 16, cancellationToken).ConfigureAwait(false))
                await stream.CopyToAsync(content, cancellationToken).ConfigureAwait(false);
            return ArchiveJson.Read<Note>(content.ToArray());
        }
        catch (StorageException exception) when (exception.Reason == Reason.BlobMissing)
        {
            return null;
        }
        catch (InvalidDataException)
        {
            // Nobody can tell what it says: it counts until it is as old as a note can get.
            return new Note("unknown", null, 0, $"the note {blob.Name} that cannot be read", null, blob.Modified, blob.Modified + Validity);
        }
    }
}
