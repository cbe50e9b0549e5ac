using MailKit.Net.Imap;
using Migrator.Core.Jobs;
using Migrator.Mail.Connections;

namespace Migrator.Mail.Imap;

/// <summary>Exchanges names and versions with a server that offers it (ID, RFC 2971), on each connection: some servers (NetEase) open no
/// folder for a client that does not, and say so only then. It costs a round trip of the six or so that a login takes.</summary>
internal sealed class ServerIdentity(MailServer server)
{
    private const int LongestShown = 100;

    private bool _isBroken;

    /// <summary>What the server calls itself, with its version; null where it has not said.</summary>
    public string? Name { get; private set; }

    /// <returns>Whether the connection is still of use. False once at most: the server broke it, and is not asked again.</returns>
    public async Task<bool> ExchangeAsync(ImapClient client, CancellationToken cancellationToken)
    {
        if (_isBroken || !server.Identify || !client.Capabilities.HasFlag(ImapCapabilities.Id))
            return true;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectAttempt.Limit);
        try
        {
            var said = await client.IdentifyAsync(new ImapImplementation { Name = "Migrator", Version = Version }, limit.Token);
            Name = said is null ? Name : Words(said);
        }
        catch (ImapCommandException)
        {
            // A server that does not like the question may still open the mailbox.
        }
        catch (Exception exception)
            when (ExceptionClassifier.IsServers(exception)
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            _isBroken = true;
        }
        _isBroken |= !client.IsConnected;
        return client.IsConnected;
    }

    private static string? Words(ImapImplementation said)
    {
        var words = string.Join(' ', new[] { said.Name, said.Version }.Where(word => !string.IsNullOrWhiteSpace(word)));
        if (!string.IsNullOrWhiteSpace(said.Vendor) && !words.Contains(said.Vendor, StringComparison.OrdinalIgnoreCase))
            words = words.Length > 0 ? $"{words} ({said.Vendor})" : said.Vendor;
        words = string.Concat(words.Where(letter => !char.IsControl(letter)));
        return words.Length == 0 ? null : words[..Math.Min(words.Length, LongestShown)];
    }

    private static string Version => typeof(ServerIdentity).Assembly.GetName().Version?.ToString(3) ?? "";
}
