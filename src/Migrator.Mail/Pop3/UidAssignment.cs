using Migrator.Core.Mail;

namespace Migrator.Mail.Pop3;

/// <summary>Gives the messages of a mailbox UIDs that stay theirs from session to session.</summary>
/// <remarks>
/// A message is known by its UIDL. Where the server has none, or gave one to several messages, by the SHA-256 of its octets, and a number among
/// messages of the same content: those are downloaded each time the mailbox is opened. A UIDL that several messages had is written down as no
/// name for any (<c>twice:</c>): once the others are gone it would name the last one anew, which would be taken for another message and copied
/// again. Not seen through: a second message that is given the UIDL of one known by it already; both are new then.
/// </remarks>
internal sealed class UidAssignment(IUidBook book, string account, TimeProvider time)
{
    /// <param name="hash">The content of these messages, in hexadecimal digits; null for one that the server does not give out.</param>
    /// <returns>The messages by UID, and the highest UID ever given.</returns>
    public async Task<(SortedDictionary<uint, ListedMessage> Messages, uint Highest)> AssignAsync(
        IReadOnlyList<ListedMessage> listed, Func<IReadOnlyList<ListedMessage>, Task<IReadOnlyList<string?>>> hash, CancellationToken cancellationToken)
    {
        var known = (await book.ReadAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(entry => entry.Key, entry => entry.Uid);
        // Refused for a moment: taken for a server without them, every message would be new, and be in every backup twice from then on.
        if (listed.Count > 0 && listed.All(message => message.Uidl is null) && known.Keys.Any(key => key.StartsWith("uidl:", StringComparison.Ordinal)))
            throw new MailException(Reason.ServerBusy, $"{account}: the server gives no unique ids (UIDL) this time; by them the messages that were fetched before are known.");
        var highest = known.Values.DefaultIfEmpty().Max();
        var added = new List<UidEntry>();

        foreach (var shared in listed.Where(message => message.Uidl is not null).GroupBy(message => message.Uidl).Where(group => group.Count() > 1))
            UidOf(Twice(shared.Key!));
        var nameless = listed.Where(message => message.Uidl is not { } uidl || known.ContainsKey(Twice(uidl))).ToList();
        var contents = nameless.Count > 0 ? nameless.Zip(await hash(nameless).ConfigureAwait(false)).ToDictionary(pair => pair.First, pair => pair.Second) : [];

        var (messages, copies) = (new SortedDictionary<uint, ListedMessage>(), new Dictionary<string, int>());
        foreach (var message in listed)
            messages[UidOf(contents.TryGetValue(message, out var content) ? ByContent(message, content) : $"uidl:{message.Uidl}")] = message;
        if (added.Count > 0)
            await book.AddAsync(added, cancellationToken).ConfigureAwait(false);
        return (messages, highest);

        uint UidOf(string key)
        {
            if (!known.TryGetValue(key, out var uid))
            {
                known[key] = uid = ++highest;
                added.Add(new UidEntry(key, uid, time.GetUtcNow()));
            }
            return uid;
        }

        string ByContent(ListedMessage message, string? content)
        {
            // One that cannot be read is listed all the same, or nobody would learn of it; fetching it says why.
            var key = content is null ? $"unread:{message.Uidl}:{message.Size}" : $"sha256:{content}";
            copies[key] = copies.GetValueOrDefault(key) + 1;
            return $"{key}#{copies[key]}";
        }
    }

    private static string Twice(string uidl) => $"twice:{uidl}";
}
