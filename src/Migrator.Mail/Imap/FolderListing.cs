using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>The folders of an account as its server lists them, each once.</summary>
/// <param name="Folders">By the path that each has here.</param>
/// <param name="Subscriptions">Why it is not known which folders the user is subscribed to; null where it is known.</param>
internal sealed record FolderListing(Dictionary<FolderPath, ListedFolder> Folders, Exception? Subscriptions)
{
    /// <summary>The folders below which others are listed.</summary>
    public IReadOnlySet<FolderPath> Parents { get; } = Folders.Keys.SelectMany(Above).ToHashSet();

    private static IEnumerable<FolderPath> Above(FolderPath path)
    {
        for (var above = path.Parent; above is not null; above = above.Parent)
            yield return above;
    }
}
