using Migrator.App.Formatting;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;

namespace Migrator.App.Progress;

/// <summary>Reads a run's progress for a view: the run itself never waits for a terminal.</summary>
public sealed class ProgressSampler(RunProgress progress, TimeProvider time)
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(20);

    private readonly long _started = time.GetTimestamp();
    private readonly Rate _messages = new(time, s_window);
    private readonly Rate _bytes = new(time, s_window);
    private readonly HashSet<FolderProgress> _known = [];
    private readonly List<FolderProgress> _ended = [];

    /// <summary>Shows a run from its start to its end.</summary>
    /// <returns>What the run returned.</returns>
    public static Task<T> DuringAsync<T>(IView<RunState> view, RunProgress progress, TimeProvider time, Func<Task<T>> run)
    {
        var watch = new ProgressSampler(progress, time);
        return Watching.DuringAsync(view, watch.Read, time, run);
    }

    public RunState Read(bool final)
    {
        List<FolderStatus> copying = [],
            waiting = [];
        foreach (var folder in progress.Folders)
        {
            switch (folder.Phase)
            {
                case FolderPhase.Waiting:
                    waiting.Add(FolderStatus.Of(folder));
                    break;
                case FolderPhase.Copying:
                    copying.Add(FolderStatus.Of(folder));
                    break;
                default:
                    if (_known.Add(folder))
                        _ended.Add(folder);
                    break;
            }
        }
        FolderStatus[] ended = [.. _ended.Select(FolderStatus.Of)];
        var all = ended.Concat(copying).Concat(waiting).ToArray();
        var (done, expected, bytes) = (all.Sum(folder => folder.Done), all.Sum(folder => folder.Expected), all.Sum(folder => folder.Bytes));
        _messages.Observe(done);
        _bytes.Observe(bytes);
        return new(
            time.GetLocalNow(),
            time.GetElapsedTime(_started),
            progress.Phase,
            done,
            expected,
            all.Sum(folder => folder.Counts.Failed),
            bytes,
            _messages.PerSecond,
            _bytes.PerSecond,
            expected == 0 ? null : _messages.Eta(expected - done),
            ended,
            copying,
            waiting,
            [.. progress.Notices],
            final
        );
    }
}
