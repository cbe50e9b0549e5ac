using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Tests.Recovery.Steps;

/// <summary>A checkpoint whose calls are steps. What is recorded of folders counts as no change: each run raises their marks.</summary>
internal sealed class SteppedCheckpoint(IMailboxCheckpoint checkpoint, RunSteps steps) : IMailboxCheckpoint
{
    public IMailboxLease Lease => checkpoint.Lease;

    public IUidMap Uids => new SteppedUidMap(checkpoint.Uids, steps);

    public Task<PhaseMark> PhaseAsync(CancellationToken cancellationToken) =>
        steps.ReadAsync("checkpoint: phase", () => checkpoint.PhaseAsync(cancellationToken));

    public Task SavePhaseAsync(PhaseMark phase, CancellationToken cancellationToken) =>
        ChangeAsync("save phase", 1, () => checkpoint.SavePhaseAsync(phase, cancellationToken));

    public Task SaveUndonePlaceAsync(long folderId, FolderPath place, UidValidity uidValidity, CancellationToken cancellationToken) =>
        ChangeAsync("save undone place", 1, () => checkpoint.SaveUndonePlaceAsync(folderId, place, uidValidity, cancellationToken));

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(CancellationToken cancellationToken) =>
        steps.ReadAsync("checkpoint: folders", () => checkpoint.FoldersAsync(cancellationToken));

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(FolderPath source, FolderPath target, CancellationToken cancellationToken) =>
        steps.ReadAsync("checkpoint: folders", () => checkpoint.FoldersAsync(source, target, cancellationToken));

    public Task<IReadOnlyList<MessageRecord>> ReadAsync(
        long folderId,
        IReadOnlyList<MessageState> states,
        Uid fromUid,
        int limit,
        CancellationToken cancellationToken
    ) => steps.ReadAsync("checkpoint: read", () => checkpoint.ReadAsync(folderId, states, fromUid, limit, cancellationToken));

    public Task<UidSet> UidsAsync(long folderId, IReadOnlyList<MessageState> states, CancellationToken cancellationToken) =>
        steps.ReadAsync("checkpoint: uids", () => checkpoint.UidsAsync(folderId, states, cancellationToken));

    public Task<int> CountAsync(
        long folderId,
        IReadOnlyList<MessageState> states,
        IReadOnlyList<UidRange>? atTarget,
        CancellationToken cancellationToken
    ) => steps.ReadAsync("checkpoint: count", () => checkpoint.CountAsync(folderId, states, atTarget, cancellationToken));

    public Task<UidSet> OwnedAsync(FolderPath target, UidValidity targetUidValidity, CancellationToken cancellationToken) =>
        steps.ReadAsync("checkpoint: owned", () => checkpoint.OwnedAsync(target, targetUidValidity, cancellationToken));

    public Task<IReadOnlyList<DeliveredCopy>> FormerCopiesAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        CancellationToken cancellationToken
    ) => steps.ReadAsync("checkpoint: former", () => checkpoint.FormerCopiesAsync(target, targetUidValidity, cancellationToken));

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersOfFormerAsync(CancellationToken cancellationToken) =>
        steps.ReadAsync("checkpoint: folders of former", () => checkpoint.FoldersOfFormerAsync(cancellationToken));

    public Task<IReadOnlyList<MessageRecord>> ReadFormerAsync(long folderId, Uid fromUid, int limit, CancellationToken cancellationToken) =>
        steps.ReadAsync("checkpoint: read former", () => checkpoint.ReadFormerAsync(folderId, fromUid, limit, cancellationToken));

    public Task<IReadOnlyList<DeliveredCopy>> DeliveredToAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        TargetUid fromTargetUid,
        CancellationToken cancellationToken
    ) =>
        steps.ReadAsync(
            "checkpoint: delivered",
            () => checkpoint.DeliveredToAsync(target, targetUidValidity, fromTargetUid, cancellationToken)
        );

    public Task<FolderCheckpoint> SaveFolderAsync(FolderCheckpoint folder, CancellationToken cancellationToken) =>
        steps.ReadAsync($"checkpoint: save {folder.Source}", () => checkpoint.SaveFolderAsync(folder, cancellationToken));

    public Task AddFoundAsync(long folderId, IReadOnlyList<MessageSummary> messages, Uid nextUid, CancellationToken cancellationToken) =>
        ChangeAsync("found", messages.Count, () => checkpoint.AddFoundAsync(folderId, messages, nextUid, cancellationToken));

    public Task WriteAsync(long folderId, IReadOnlyList<MessageRecord> records, CancellationToken cancellationToken) =>
        ChangeAsync(
            string.Join(' ', records.Select(record => record.State).Distinct()),
            records.Count,
            () => checkpoint.WriteAsync(folderId, records, cancellationToken)
        );

    public Task MarkVanishedAsync(long folderId, IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        ChangeAsync("vanished", uids.Count, () => checkpoint.MarkVanishedAsync(folderId, uids, cancellationToken));

    public Task ResetAsync(long folderId, UidValidity? sentUnder, CancellationToken cancellationToken) =>
        ChangeAsync("reset", 1, () => checkpoint.ResetAsync(folderId, sentUnder, cancellationToken));

    public Task RenameFolderAsync(long folderId, FolderPath source, FolderPath target, CancellationToken cancellationToken) =>
        ChangeAsync("rename folder", 1, () => checkpoint.RenameFolderAsync(folderId, source, target, cancellationToken));

    public Task DeleteFolderAsync(long folderId, CancellationToken cancellationToken) =>
        ChangeAsync("delete folder", 1, () => checkpoint.DeleteFolderAsync(folderId, cancellationToken));

    public Task RetireAsync(long folderId, bool uidsGivenAgain, CancellationToken cancellationToken) =>
        steps.ReadAsync(
            "checkpoint: retire",
            async () =>
            {
                await checkpoint.RetireAsync(folderId, uidsGivenAgain, cancellationToken);
                return true;
            }
        );

    public ValueTask DisposeAsync() => checkpoint.DisposeAsync();

    private Task ChangeAsync(string what, int count, Func<Task> step) =>
        steps.TakeAsync(
            $"checkpoint: {what} ({count})",
            async () =>
            {
                await step();
                return true;
            },
            half: null,
            changes: count > 0
        );
}
