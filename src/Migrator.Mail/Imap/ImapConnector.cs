using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>Opens sessions with one account on one IMAP server.</summary>
/// <param name="server">Where, and how.</param>
/// <param name="password">The secret itself: it goes to the server and nowhere else.</param>
/// <param name="time">By which a connection that says nothing is given up; the system's where null.</param>
public sealed class ImapConnector(MailServer server, string password, TimeProvider? time = null)
{
    // A server that expects TLS says nothing to a client that waits for a greeting: without a limit of its own, a wrong TLS mode hangs for minutes.
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(30);
    private static readonly Lazy<bool> s_checked = new(() =>
    {
        RawMessage.CheckItself();
        return true;
    });

    private readonly string _where = $"{server.User} at {server.Host}:{server.Port}";

    /// <exception cref="MailException">Of scope <see cref="FailureScope.Server"/>: connecting or logging in failed.</exception>
    public async Task<IMailSource> OpenSourceAsync(CancellationToken cancellationToken)
    {
        var (client, tail) = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return new ImapSource(client, tail, server.Account, FolderAccess.ReadOnly);
    }

    /// <inheritdoc cref="OpenSourceAsync"/>
    public async Task<IMailTarget> OpenTargetAsync(CancellationToken cancellationToken)
    {
        _ = s_checked.Value;
        var (client, tail) = await OpenAsync(cancellationToken).ConfigureAwait(false);
        // By STARTTLS, TLS begins inside MailKit and the stream that it then uses is out of reach.
        Func<CancellationToken, Task<AppendPipeline>>? pipeline = server.Tls == TlsMode.StartTls ? null : OpenPipelineAsync;
        return new ImapTarget(client, new ImapSource(client, tail, server.Account, FolderAccess.ReadWrite), pipeline);
    }

