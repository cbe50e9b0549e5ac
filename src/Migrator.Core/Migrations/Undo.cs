using Microsoft.Extensions.Logging;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Takes back what the runs of a job have delivered to one mailbox, in two steps: copies that Migrator made and nobody has
/// touched are moved to separate folders, and removed for good once a person asks for that, too. Continues where an earlier attempt
/// ended.</summary>
public sealed class Undo(
    Transfer transfer,
    MailboxEndpoints endpoints,
    ICheckpointStore store,
    UndoRequest request,
    TimeProvider time,
    ILogger log
)
{
    private readonly UndoTally _tally = new();

    /// <param name="progress">Kept up to date while it is in progress.</param>
    /// <param name="stop">Ends it at the next safe point, within seconds.</param>
    /// <returns>What was taken back, whichever way it ended: failures of servers are in the report.</returns>
    /// <exception cref="MailboxBusyException">A run is at this mailbox.</exception>
    /// <exception cref="CheckpointException">The checkpoint store cannot be opened; nothing was started.</exception>
    public async Task<UndoReport> RunAsync(RunProgress progress, CancellationToken stop)
    {
        var (started, pair) = (time.GetUtcNow(), new MailboxPair(transfer.Source, transfer.Target));
        var (outcome, stopped) = (RunOutcome.Complete, (Failure?)null);
        await using var records = await store.OpenRecordsAsync(pair, stop);
        if (records is null || (await records.FoldersAsync(stop)).Count == 0)
        {
            progress.Notice("No run has delivered anything to this mailbox, as far as is recorded: there is nothing to take back.");
            return Report();
        }
        await using var checkpoint = request.IsTrial ? new TrialCheckpoint(records) : await store.OpenAsync(pair, stop);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, checkpoint.Lease.Lost);
        try
        {
            if (request.Removes)
                await RemoveAsync(checkpoint, progress, either.Token);
            else
                await TakeBackAsync(checkpoint, progress, either.Token);
            if (_tally.Problems.Count > 0)
                outcome = RunOutcome.Partial;
        }
        catch (Exception exception)
            when (exception is LeaseLostException
                || (exception is OperationCanceledException && checkpoint.Lease.Lost.IsCancellationRequested)
            )
        {
            (outcome, stopped) = (RunOutcome.Aborted, Failure.Of(Reason.LeaseLost, $"{transfer.Target}: another worker has taken over."));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            outcome = RunOutcome.Interrupted;
        }
        catch (MigratorException exception) when (exception is MailException or CheckpointException)
        {
            (outcome, stopped) = (RunOutcome.Aborted, Failure.Of(exception));
        }
        return Report();

        UndoReport Report() =>
            new(
                transfer.Name,
                transfer.Source,
                transfer.Target,
                started,
                time.GetUtcNow(),
                outcome,
                request.Removes,
                request.IsTrial,
                _tally.Folders,
                _tally.Left,
                _tally.LeftCount,
                _tally.Problems,
                [.. progress.Notices],
                stopped
            );
    }

    private async Task TakeBackAsync(IMailboxCheckpoint checkpoint, RunProgress progress, CancellationToken stop)
    {
        await using var sessions = new SessionPair(null, token => endpoints.OpenTarget(checkpoint.Lease, token));
        var root = await InSessionAsync(sessions, progress, "Listing folders", () => RootAsync(sessions.Target, checkpoint, stop), stop);
        if (root != request.Place)
            progress.Notice($"Messages are moved below {root}, where an earlier attempt has begun to move them.");
        // Before the first message is moved: a run that starts after a kill must not bring it all again.
        if ((await checkpoint.PhaseAsync(stop)).Phase != MailboxPhase.Undone)
            await checkpoint.SavePhaseAsync(new PhaseMark(MailboxPhase.Undone, time.GetUtcNow()), stop);
        var stage = new UndoStage(checkpoint, _tally, root, request.IsTrial);
        await InSessionAsync(sessions, progress, "Taking messages back", () => stage.RunAsync(sessions.Target, stop), stop);
        var created = new Dictionary<FolderPath, UidValidity>();
        foreach (var folder in (await checkpoint.FoldersAsync(stop)).Where(folder => folder.IsTargetOurs))
            created[folder.Target] = folder.TargetUidValidity;
        var emptied = new EmptiedFolders(_tally, request.IsTrial);
        await InSessionAsync(sessions, progress, "Deleting empty folders", () => emptied.DeleteAsync(sessions.Target, created, stop), stop);
    }

    /// <returns>The folder below which messages are moved.</returns>
    /// <exception cref="MailException">The target cannot do it, or has such a folder.</exception>
    private async Task<FolderPath> RootAsync(IMailTarget target, IMailboxCheckpoint checkpoint, CancellationToken stop)
    {
        ThrowIfLabels(target);
        if (!target.Traits.MovesMessages)
            throw new MailException(
                Reason.UndoRefused,
                "The target has neither MOVE (RFC 6851) nor UIDPLUS (RFC 4315): messages cannot be moved aside without touching others. "
                    + "Nothing was changed."
            );
        var folders = await checkpoint.FoldersAsync(stop);
        if (folders.Select(folder => folder.UndonePlace).FirstOrDefault(place => place is not null) is { } begun)
            return new FolderPath([begun.Names[0]]);
        var name = request.Place.Names[0];
        return (await target.ListFoldersAsync(stop)).Any(folder => folder.Path.Names[0].Equals(name, StringComparison.OrdinalIgnoreCase))
            ? throw new MailException(
                Reason.UndoRefused,
                $"The target has a folder \"{name}\" already, which may contain mail of its user. Nothing was changed. "
                    + "Name another one with --into."
            )
            : request.Place;
    }

    private async Task RemoveAsync(IMailboxCheckpoint checkpoint, RunProgress progress, CancellationToken stop)
    {
        var folders = await checkpoint.FoldersAsync(stop);
        if ((await checkpoint.PhaseAsync(stop)).Phase != MailboxPhase.Undone)
            throw new MailException(Reason.UndoRefused, "Nothing was taken back yet. Run \"migrator undo\" without --expunge first.");
        foreach (var folder in folders)
        {
            if (await checkpoint.CountAsync(folder.Id, [MessageState.Undoing], null, stop) > 0)
                throw new MailException(
                    Reason.UndoRefused,
                    $"{folder.Target}: messages were being taken back when the last attempt ended, and some may be in two places. "
                        + "Run \"migrator undo\" without --expunge first."
                );
        }
        await using var sessions = new SessionPair(
            token => endpoints.OpenSource(new CheckpointUidMap(checkpoint), token),
            token => endpoints.OpenTarget(checkpoint.Lease, token)
        );
        var removal = new UndoneRemoval(checkpoint, _tally, request.IsTrial);
        await InSessionAsync(
            sessions,
            progress,
            "Removing messages",
            () =>
            {
                ThrowIfLabels(sessions.Target);
                if (!sessions.Target.Traits.RemovesMessages)
                    throw new MailException(
                        Reason.UndoRefused,
                        "The target has no UIDPLUS (RFC 4315): single messages cannot be removed without touching others. Nothing was "
                            + "changed. Delete the folder with a mail program."
                    );
                return removal.RunAsync(sessions, stop);
            },
            stop
        );
        var places = new Dictionary<FolderPath, UidValidity>();
        foreach (var folder in folders.Where(folder => folder.UndonePlace is not null))
        {
            places[folder.UndonePlace!] = folder.UndoneUidValidity;
            for (var parent = folder.UndonePlace!.Parent; parent is not null; parent = parent.Parent)
                places.TryAdd(parent, default);
        }
        var emptied = new EmptiedFolders(_tally, request.IsTrial);
        await InSessionAsync(sessions, progress, "Deleting empty folders", () => emptied.DeleteAsync(sessions.Target, places, stop), stop);
    }

    private static void ThrowIfLabels(IMailTarget target)
    {
        if (target.HasLabels)
            throw new MailException(
                Reason.UndoRefused,
                "Folders of the target are labels of its messages (Gmail): a message that is moved out of one may leave others, and "
                    + "which labels its user gave is unknown. Nothing was changed."
            );
    }

    private Task InSessionAsync(SessionPair sessions, RunProgress progress, string phase, Func<Task> step, CancellationToken stop) =>
        InSessionAsync(
            sessions,
            progress,
            phase,
            async () =>
            {
                await step();
                return true;
            },
            stop
        );

    private Task<T> InSessionAsync<T>(
        SessionPair sessions,
        RunProgress progress,
        string phase,
        Func<Task<T>> step,
        CancellationToken stop
    ) => new Retries(time, progress, log).RunAsync(sessions, phase, step, stop);
}
