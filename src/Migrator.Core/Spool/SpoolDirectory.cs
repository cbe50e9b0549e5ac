using Migrator.Core.Failures;
using Migrator.Core.Files;

namespace Migrator.Core.Spool;

/// <summary>Local files that hold captured bytes until they are replayed. Disposable: whatever a crash leaves here is
/// removed by the next run, which fetches those messages again.</summary>
/// <remarks>Several writers share one limit. It bounds the bytes that wait for delivery; a writer that is over it is
/// held back after the message that it has begun, so that one message of any size passes even a small limit.</remarks>
public sealed class SpoolDirectory : IAsyncDisposable
{
    // What an entry costs besides its bytes, so that millions of tiny messages are bounded too.
    private const int EntryOverhead = 512;

    private readonly Lock _lock = new();
    private readonly long _limit;
    private long _waiting;
    private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _segments;

    /// <param name="path">Emptied first; created if missing, for this user alone.</param>
    /// <param name="limit">In bytes.</param>
    /// <exception cref="MailException"><see cref="Reason.SpoolFailed"/>.</exception>
    public SpoolDirectory(string path, long limit)
    {
        Path = path;
        _limit = limit;
        Guarded(
            path,
            () =>
            {
                if (Directory.Exists(path))
                    Directory.Delete(path, recursive: true);
                PrivateFiles.CreateDirectory(path);
                return true;
            }
        );
    }

    public string Path { get; }

    /// <summary>In bytes.</summary>
    public long Limit => _limit;

    /// <summary>Bytes that wait for delivery now.</summary>
    public long Waiting
    {
        get
        {
            lock (_lock)
                return _waiting;
        }
    }

    public SpoolWriter OpenWriter() => new(this, segmentSize: Math.Clamp(_limit / 8, 1 << 20, 32 << 20));

    /// <summary>Waits until less than the limit waits for delivery.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => WaitForLessAsync(_limit, cancellationToken);

    /// <summary>Waits until fewer bytes wait for delivery.</summary>
    /// <param name="bytes">1 or more; the limit at most.</param>
    public async ValueTask WaitForLessAsync(long bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_lock)
            {
                if (_waiting < bytes)
                    return;
                room = _room.Task;
            }
            await room.WaitAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        Guarded(
            Path,
            () =>
            {
                if (Directory.Exists(Path))
                    Directory.Delete(Path, recursive: true);
                return true;
            }
        );
        return default;
    }

    internal string NextSegmentPath() => System.IO.Path.Combine(Path, $"{Interlocked.Increment(ref _segments):d6}.spool");

    internal void Take(long bytes)
    {
        lock (_lock)
            _waiting += bytes + EntryOverhead;
    }

    internal void Give(long bytes)
    {
        TaskCompletionSource? waiters = null;
        lock (_lock)
        {
            _waiting -= bytes + EntryOverhead;
            if (_waiting < _limit)
                (waiters, _room) = (_room, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        waiters?.TrySetResult();
    }

    /// <summary>Runs a call on local files; what goes wrong there is not the network's fault and must not look like
    /// it.</summary>
    internal static T Guarded<T>(string path, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MailException(Reason.SpoolFailed, $"The spool in {path} cannot be used: {exception.Message}", exception);
        }
    }
}
