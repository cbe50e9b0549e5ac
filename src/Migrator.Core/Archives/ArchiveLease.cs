using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>The right to write to an archive: shared by backups of different mailboxes, for one alone by whoever removes something. It ends
/// by itself when its holder has died.</summary>
/// <remarks>Everybody writes a note of their own and then reads all notes: of two who begin at once both see the other, and both step
/// back. No store needs to offer locks for that. A holder that was stopped for longer than the note is valid finds that out before it commits
/// (<see cref="EnsureHeldAsync"/>).</remarks>
public sealed class ArchiveLease : IAsyncDisposable
{
    private const string Prefix = "leases/";

    /// <summary>How long a note is valid without being renewed.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromMinutes(2);

    /// <summary>How long to wait for somebody else before saying so. Whoever was killed on this machine is not waited for at all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly string? s_space = ProcessSpace();
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly Archive _archive;
    private readonly string _name;
    private readonly CancellationTokenSource _end = new();
    private Note _note;
    private Task _renewing = Task.CompletedTask;

    private ArchiveLease(Archive archive, string name, Note note) => (_archive, _name, _note) = (archive, name, note);

    /// <param name="Space">Where process numbers mean the same processes; null where that cannot be told.</param>
    /// <param name="Mailbox">The only one that is written; null for all of the archive.</param>
    private sealed record Note(string Holder, string? Space, int Process, string Purpose, string? Mailbox, DateTimeOffset Since, DateTimeOffset Expires);

    /// <param name="purpose">What it is for, in words: others read it.</param>
    /// <param name="account">The only mailbox that will be written; null where anything may be removed.</param>
    /// <param name="patience">How long to wait for others.</param>
    /// <param name="waiting">Told, once, whom it waits for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveInUse"/>: somebody else holds it; or the store failed.</exception>
    public static async Task<ArchiveLease> AcquireAsync(Archive archive, string purpose, string? account, TimeSpan patience, Action<string> waiting, CancellationToken cancellationToken)
    {
        var (began, name) = (archive.Time.GetUtcNow(), $"{Prefix}{Guid.NewGuid():n}");
        for (var told = false; ;)
        {
            var now = archive.Time.GetUtcNow();
            var lease = new ArchiveLease(archive, name, new Note($"{Environment.MachineName}, process {Environment.ProcessId}", s_space, Environment.ProcessId, purpose, account is null ? null : archive.MailboxName(account), now, now + Validity));
            await lease.WriteAsync(lease._note, cancellationToken).ConfigureAwait(false);
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
        if (_archive.Time.GetUtcNow() >= _note.Expires || await _archive.Side.FindAsync(_name, cancellationToken).ConfigureAwait(false) is null)
            throw new StorageException(Reason.ArchiveInUse, $"{_archive.Location}: this run was held up for so long that its lease ran out ({_note.Expires:u}); what others did meanwhile is not known.");
    }

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
        using var timer = new PeriodicTimer(Validity / 4, _archive.Time);
        while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
        {
            var now = _archive.Time.GetUtcNow();
            // Once it has run out it is not taken up again: in between, it was not ours.
            if (now >= _note.Expires)
                return;
            var renewed = _note with { Expires = now + Validity };
            try
            {
                await WriteAsync(renewed, _end.Token).ConfigureAwait(false);
            }
            catch (StorageException)
            {
                continue;
            }
            // The store may take its time, too.
            if (_archive.Time.GetUtcNow() >= _note.Expires)
                return;
            _note = renewed;
        }
    }

    private Task WriteAsync(Note note, CancellationToken cancellationToken) => _archive.Side.ReplaceAsync(_name, ArchiveJson.Write(note), cancellationToken);

    /// <returns>Somebody else who holds what this one wants; notes that have run out are cleared away.</returns>
    private async Task<Note?> OtherAsync(CancellationToken cancellationToken)
    {
        await foreach (var blob in _archive.Side.ListAsync(Prefix, cancellationToken).ConfigureAwait(false))
        {
            if (blob.Name == _name || await ReadAsync(blob, cancellationToken).ConfigureAwait(false) is not { } other)
                continue;
            if (other.Expires <= _archive.Time.GetUtcNow() || IsDead(other))
                await _archive.Side.DeleteAsync(blob.Name, cancellationToken).ConfigureAwait(false);
            else if (other.Mailbox is null || _note.Mailbox is null || other.Mailbox == _note.Mailbox)
                return other;
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