    /// <exception cref="MailException">The server was reached before, by <see cref="OpenTargetAsync"/>: whatever goes wrong now may
    /// pass.</exception>
    private async Task<AppendPipeline> OpenPipelineAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_connectLimit);
        var tail = new ResponseTail();
        var client = new FetchingClient(tail);
        Stream? stream = null;
        try
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(server.Host, server.Port, limit.Token).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (server.Tls == TlsMode.Implicit)
            {
                var secure = new SslStream(stream, leaveInnerStreamOpen: false, new ServerTrust(server, Authorities()).Accept);
                stream = secure;
                await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = server.Host }, limit.Token).ConfigureAwait(false);
            }
            await client.ConnectAsync(stream, server.Host, server.Port, SecureSocketOptions.None, limit.Token).ConfigureAwait(false);
            await LogInAsync(client, tail, limit.Token).ConfigureAwait(false);
            return new AppendPipeline(client, stream, server.Account, time ?? TimeProvider.System);
        }
        catch (Exception exception)
        {
            client.Dispose();
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
                throw;
            throw new MailException(Reason.ConnectionLost, $"{_where}: no second connection for appending ({ImapErrors.Innermost(exception)}).", exception);
        }
    }

    private async Task<(FetchingClient Client, ResponseTail Tail)> OpenAsync(CancellationToken cancellationToken)
    {
        var trust = new ServerTrust(server, Authorities());
        var tail = new ResponseTail();
        var client = new FetchingClient(tail)
        {
            ServerCertificateValidationCallback = trust.Accept,
            // Revocation lists are often out of reach for a worker behind a firewall, and a private authority has none.
            CheckCertificateRevocation = false,
        };
        try
        {
            await ConnectAsync(client, trust, cancellationToken).ConfigureAwait(false);
            await LogInAsync(client, tail, cancellationToken).ConfigureAwait(false);
            return (client, tail);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private async Task ConnectAsync(FetchingClient client, ServerTrust trust, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_connectLimit);
        try
        {
            await client.ConnectAsync(server.Host, server.Port, server.Tls switch
            {
                TlsMode.Implicit => SecureSocketOptions.SslOnConnect,
                TlsMode.StartTls => SecureSocketOptions.StartTls,
                _ => SecureSocketOptions.None,
            }, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(server.Tls == TlsMode.Implicit ? Reason.ConnectionRefused : Reason.TlsMode,
                $"the server said nothing for {s_connectLimit.TotalSeconds:0} s" + (server.Tls == TlsMode.Implicit ? "" : "; it may expect TLS from the first octet"), exception);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain)
        {
            throw Failed(Reason.HostUnknown, $"the host name {server.Host} is not known", exception);
        }
        catch (SocketException exception)
        {
            throw Failed(Reason.ConnectionRefused, $"cannot connect ({ImapErrors.Innermost(exception)})", exception);
        }
        catch (SslHandshakeException exception)
        {
            throw trust.Refusal is { } refusal
                ? Failed(Reason.TlsUntrusted, refusal, exception)
                : Failed(Reason.TlsMode, $"no TLS connection came about ({ImapErrors.Innermost(exception)})", exception);
        }
        catch (NotSupportedException exception)
        {
            throw Failed(Reason.TlsMode, "the server does not offer STARTTLS", exception);
        }
        catch (Exception exception) when (ImapErrors.IsMail(exception))
        {
            throw Failed(Reason.TlsMode, $"no IMAP server answered ({ImapErrors.Innermost(exception)})", exception);
        }
    }

    private async Task LogInAsync(FetchingClient client, ResponseTail tail, CancellationToken cancellationToken)
    {
        try
        {
            var method = server.Auth == AuthMethod.Auto ? Choose(client) : server.Auth;
            if (Mechanism(method) is { } mechanism)
            {
                if (!client.AuthenticationMechanisms.Contains(mechanism.MechanismName))
                    throw Failed(Reason.LoginUnsupported, $"the server does not offer {mechanism.MechanismName}; it offers {string.Join(", ", client.AuthenticationMechanisms.Order())}", null);
                await client.AuthenticateAsync(mechanism, cancellationToken).ConfigureAwait(false);
                return;
            }
            // Without SASL mechanisms to choose from, MailKit sends the LOGIN command.
            client.AuthenticationMechanisms.Clear();
            await client.AuthenticateAsync(new NetworkCredential(server.User, password), cancellationToken).ConfigureAwait(false);
        }
        catch (NotSupportedException exception)
        {
            throw Failed(Reason.LoginUnsupported, "the server offers no way to log in that Migrator knows, or none without TLS", exception);
        }
        catch (Exception exception) when (exception is AuthenticationException || ImapErrors.IsMail(exception))
        {
            var said = ImapErrors.Translate(exception is AuthenticationException ? new ImapCommandException(ImapCommandResponse.No, exception.Message) : exception,
                Reason.LoginRefused, $"logging in as {_where}", tail);
            throw said;
        }
    }

    /// <summary>One way only: trying one after the other, as MailKit would, counts as so many wrong passwords at the server, which then
    /// slows down or locks the account. In TLS the simplest is the one that fails least (a server may offer SCRAM and hold
    /// no SCRAM secret of this user); in plaintext, the one that shows least.</summary>
    private AuthMethod Choose(FetchingClient client)
    {
        (string Name, AuthMethod Method)[] safe = [("SCRAM-SHA-256", AuthMethod.ScramSha256), ("SCRAM-SHA-1", AuthMethod.ScramSha1), ("CRAM-MD5", AuthMethod.CramMd5)];
        (string Name, AuthMethod Method)[] simple = [("PLAIN", AuthMethod.Plain), ("LOGIN", AuthMethod.Login)];
        var offered = (server.Tls != TlsMode.None ? simple.Concat(safe) : safe.Concat(simple)).Where(way => client.AuthenticationMechanisms.Contains(way.Name));
        return offered.Select(way => way.Method).FirstOrDefault(AuthMethod.Login);
    }

    private SaslMechanism? Mechanism(AuthMethod method) => method switch
    {
        AuthMethod.Plain => new SaslMechanismPlain(server.User, password),
        AuthMethod.CramMd5 => new SaslMechanismCramMd5(server.User, password),
        AuthMethod.ScramSha1 => new SaslMechanismScramSha1(server.User, password),
        AuthMethod.ScramSha256 => new SaslMechanismScramSha256(server.User, password),
        _ => null,
    };

    private X509Certificate2Collection? Authorities()
    {
        if (server.Trust.CaFile is not { } file)
            return null;
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Failed(Reason.TlsUntrusted, $"the CA file {file} cannot be read as PEM ({ImapErrors.Innermost(exception)})", exception);
        }
        return authorities.Count > 0 ? authorities : throw Failed(Reason.TlsUntrusted, $"the CA file {file} holds no certificate", null);
    }

    private MailException Failed(Reason reason, string what, Exception? inner) => new(reason, $"{_where}: {what}.", inner);
}
