using System.Text.Json.Serialization;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <param name="State">What the source said of it when it was read; null for one that holds only folders.</param>
/// <param name="Count">Messages in it.</param>
/// <param name="Bytes">Of all its messages together.</param>
/// <param name="Pages">Its messages, ascending by UID.</param>
public sealed record SnapshotFolder(
    FolderPath Path,
    SpecialUse Use,
    bool Selectable,
    bool Subscribed,
    FolderState? State,
    int Count,
    [property: JsonPropertyName("octets")] long Bytes,
    IReadOnlyList<SnapshotPage> Pages
)
{
    public bool Equals(SnapshotFolder? other) =>
        other is not null
        && Path == other.Path
        && Use == other.Use
        && Selectable == other.Selectable
        && Subscribed == other.Subscribed
        && State == other.State
        && Count == other.Count
        && Pages.SequenceEqual(other.Pages);

    public override int GetHashCode() => HashCode.Combine(Path, State, Count);
}
