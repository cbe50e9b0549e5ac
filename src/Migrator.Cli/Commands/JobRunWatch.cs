using Migrator.App.Execution;
using Migrator.App.Output;
using Migrator.App.Progress;
using Migrator.Core.JobRuns;
using Migrator.Core.Timing;

namespace Migrator.Cli.Commands;

/// <summary>Shows a job run from its start to its end: what its mailboxes do, from the dispatcher; what became of them, from the
/// store.</summary>
internal sealed class JobRunWatch(
    IRunHistory history,
    long jobRun,
    Dispatcher dispatcher,
    JobProgress progress,
    CommandOutput screen,
    TimeProvider time
)
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_say = TimeSpan.FromSeconds(10);

    private readonly Dictionary<long, string> _active = [];
    private readonly HashSet<long> _ended = [];
    private long _said = time.GetTimestamp();

    public Task<bool> DuringAsync(CancellationToken stop) =>
        screen.WatchAsync(
            progress,
            asks: false,
            async () =>
            {
                using var ticker = new Ticker(s_look, time);
                while (!await IsOverAsync(stop))
                {
                    if (!await ticker.NextAsync(stop))
                        throw new OperationCanceledException(stop);
                }
                return true;
            }
        );

    private async Task<bool> IsOverAsync(CancellationToken stop)
    {
        FollowActive();
        if (await LookAsync(stop) is not { } runs)
            return false;
        foreach (var run in runs.Where(run => run.State.IsOver() && _ended.Add(run.Run)))
        {
            _said = time.GetTimestamp();
            progress.End(JobRunReport.Of(run, null, interrupted: false));
            screen.Progress(new JsonLine("mailboxEnded") { { "status", run } });
        }
        if (_ended.Count < runs.Count && time.GetElapsedTime(_said) >= s_say)
        {
            _said = time.GetTimestamp();
            var state = progress.Read(final: false);
            screen.Progress(
                new JsonLine("progress")
                {
                    { "ended", state.Ended },
                    { "running", state.Running.Count },
                    { "done", state.Done },
                    { "expected", state.Expected },
                    { "messagesPerSecond", Math.Round(state.MessagesPerSecond, 2) },
                }
            );
        }
        return _ended.Count >= runs.Count;
    }

    private void FollowActive()
    {
        var now = dispatcher.Active.ToDictionary(run => run.Claim.Run);
        foreach (var (run, mailbox) in _active.Where(known => !now.ContainsKey(known.Key)).ToList())
        {
            _active.Remove(run);
            progress.Leave(mailbox);
        }
        foreach (var run in now.Values.Where(run => _active.TryAdd(run.Claim.Run, run.Mailbox.Name)))
            progress.Begin(run.Mailbox.Name, run.Progress);
    }

    /// <returns>Null where the store is away: workers get over that, and so does the command that watches.</returns>
    private async Task<IReadOnlyList<MailboxStatus>?> LookAsync(CancellationToken stop)
    {
        try
        {
            return await history.RunsOfAsync(jobRun, stop);
        }
        catch (JobRunStoreException exception)
        {
            screen.Doing(exception.Message);
            return null;
        }
    }
}
