using Migrator.Core.Mail;

namespace Migrator.Files.Reading;

/// <param name="Place">Its file or directory below the root, with <c>/</c>, or another name that only the reader understands.</param>
/// <param name="Subscribed">Null where the format does not tell.</param>
internal sealed record FoundFolder(FolderPath Path, string Place, bool? Subscribed)
{
    public SpecialUse Use { get; init; } = Path.IsInbox ? SpecialUse.Inbox : SpecialUse.None;
}
