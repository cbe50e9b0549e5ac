using Migrator.Core.Archives;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Core.Archives;

/// <summary>What a snapshot lacks, so that whoever takes mail from it learns of it.</summary>
public static class MissingItems
{
    private const int MostNamed = 20;

    /// <param name="choice">The folders that are wanted.</param>
    /// <returns>In words; empty where nothing of them is missing.</returns>
    public static IReadOnlyList<string> Of(Snapshot snapshot, FolderChoice choice)
    {
        if (snapshot.State == SnapshotState.InProgress)
            return ["This snapshot was written in the middle of a run: what the run had not reached by then is missing."];
        var gaps = snapshot.Gaps.Where(gap => gap.Folder is null || choice.Includes(gap.Folder)).ToList();
        if (gaps.Count == 0)
            return [];
        return
        [
            $"This snapshot is partial: {gaps.Count:N0} item{(gaps.Count == 1 ? " is" : "s are")} missing in it.",
            .. gaps.Take(MostNamed).Select(gap => $"Missing in the snapshot: {Place(gap)}: {gap.Failure.Detail}"),
            .. gaps.Count > MostNamed
                ? [$"{gaps.Count - MostNamed:N0} more are missing (\"migrator archive snapshots --json\" names all)."]
                : Array.Empty<string>(),
        ];
    }

    private static string Place(MissingItem gap) =>
        gap.Folder is null ? "the rest of the run"
        : gap.Uid is { } uid ? $"{gap.Folder}, UID {uid}"
        : $"{gap.Folder} (as it was in the snapshot before, if it was there)";

    /// <summary>Whether it is not known what this folder held.</summary>
    public static bool Has(Snapshot snapshot, FolderPath folder) =>
        snapshot.State == SnapshotState.InProgress || snapshot.Gaps.Any(gap => gap.Folder is null || gap.Folder == folder);
}
