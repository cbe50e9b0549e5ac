namespace Migrator.Core.Discovery;

/// <summary>Finds the mail servers of an address. No secret is sent to anyone: the sources are asked about the domain, and only the
/// domain's own web server learns the address.</summary>
public interface IServerDiscovery : IDisposable
{
    /// <param name="askDatabase">Thunderbird's database may be asked too: a third party then learns the domain.</param>
    /// <returns>What was found within 15 seconds; never null, and empty where nothing was found. What the sources answer is a
    /// <see cref="DiscoveryNote"/>, not an exception.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled from outside.</exception>
    Task<DiscoveredServers> FindAsync(MailboxAddress address, bool askDatabase, CancellationToken cancellationToken);

    /// <summary>Asks DNS alone.</summary>
    Task<MailExchangers> ExchangersAsync(MailboxAddress address, CancellationToken cancellationToken);

    /// <summary>Opens a connection and begins TLS, to see which certificate the server has. Nobody logs in.</summary>
    /// <returns>The server with its certificate, and with what that proves. Without, where no TLS connection can be opened.</returns>
    /// <inheritdoc cref="FindAsync"/>
    Task<DiscoveredServer> TryAsync(DiscoveredServer server, MailboxAddress address, CancellationToken cancellationToken);
}
