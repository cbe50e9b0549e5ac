using System.Collections.Concurrent;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Redaction;
using Migrator.Core.Reports;
using Migrator.Core.Telemetry;

namespace Migrator.Core.Progress;

/// <summary>One folder's counters; see <see cref="MessageCounts"/> for what they mean.</summary>
public sealed class FolderProgress(FolderPath source, FolderPath? target)
{
    private long _expected,
        _found,
        _delivered,
        _alreadyThere,
        _vanished,
        _skipped,
        _failed,
        _deliveredBytes,
        _captured,
        _capturedBytes;
    private volatile FolderPhase _phase;

    internal RunProgress? Run { get; init; }

    public FolderPath Source { get; } = source;

    public FolderPath? Target { get; } = target;

    public FolderPhase Phase
    {
        get => _phase;
        set => _phase = value;
    }

    /// <summary>Messages, by what the server said at listing: for a percentage before all are found.</summary>
    public long Expected
    {
        get => Interlocked.Read(ref _expected);
        set => Interlocked.Exchange(ref _expected, value);
    }

    /// <summary>Messages read from the source (by verify: from both ends).</summary>
    public long CapturedMessages => Interlocked.Read(ref _captured);

    /// <summary>Bytes read from the source (by verify: from both ends).</summary>
    public long CapturedBytes => Interlocked.Read(ref _capturedBytes);

    /// <summary><see cref="MessageCounts.Remaining"/> is what no other count holds yet.</summary>
    public MessageCounts Counts
    {
        get
        {
            // Found is read last: it is raised first, so that what remains is never below zero.
            var (delivered, alreadyThere, vanished) = (
                Interlocked.Read(ref _delivered),
                Interlocked.Read(ref _alreadyThere),
                Interlocked.Read(ref _vanished)
            );
            var (skipped, failed, bytes) = (
                Interlocked.Read(ref _skipped),
                Interlocked.Read(ref _failed),
                Interlocked.Read(ref _deliveredBytes)
            );
            var found = Interlocked.Read(ref _found);
            return new(
                found,
                delivered,
                alreadyThere,
                vanished,
                skipped,
                failed,
                found - delivered - alreadyThere - vanished - skipped - failed,
                bytes
            );
        }
    }

    /// <summary>Nothing of it counts: the folder is read from its beginning again.</summary>
    public void BeginAnew()
    {
        _found = _delivered = _alreadyThere = _vanished = _skipped = _failed = _deliveredBytes = _captured = _capturedBytes = 0;
    }

    public void Found(long messages) => Interlocked.Add(ref _found, messages);

    /// <summary>One message was read.</summary>
    public void Captured(long bytes)
    {
        Interlocked.Add(ref _capturedBytes, bytes);
        Interlocked.Increment(ref _captured);
    }

    public void Delivered(long messages, long bytes)
    {
        Interlocked.Add(ref _deliveredBytes, bytes);
        Interlocked.Add(ref _delivered, messages);
    }

    public void AlreadyThere(long messages) => Interlocked.Add(ref _alreadyThere, messages);

    public void Vanished(long messages) => Interlocked.Add(ref _vanished, messages);

    public void Skipped(long messages) => Interlocked.Add(ref _skipped, messages);

    public void Failed(long messages) => Interlocked.Add(ref _failed, messages);

    /// <param name="reason">The code of a <see cref="Reason"/>.</param>
    public void Failed(long messages, string reason)
    {
        Failed(messages);
        Run?.Observer?.MessagesFailed(reason, messages);
    }

    /// <summary>The folder as a whole was given up.</summary>
    /// <param name="reason">The code of a <see cref="Reason"/>.</param>
    public void GivenUp(string reason)
    {
        Phase = FolderPhase.Failed;
        Run?.Observer?.FolderFailed(reason);
    }
}
