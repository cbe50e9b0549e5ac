using MailKit;
using MailKit.Net.Imap;

namespace Migrator.Mail.Imap;

/// <summary>What earlier sessions with a server found that it does wrong, so that the next one does without.</summary>
internal sealed class KnownFaults
{
    /// <summary>Its answers to STATUS cannot be read, and end the session.</summary>
    public bool StatusUnreadable { get; set; }

    /// <summary>Its answers about the largest message of a folder cannot be read, and end the session.</summary>
    public bool AppendLimitUnreadable { get; set; }

    /// <summary>It has listed less than it said that a folder contains.</summary>
    public bool CutsSearches { get; set; }

    /// <summary>Asks for the status of a folder. Where it is refused, nothing more is known than before.</summary>
    /// <returns>False where it was refused; true also where it is not asked for any more.</returns>
    /// <exception cref="ImapProtocolException">The answer cannot be read: the session is of no more use, and the next one does not
    /// ask.</exception>
    public async Task<bool> TryStatusAsync(Func<Task> ask)
    {
        if (StatusUnreadable)
            return true;
        try
        {
            await ask();
            return true;
        }
        catch (Exception exception) when (exception is ImapCommandException or FolderNotFoundException or NotSupportedException)
        {
            return false;
        }
        catch (ImapProtocolException)
        {
            StatusUnreadable = true;
            throw;
        }
    }
}
