using Migrator.Core.Fetching;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Shows whether recorded UIDs still name the same messages. A server that was restored from an earlier state keeps UIDVALIDITY
/// and gives the highest UIDs again, to other mail, and once it has given enough of them no counter shows that any more: so the highest
/// message that is recorded and still there is read.</summary>
internal static class Sentinel
{
    /// <summary>Messages that are read, at most.</summary>
    public const int Most = 5;

    /// <param name="mailbox">Has the folder open.</param>
    /// <param name="fetches">Finds out if it is this message that ends the connection.</param>
    /// <param name="highest">What is recorded of the highest UIDs, descending.</param>
    /// <returns>Null where none of them is there to be read.</returns>
    public static async Task<bool?> IsSameAsync(
        IMailSource mailbox,
        Isolation fetches,
        IEnumerable<(Uid Uid, ContentId Content)> highest,
        CancellationToken cancellationToken
    )
    {
        foreach (var (uid, content) in highest.Take(Most))
        {
            bool? same = null;
            // One that the server does not return says nothing.
            await fetches.AskAsync(
                [uid],
                some =>
                    mailbox.FetchAsync(
                        some,
                        new HashingSink(
                            (_, read, _, size) =>
                                same =
                                    size == 0 ? null
                                    : read == content ? true
                                    // Other bytes are no sign of another message.
                                    : mailbox.Provider.RewritesMessages ? null
                                    : false
                        ),
                        cancellationToken
                    )
            );
            if (same is not null)
                return same;
        }
        return null;
    }
}
