using Migrator.App.Formatting;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.App.Progress;

/// <summary>How far the mailboxes of a job are. Several tasks write it; a view reads it whenever it wants.</summary>
/// <param name="mailboxes">In all.</param>
public sealed class JobProgress(string job, JobTask task, int mailboxes, TimeProvider time)
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(20);

    private readonly Lock _turn = new();
    private readonly long _started = time.GetTimestamp();
    private readonly Dictionary<string, ProgressSampler> _running = [];
    private readonly Dictionary<string, Reached> _reached = [];
    private readonly List<string> _begun = [];
    private readonly List<MailboxResult> _wrong = [];
    private readonly Rate _messages = new(time, s_window);
    private readonly Rate _bytes = new(time, s_window);
    private int _ok;

    /// <summary>A mailbox is taken up, or taken up again.</summary>
    public void Begin(string mailbox, RunProgress progress)
    {
        lock (_turn)
        {
            _running[mailbox] = new ProgressSampler(progress, time);
            _begun.Remove(mailbox);
            _begun.Add(mailbox);
        }
    }

    /// <summary>A mailbox goes back to wait.</summary>
    public void Leave(string mailbox)
    {
        lock (_turn)
            _running.Remove(mailbox);
    }

    /// <summary>A mailbox is over; called once for each.</summary>
    public void End(MailboxResult result)
    {
        lock (_turn)
        {
            if (_running.Remove(result.Mailbox, out var watch))
                Look(result.Mailbox, watch);
            if (result.Counts is { } counts)
                _reached[result.Mailbox] = new(
                    counts.Found - counts.Remaining,
                    counts.Found,
                    Math.Max(counts.DeliveredBytes, _reached.GetValueOrDefault(result.Mailbox).Bytes)
                );
            if (result.Outcome == MailboxOutcome.Ok)
                _ok++;
            else
                _wrong.Add(result);
        }
    }

    public JobState Read(bool final)
    {
        lock (_turn)
        {
            var running = _begun.Where(_running.ContainsKey).Select(mailbox => Look(mailbox, _running[mailbox])).ToList();
            var (done, expected) = (_reached.Values.Sum(reached => reached.Done), _reached.Values.Sum(reached => reached.Expected));
            _messages.Observe(done);
            _bytes.Observe(_reached.Values.Sum(reached => reached.Bytes));
            var elapsed = time.GetElapsedTime(_started);
            return new(
                time.GetLocalNow(),
                job,
                task,
                elapsed,
                mailboxes,
                _ok,
                [.. _wrong],
                running,
                done,
                expected,
                _messages.PerSecond,
                _bytes.PerSecond,
                Eta(running, elapsed),
                final
            );
        }
    }

    private MailboxState Look(string mailbox, ProgressSampler watch)
    {
        var state = watch.Read(final: false);
        _reached[mailbox] = new(state.Done, state.Expected, state.Bytes);
        return new(mailbox, state.Phase, state.Done, state.Expected, state.Failed, state.MessagesPerSecond);
    }

    /// <summary>By mailboxes, at the pace so far: how many messages are in those that wait is not known.</summary>
    private TimeSpan? Eta(List<MailboxState> running, TimeSpan elapsed)
    {
        var done =
            (_ok + _wrong.Count + running.Sum(mailbox => mailbox.Expected == 0 ? 0.0 : (double)mailbox.Done / mailbox.Expected))
            / Math.Max(1, mailboxes);
        return done is < 0.01 or >= 1 ? null : TimeSpan.FromSeconds(Math.Ceiling(elapsed.TotalSeconds * (1 - done) / done));
    }

    private readonly record struct Reached(long Done, long Expected, long Bytes);
}
