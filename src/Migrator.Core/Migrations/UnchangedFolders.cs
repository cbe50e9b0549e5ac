using Migrator.Core.Checkpoints;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Selection;

namespace Migrator.Core.Migrations;

/// <summary>Finds the folders that need not even be opened: both ends say what they said when all of it was at the target.</summary>
/// <param name="known">What is recorded.</param>
/// <param name="target">The folders of the target.</param>
/// <param name="selection">Null where no message is left out by rule.</param>
internal sealed class UnchangedFolders(IReadOnlyList<FolderCheckpoint> known, IReadOnlyList<MailFolder> target, MessageSelection? selection)
{
    // To search both lists for each of ten thousand folders takes longer than all else that a run with nothing new does.
    private readonly ILookup<FolderPath, FolderCheckpoint> _known = known.ToLookup(folder => folder.Source);
    private readonly ILookup<FolderPath, MailFolder> _target = target.ToLookup(folder => folder.Path);

    /// <returns>What is recorded of the folder; null where it is to be opened.</returns>
    public FolderCheckpoint? Find(FolderMapping mapping)
    {
        // Without mod-sequences a changed flag cannot be seen from outside, nor a folder that was rolled back and filled again.
        if (mapping.Source.State is not { HighestModSeq: > 0 } state)
            return null;
        var record = _known[mapping.Source.Path].FirstOrDefault(folder => folder.UidValidity == state.UidValidity);
        return
            record?.Completed == state
            && record.Target == mapping.Target
            && record.Selection == selection?.Mark
            && _target[mapping.Target].FirstOrDefault()?.State is { HighestModSeq: > 0 } there
            && record.CompletedTarget == there
            ? record
            : null;
    }
}
