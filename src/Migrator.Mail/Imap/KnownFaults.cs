using MailKit;
using MailKit.Net.Imap;

namespace Migrator.Mail.Imap;

/// <summary>What earlier sessions with a server found that it does wrong, so that the next one does without.</summary>
internal sealed class KnownFaults
{
    /// <summary>Its answers to STATUS cannot be read, and end the session.</summary>
    public bool StatusUnreadable { get; set; }

    /// <summary>Asks for the status of a folder. Where it is refused, nothing more is known than before.</summary>
    /// <exception cref="ImapProtocolException">The answer cannot be read: the session is of no more use, and the next one does not ask.</exception>
    public async Task TryStatusAsync(ImapFolder folder, StatusItems items, CancellationToken cancellationToken)
    {
        if (StatusUnreadable)
            return;
        try
        {
            await folder.StatusAsync(items, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ImapCommandException or FolderNotFoundException or NotSupportedException)
        {
            // Refused.
        }
        catch (ImapProtocolException)
        {
            StatusUnreadable = true;
            throw;
        }
    }
}
