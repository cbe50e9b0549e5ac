using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>The folder that the copies of one target folder are moved to when they are taken back. It is recorded before it is created:
/// whatever is found there later was put there by Migrator, or since.</summary>
/// <param name="folders">All that were delivered to the one target folder.</param>
/// <param name="path">Where no earlier attempt has chosen another.</param>
internal sealed class UndoPlace(IMailboxCheckpoint checkpoint, IReadOnlyList<FolderCheckpoint> folders, FolderPath path)
{
    /// <summary>Why a copy that was taken back is not removed for good.</summary>
    public const string Renumbered = "the target has recreated or renumbered this folder, so that the message cannot be recognized";

    private static readonly IReadOnlyList<MessageState> s_undone = [MessageState.Undone];

    // UIDs that records have there.
    private HashSet<Uid>? _recorded;
    private bool _isMade;

    public FolderPath Path { get; } = folders.Select(folder => folder.UndonePlace).FirstOrDefault(known => known is not null) ?? path;

    private UidValidity Validity { get; set; } =
        folders.Select(folder => folder.UndoneUidValidity).FirstOrDefault(validity => validity.IsKnown);

    /// <summary>Creates it where it is missing, and opens it.</summary>
    /// <returns>What it is like before something is moved there.</returns>
    public async Task<AppendIntent> PrepareAsync(IMailTarget target, CancellationToken stop)
    {
        if (!_isMade)
        {
            await SaveAsync(Validity, stop);
            await target.CreateFolderAsync(Path, SpecialUse.None, stop);
            _isMade = true;
        }
        var state = await target.OpenAsync(Path, stop);
        if (state.UidValidity != Validity)
        {
            if (Validity.IsKnown)
                await ForgetAsync(stop);
            await SaveAsync(state.UidValidity, stop);
            (Validity, _recorded) = (state.UidValidity, null);
        }
        return new AppendIntent(state.UidValidity, TargetUid.Higher(TargetUid.Min, new TargetUid(state.UidNext)));
    }

    /// <summary>UIDs there that no record has, from one on. It is open.</summary>
    public async Task<IReadOnlyList<Uid>> UnrecordedAsync(IMailTarget target, FolderState state, Uid from, CancellationToken stop)
    {
        if (state.UidValidity != Validity)
            return [.. await target.ListUidsAsync(from, stop)];
        if (_recorded is null)
        {
            var recorded = new HashSet<Uid>();
            foreach (var folder in folders)
            {
                await foreach (var record in folder.ReadAllAsync(checkpoint, s_undone, stop))
                    recorded.Add(record.TargetUid.Uid);
            }
            _recorded = recorded;
        }
        return [.. (await target.ListUidsAsync(from, stop)).Where(uid => !_recorded.Contains(uid))];
    }

    public void Recorded(IEnumerable<Uid> uids) => _recorded?.UnionWith(uids);

    private async Task SaveAsync(UidValidity validity, CancellationToken stop)
    {
        foreach (var folder in folders.Where(folder => folder.UndonePlace != Path || folder.UndoneUidValidity != validity))
            await checkpoint.SaveUndonePlaceAsync(folder.Id, Path, validity, stop);
    }

    /// <summary>UIDs that were recorded there name other messages by now.</summary>
    private async Task ForgetAsync(CancellationToken stop)
    {
        foreach (var folder in folders)
        {
            await foreach (var page in folder.ReadPagesAsync(checkpoint, s_undone, 1000, stop))
                await checkpoint.WriteAsync(
                    folder.Id,
                    [
                        .. page.Where(record => record.TargetUid.IsKnown)
                            .Select(record => record with { TargetUid = 0, Detail = Renumbered }),
                    ],
                    stop
                );
        }
    }
}
