using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Gathers what was taken back and what stays. A step that is repeated after a lost connection names nothing twice.</summary>
internal sealed class UndoTally
{
    private readonly Dictionary<FolderPath, UndoneFolder> _folders = [];
    private readonly HashSet<(long Folder, Uid Uid)> _named = [];
    private readonly List<LeftMessage> _left = [];
    private readonly List<Failure> _problems = [];

    public IReadOnlyList<UndoneFolder> Folders => [.. _folders.Values.OrderBy(folder => folder.Folder.ToString(), StringComparer.Ordinal)];

    /// <summary>At most <see cref="RunIssues.Most"/>.</summary>
    public IReadOnlyList<LeftMessage> Left => _left;

    public long LeftCount => _named.Count;

    public IReadOnlyList<Failure> Problems => _problems;

    public long TakenOf(FolderPath folder) => _folders.TryGetValue(folder, out var known) ? known.Taken : 0;

    public void Took(FolderPath folder, FolderPath? place, int messages)
    {
        if (messages > 0)
            _folders[folder] = Of(folder) with { Place = place, Taken = Of(folder).Taken + messages };
    }

    /// <param name="where">The folder of the target that it is in.</param>
    public void Leave(FolderCheckpoint folder, FolderPath where, MessageRecord record, string reason)
    {
        if (!_named.Add((folder.Id, record.Uid)))
            return;
        _folders[where] = Of(where) with { Left = Of(where).Left + 1 };
        if (_left.Count < RunIssues.Most)
            _left.Add(new LeftMessage(where, record.TargetUid, folder.Source, record.Uid, reason));
    }

    public void Delete(FolderPath folder) => _folders[folder] = Of(folder) with { IsDeleted = true, Stays = null };

    public void Keep(FolderPath folder, string why) => _folders[folder] = Of(folder) with { Stays = why };

    public void Problem(Failure problem) => _problems.Add(problem);

    private UndoneFolder Of(FolderPath folder) =>
        _folders.GetValueOrDefault(folder) ?? new UndoneFolder(folder, null, 0, 0, IsDeleted: false, Stays: null);
}
