using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Looks in a folder for messages that should be in another one.</summary>
internal static class ContentSearch
{
    private const int Chunk = 1000;

    /// <summary>The folders to look in. One that shows what others hold proves nothing: the message there may be the copy of another
    /// one.</summary>
    public static IEnumerable<FolderPath> Places(IEnumerable<MailFolder> folders) =>
        folders
            .Where(folder => folder is { Selectable: true, IsView: false, Namespace: NamespaceKind.Private })
            .Select(folder => folder.Path);

    /// <param name="mailbox">Has the folder open.</param>
    /// <param name="uids">Where to look.</param>
    /// <param name="wanted">Sizes and dates of what is looked for: nothing else is read.</param>
    /// <returns>How many there are of each content that was read.</returns>
    public static async Task<Dictionary<ContentId, int>> RunAsync(
        IMailSource mailbox,
        IReadOnlyList<Uid> uids,
        IReadOnlyCollection<(long Size, DateTimeOffset Date)> wanted,
        CancellationToken stop
    )
    {
        var (sizes, dates) = (
            wanted.Select(message => message.Size).ToHashSet(),
            wanted.Select(message => message.Date.ToUnixTimeSeconds()).ToHashSet()
        );
        var contents = new Dictionary<ContentId, int>();
        foreach (var chunk in uids.Chunk(Chunk))
        {
            List<Uid> candidates =
            [
                .. (await mailbox.FetchSummariesAsync(chunk, stop))
                    .Where(summary => sizes.Contains(summary.Size) || dates.Contains(summary.InternalDate.ToUnixTimeSeconds()))
                    .Select(summary => summary.Uid),
            ];
            await mailbox.FetchAsync(
                candidates,
                new HashingSink((_, content, _, _) => contents[content] = contents.GetValueOrDefault(content) + 1),
                stop
            );
        }
        return contents;
    }

    /// <summary>Takes one that was found; each counts once.</summary>
    public static bool Take(this Dictionary<ContentId, int> found, ContentId content) =>
        found.TryGetValue(content, out var left) && left > 0 && (found[content] = left - 1) >= 0;
}
