using Migrator.Core.Failures;

namespace Migrator.Core.Mail;

/// <summary>A source whose protocol is made to download and delete (POP3).</summary>
public interface IDeletableSource : IMailSource
{
    /// <summary>Whether the message was read in this session and had the size that the server lists: only then is it certain that all
    /// of it came.</summary>
    bool SizeFits(Uid uid);

    /// <summary>Ends the session of a server that lists its mail part by part (<see cref="Providers.ProviderProfile.Pop3InParts"/>) so that
    /// it lists the next part. It never lists again what was fetched in that session: unless all of it is stored, nothing happens. To any
    /// other server nothing is said.</summary>
    /// <param name="isStored">Whether a message is stored for good.</param>
    /// <returns>False where something was fetched and is not stored.</returns>
    /// <exception cref="MailException">The server did not confirm: it lists the same part again.</exception>
    Task<bool> AcknowledgeAsync(Predicate<Uid> isStored, CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>Deletes these messages at the server and ends the session; only what this returns for is deleted. The caller has
    /// read the stored copies back first.</summary>
    /// <param name="uids">As <see cref="IMailSource.ListUidsAsync"/> gave them in this session.</param>
    /// <param name="cancellationToken">Cancelling deletes nothing, or leaves open whether it did.</param>
    /// <exception cref="MailException">The server did not confirm (RFC 1939, section 6: messages are removed in the UPDATE state, after
    /// QUIT): count none of them as deleted.</exception>
    Task RemoveAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken);
}
