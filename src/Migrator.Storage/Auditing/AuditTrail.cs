using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Storage.Blobs.Files;

namespace Migrator.Storage.Auditing;

/// <summary>The trail of a state directory, in files that go on from one another.</summary>
/// <param name="state">The state directory.</param>
/// <param name="fileSize">A file that would grow beyond so many octets is followed by another.</param>
public sealed class AuditTrail(string state, TimeProvider time, long fileSize = 16 << 20) : IAuditTrail, IDisposable
{
    private static readonly AuditActor s_self = new(AuditActor.Service, "migrator") { Host = Environment.MachineName };

    private readonly AuditFiles _files = new(state);
    private readonly SemaphoreSlim _turn = new(1);

    /// <inheritdoc/>
    public async Task<AuditReceipt> AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            PrivateFiles.CreateDirectory(_files.Directory);
            using var held = await AuditLock.TakeAsync(_files.Lock, time, cancellationToken);
            return Append(entry);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                Reason.AuditUnwritable,
                $"The audit trail in {_files.Directory} cannot be written: {exception.Message}",
                exception
            );
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private AuditReceipt Append(AuditEntry entry)
    {
        var files = _files.All();
        var head = AuditHead.Read(_files.Head);
        if (head is null && files.Count == 0)
        {
            // First, so that a trail without a head is one whose head was removed.
            head = new AuditHead(0, AuditLine.NoHash);
            head.Write(_files.Head);
        }
        var end = AuditEnd.Find(files);
        var (file, length, last) = (end.File, end.Length, new AuditReceipt(end.Sequence, end.Hash));
        if (Cut(end, head) is { } cut)
            Add(
                new AuditEntry(AuditEvent.TrailSealed, s_self, [], AuditOutcome.Done) { Cut = cut },
                Math.Max(last.Sequence, head?.Sequence ?? 0) + 1,
                end.LacksLineEnd
            );
        Add(entry, last.Sequence + 1, lineEndFirst: false);
        return last;

        void Add(AuditEntry added, long sequence, bool lineEndFirst)
        {
            var (bytes, hash) = AuditLine.Write(added, sequence, time.GetUtcNow(), last.Hash);
            if (bytes.Length > AuditLine.Longest)
                throw new IOException($"a line of {bytes.Length} bytes is too long.");
            // What seals the end of a file stands in it.
            if (file is null || (added.Cut is null && length + bytes.Length > fileSize))
                (file, length) = (_files.Beginning(sequence), 0);
            Write(file, length, lineEndFirst ? [(byte)'\n', .. bytes] : bytes);
            (length, last) = (length + bytes.Length + (lineEndFirst ? 1 : 0), new AuditReceipt(sequence, hash));
            new AuditHead(sequence, hash).Write(_files.Head);
        }
    }

    /// <returns>Null where the end is as its last writer left it. A writer that ended before it could note the head is no loss.</returns>
    private static AuditCut? Cut(AuditEnd end, AuditHead? head)
    {
        var (lost, replaced) = (
            head is not null && head.Sequence > end.Sequence,
            head is not null && head.Sequence == end.Sequence && head.Hash != end.Hash
        );
        return end.Rest == 0 && !lost && !replaced && head is not null
            ? null
            : new AuditCut(
                end.Rest,
                end.Rest > 0 ? end.RestDigest : null,
                lost ? end.Sequence + 1
                    : replaced ? end.Sequence
                    : 0,
                lost || replaced ? head!.Sequence : 0,
                lost || replaced ? head!.Hash : null,
                head is null
            );
    }

    private static void Write(string path, long length, byte[] bytes)
    {
        using var file = PrivateFiles.OpenOrCreate(path, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        try
        {
            RandomAccess.Write(file.SafeFileHandle, bytes, length);
            RandomAccess.FlushToDisk(file.SafeFileHandle);
        }
        catch (IOException)
        {
            // Half a line, on a full disk. Where not even this can be done, the next writer seals it off.
            RandomAccess.SetLength(file.SafeFileHandle, length);
            throw;
        }
        if (length == 0)
            DurableFiles.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
