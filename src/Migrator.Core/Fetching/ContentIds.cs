using Migrator.Core.Mail;

namespace Migrator.Core.Fetching;

/// <summary>Reads messages for their content ids alone.</summary>
internal static class ContentIds
{
    /// <returns>Of those that can be read; of the others, <paramref name="isolation"/> knows why.</returns>
    public static async Task<Dictionary<Uid, ContentId>> ReadAsync(
        IMailSource source,
        Isolation isolation,
        IReadOnlyList<Uid> uids,
        CancellationToken stop
    )
    {
        var contents = new Dictionary<Uid, ContentId>();
        await isolation.AskAsync(
            uids,
            some =>
                source.FetchAsync(
                    [.. some.Where(uid => !contents.ContainsKey(uid))],
                    new HashingSink((uid, content, _, _) => contents[uid] = content),
                    stop
                ),
            mayGiveUp: false
        );
        return contents;
    }
}
