using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Search;

/// <summary>A folder in snapshots, one after the other, that have it with the same messages.</summary>
/// <param name="Pages">Content ids of its identity pages.</param>
/// <param name="First">The first of these snapshots, by its place in the mailbox's history.</param>
internal sealed record FolderSpan(FolderPath Path, UidValidity UidValidity, IReadOnlyList<ContentId> Pages, int First)
{
    /// <summary>The last of these snapshots.</summary>
    public int Last { get; set; } = First;

    public bool Covers(int snapshot) => First <= snapshot && snapshot <= Last;
}
