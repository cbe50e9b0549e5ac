using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>A POP3 server may give other unique ids after a lost connection. What is listed then is not on the list of the run, and what
/// was on it looks as if it were gone.</summary>
internal static class StableIds
{
    /// <param name="state">When the folder was enumerated.</param>
    /// <param name="gone">Messages that were listed then and are not now.</param>
    /// <exception cref="MailException">There are new messages in its place, so that it may be one of them.</exception>
    public static async Task EnsureAsync(
        IMailSource source,
        FolderPath folder,
        FolderState state,
        IReadOnlyCollection<Uid> gone,
        CancellationToken cancellationToken
    )
    {
        if (gone.Count > 0 && source is IDeletableSource && (await source.ListUidsAsync(state.UidNext, cancellationToken)).Count > 0)
            throw new MailException(
                Reason.ListingIncomplete,
                $"{folder}: messages that the server listed are gone and it lists others: its unique ids (UIDL) may have "
                    + "changed during the run."
            );
    }
}
