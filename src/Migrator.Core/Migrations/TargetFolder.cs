using Migrator.Core.Failures;
using Migrator.Core.Progress;
using Migrator.Core.Telemetry;

namespace Migrator.Core.Migrations;

/// <summary>A target folder and the source folders that go there: copied one after another, because two at once would take each other's
/// messages for strangers'.</summary>
/// <param name="sources">Those that need not be copied too: they are <see cref="FolderPhase.Done"/>, or were given up.</param>
/// <param name="all">Every folder of the run: one that is examined again takes its own place there.</param>
internal sealed class TargetFolder(IReadOnlyList<FolderCopyState> sources, IList<FolderCopyState> all) : IResumableWork
{
    // A server that renumbers a folder at each look would keep a run busy for ever.
    private const int MostRestarts = 3;

    private readonly List<FolderCopyState> _sources = [.. sources];
    private readonly HashSet<FolderCopyState> _done =
    [
        .. sources.Where(folder => folder.Progress.Phase == FolderPhase.Done || folder.Failures.Folder is not null),
    ];
    private FolderCopyState? _current;
    private int _restarts;
    private long _mostThere;

    public bool IsDone => _done.Count == _sources.Count;

    public long ProgressVersion => _sources.Sum(folder => folder.ProgressVersion);

    public bool GiveUp(MailException loss)
    {
        // While a server is busy, the next folder would fare no better.
        if ((loss.Reason != Reason.ConnectionLost && loss.Reason != Reason.TemporaryFailure) || _current is not { } current)
            return false;
        current.Fail(loss);
        return _done.Add(current);
    }

    /// <summary>Whether there is more to do for it than to wait for a later turn.</summary>
    public bool HasDue => _sources.Exists(folder => !folder.HasWaiting || folder.Due is not { Count: 0 });

    public Task CopyAsync(SessionPair sessions, CancellationToken stop) => UnlessRecreatedAsync(() => CopyEachAsync(sessions, stop));

    /// <summary>Finds out what is to be delivered, without delivering it.</summary>
    public Task ExamineAsync(SessionPair sessions, CancellationToken stop) =>
        UnlessRecreatedAsync(() => ForEachAsync(folder => new FolderCopy(folder, sessions.Source, sessions.Target).ExamineAsync(stop)));

    private async Task UnlessRecreatedAsync(Func<Task> step)
    {
        for (; ; )
        {
            try
            {
                await step();
                return;
            }
            catch (MailException exception) when (exception.Reason == Reason.FolderRecreated)
            {
                Restart(exception);
            }
        }
    }

    private async Task CopyEachAsync(SessionPair sessions, CancellationToken stop)
    {
        // All are examined before one is copied: a message that moved from one to another of them is at the target.
        if (_sources.Count > 1)
            await ForEachAsync(folder => new FolderCopy(folder, sessions.Source, sessions.Target).EnumerateAsync(stop));
        await ForEachAsync(async folder =>
        {
            await RunActivities.OfFolderAsync(
                "copy",
                folder.Mapping.Source.Path,
                folder.Progress,
                () => new FolderCopy(folder, sessions.Source, sessions.Target).RunAsync(stop)
            );
            _done.Add(folder);
        });
    }

    private async Task ForEachAsync(Func<FolderCopyState, Task> step)
    {
        foreach (var folder in _sources.Where(folder => !_done.Contains(folder)))
        {
            _current = folder;
            try
            {
                await step(folder);
            }
            catch (MailException exception)
                when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox
                    && (exception.Reason != Reason.FolderRecreated || !MayRestart())
                )
            {
                folder.Fail(exception);
                _done.Add(folder);
            }
            catch (MailException exception) when (exception.Reason.Scope == FailureScope.Session)
            {
                folder.Poison.ConnectionLost();
                throw;
            }
        }
    }

    private bool MayRestart() => _restarts < MostRestarts || There > _mostThere;

    /// <summary>Messages that are at the target, as far as is known.</summary>
    private long There => _sources.Sum(folder => folder.Progress.Counts.Delivered + folder.Progress.Counts.AlreadyThere);

    /// <summary>UIDs mean other messages than they did when the folders were examined: what is where is found out again, by content. Of
    /// the sources that were copied already too, because what was delivered of them may have gone with the target folder.</summary>
    private void Restart(MailException cause)
    {
        _restarts = There > _mostThere ? 1 : _restarts + 1;
        _mostThere = Math.Max(_mostThere, There);
        _sources[0]
            .Run.Progress.NoticeOnce(
                $"restart {_sources[0].Mapping.Target}",
                $"{cause.Message} It was read again: what was at the target already was recognized by its content."
            );
        _done.Clear();
        for (var index = 0; index < _sources.Count; index++)
        {
            var fresh = _sources[index].Restarted();
            all[all.IndexOf(_sources[index])] = fresh;
            _sources[index] = fresh;
        }
    }
}
