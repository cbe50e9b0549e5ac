using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>A POP3 server may give other unique ids after a lost connection. What is listed then is not on the list of the run, and what was on it looks
/// as if it were gone.</summary>
internal static class StableIds
{
    /// <summary>Called when a message that was listed is gone.</summary>
    /// <param name="state">When the folder was enumerated.</param>
    /// <param name="listed">What the source lists now.</param>
    /// <exception cref="MailException">There are new messages in its place, so that it may be one of them.</exception>
    public static void Ensure(IMailSource source, FolderPath folder, FolderState state, IReadOnlySet<uint> listed)
    {
        if (source is IRemovableSource && listed.Any(uid => uid >= state.UidNext))
            throw new MailException(Reason.ListingIncomplete,
                $"{folder}: messages that the server listed are gone and it lists others: its unique ids (UIDL) may have changed during the run.");
    }
}
