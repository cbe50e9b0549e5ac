using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Shows whether recorded UIDs still name the same messages. A server that was restored from an earlier state keeps UIDVALIDITY and gives the
/// highest UIDs again, to other mail, and once it has given enough of them no counter shows that any more: so the highest message that is on record and
/// still there is read.</summary>
internal static class Sentinel
{
    private const int Most = 5;

    /// <param name="mailbox">Has the folder open.</param>
    /// <param name="highest">What is on record of the highest UIDs, descending.</param>
    /// <returns>Null where none of them is there to be read.</returns>
    public static async Task<bool?> IsSameAsync(IMailSource mailbox, IEnumerable<(uint Uid, ContentId Content)> highest, CancellationToken cancellationToken)
    {
        foreach (var (uid, content) in highest.Take(Most))
        {
            bool? same = null;
            try
            {
                await mailbox.FetchAsync([uid], new ContentHasher((_, read, _, size) => same = size == 0 ? null : read == content), cancellationToken).ConfigureAwait(false);
            }
            catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
            {
                // One that the server does not give out says nothing.
            }
            if (same is not null)
                return same;
        }
        return null;
    }
}
