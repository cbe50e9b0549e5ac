using Migrator.Core.Fetching;
using Migrator.Core.Mail;
using Migrator.Core.Selection;

namespace Migrator.Core.Migrations;

/// <summary>Says which messages of a folder the rules of a job leave out. In doubt, none is: what a server does not tell, or refuses to
/// tell of a message, is no reason to leave it behind.</summary>
/// <param name="source">Has opened the folder.</param>
/// <param name="requests">For what has to be asked besides.</param>
internal sealed class MessageFilter(MessageSelection selection, IMailSource source, Isolation requests)
{
    /// <param name="messages">Ascending by UID; some thousands at most.</param>
    public async Task<IReadOnlySet<Uid>> LeftOutAsync(IReadOnlyList<MessageSummary> messages, CancellationToken stop)
    {
        var left = messages.Where(message => !selection.Includes(message)).Select(message => message.Uid).ToHashSet();
        if (selection.NeedsSentDate)
        {
            var sent = new Dictionary<Uid, DateTimeOffset>();
            await requests.AskAsync(
                Undecided(),
                async some =>
                {
                    foreach (var (uid, date) in await source.SentDatesAsync(some, stop))
                        sent[uid] = date;
                },
                mayGiveUp: false
            );
            left.UnionWith(sent.Where(message => !selection.IncludesSent(message.Value)).Select(message => message.Key));
        }
        if (selection.Search is { } key)
            left.UnionWith(await source.NotMatchingAsync(Undecided(), key, stop));
        return left;

        List<Uid> Undecided() => [.. messages.Select(message => message.Uid).Where(uid => !left.Contains(uid))];
    }
}
