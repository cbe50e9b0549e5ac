using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailKit.Net.Imap;
using MailKit.Security;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Jobs;
using Migrator.Core.Pacing;
using Migrator.Core.Secrets;
using Migrator.Mail.Pacing;

namespace Migrator.Mail.Connections;

/// <summary>One attempt to reach a server, whatever it speaks: which certificates are accepted, how long is waited, and what a
/// failure is called.</summary>
internal sealed class ConnectAttempt
{
    // A server that expects TLS says nothing to a client that waits for a greeting: without a limit of its own, a wrong TLS mode hangs for
    // minutes.
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // Some servers let a login wait on purpose. One that says a byte a minute would hold the connection for ever.
    private static readonly TimeSpan s_loginLimit = TimeSpan.FromMinutes(2);

    private const int MostHangUps = 2;

    // No other has a binding that both .NET and mail servers know.
    private const System.Security.Authentication.SslProtocols Bindable = System.Security.Authentication.SslProtocols.Tls12;

    private readonly MailServer _server;
    private readonly TimeProvider _time;
    private readonly ConnectionSecrets _secrets;
    private readonly Pacer _pacer;
    private readonly SslStreamCertificateContext? _certificate;
    private bool _atProxy;
    private IdleTimeoutStream? _connection;

    /// <param name="server">Where, and how.</param>
    /// <param name="time">By which a connection that says nothing is given up; the system's where null.</param>
    /// <param name="secrets">That the connection needs; null for none.</param>
    /// <param name="pacer">Counts and delays what is transferred; null for no limits.</param>
    /// <exception cref="MailException">The file of trusted authorities, or that of the certificate of this side, cannot be
    /// read.</exception>
    public ConnectAttempt(MailServer server, TimeProvider? time = null, ConnectionSecrets? secrets = null, Pacer? pacer = null)
    {
        (_server, _time, _secrets) = (server, time ?? TimeProvider.System, secrets ?? ConnectionSecrets.None);
        _pacer = pacer ?? Pacer.None;
        Trust = new CertificateValidator(server, Authorities());
        _certificate = Certificate();
    }

    public CertificateValidator Trust { get; }

    /// <summary>What a login can be bound to, once TLS has begun; null where this system has none.</summary>
    public byte[]? Binding { get; private set; }

    /// <inheritdoc cref="IdleTimeoutStream.RoundTrip"/>
    public TimeSpan RoundTrip => _connection?.RoundTrip ?? TimeSpan.Zero;

    public string Where => $"{(_server.User.Length == 0 ? "" : $"{_server.User} at ")}{_server.Host}:{_server.Port}";

    /// <summary>Connects within the limit, and says in our words why it did not work.</summary>
    /// <exception cref="MailException">Of scope <see cref="FailureScope.Server"/>.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> connect, CancellationToken cancellationToken)
    {
        // Providers count logins too.
        await _pacer.AdmitAsync(TransferDirection.Download, 0, 1, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        for (var hangUps = 0; ; hangUps++)
        {
            try
            {
                return await RunOnceAsync(connect, limit.Token, cancellationToken);
            }
            catch (MailException exception)
                when (hangUps < MostHangUps
                    && exception.Reason == Reason.TlsMode
                    && exception.InnerException is (IOException or SocketException or ImapProtocolException)
                )
            {
                // Before a word was said, a server that is being restarted looks like one that expects TLS, or does not.
                await Task.Delay(TimeSpan.FromSeconds(1 << hangUps), _time, cancellationToken);
            }
        }
    }

    /// <summary>Logs in within a limit.</summary>
    /// <exception cref="MailException"><see cref="Reason.ConnectionLost"/>: the limit was reached.</exception>
    public async Task LogInAsync(Func<CancellationToken, Task> logIn, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(s_loginLimit, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            await logIn(limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(Reason.ConnectionLost, $"the server did not end the login within {s_loginLimit.TotalSeconds:0} s", exception);
        }
    }

    private async Task<T> RunOnceAsync<T>(
        Func<CancellationToken, Task<T>> connect,
        CancellationToken limited,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await connect(limited);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (Translate(exception) is { } failure)
                throw failure;
            throw;
        }
    }

    /// <summary>The bare connection, for a protocol that we speak ourselves: with <see cref="TlsMode.Implicit"/> in TLS, else in
    /// plaintext.</summary>
    /// <param name="lease">Of the mailbox: nothing is sent once it is lost.</param>
    public async Task<Stream> ConnectAsync(IMailboxLease lease, CancellationToken cancellationToken)
    {
        var stream = await ConnectTcpAsync(lease, cancellationToken);
        return _server.Tls == TlsMode.Implicit ? await SecureAsync(stream, cancellationToken) : stream;
    }

    /// <summary>The connection before any TLS.</summary>
    public async Task<Stream> ConnectTcpAsync(IMailboxLease lease, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _connection = _server.Proxy is { } proxy
            ? await ConnectAsync(socket, proxy, cancellationToken)
            : await ConnectAsync(socket, _server.Host, _server.Port, cancellationToken);
        Stream stream = _connection;
        if (_pacer.HasLimits)
            stream = new PacedStream(stream, _pacer);
        return lease is ProcessLease ? stream : new LeaseGuardedStream(stream, lease);
    }

    /// <summary>Through a proxy, which looks the name of the server up.</summary>
    private async Task<IdleTimeoutStream> ConnectAsync(Socket socket, ProxyServer proxy, CancellationToken cancellationToken)
    {
        _atProxy = true;
        IdleTimeoutStream stream;
        try
        {
            stream = await ConnectAsync(socket, proxy.Host, proxy.Port, cancellationToken);
        }
        catch (SocketException exception)
        {
            throw Failed(
                Reason.ProxyUnreachable,
                $"the proxy {proxy} cannot be reached ({ExceptionClassifier.Innermost(exception)})",
                exception
            );
        }
        try
        {
            await ProxyTunnel.OpenAsync(stream, _server, proxy, _secrets.Proxy, Failed, cancellationToken);
            _atProxy = false;
            stream.ForgetRoundTrips();
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private async Task<IdleTimeoutStream> ConnectAsync(Socket socket, string host, int port, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        return new IdleTimeoutStream(socket, _time);
    }

    /// <summary>TLS on a connection that is open; it is closed where that fails.</summary>
    public async Task<Stream> SecureAsync(Stream stream, CancellationToken cancellationToken)
    {
        var secure = new SslStream(stream, leaveInnerStreamOpen: false, Trust.Accept);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = _server.Host,
                    CertificateChainPolicy = Trust.ChainPolicy,
                    ClientCertificateContext = _certificate,
                    EnabledSslProtocols = _server.Auth.IsBound() ? Bindable : System.Security.Authentication.SslProtocols.None,
                    // The binding of a resumed connection would be that of another. And where this side shows a certificate, Dovecot 2.3
                    // fails at the second connection, which resumes the first.
                    AllowTlsResume = _certificate is null && !_server.Auth.IsBound(),
                },
                cancellationToken
            );
            Binding = _server.Auth.IsBound() ? ChannelBindings.Unique(secure) : null;
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    public MailException Failed(Reason reason, string what, Exception? inner) => new(reason, $"{Where}: {what}.", inner);

    /// <returns>Null for a fault of our own.</returns>
    private MailException? Translate(Exception exception) =>
        exception switch
        {
            MailException known => known,
            OperationCanceledException when _atProxy => Failed(
                Reason.ProxyUnreachable,
                $"the proxy {_server.Proxy} did not connect within {Limit.TotalSeconds:0} s",
                exception
            ),
            _ when ClientCertificateRefusal.Is(exception) => Failed(
                Reason.ClientCertificateRefused,
                $"the server does not accept the certificate of this side ({ExceptionClassifier.Innermost(exception)})",
                exception
            ),
            OperationCanceledException => Failed(
                _server.Tls == TlsMode.Implicit ? Reason.ConnectionRefused : Reason.TlsMode,
                $"the server said nothing for {Limit.TotalSeconds:0} s"
                    + (_server.Tls == TlsMode.Implicit ? "" : "; it may expect TLS from the first byte"),
                exception
            ),
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => Failed(
                Reason.HostUnknown,
                $"the host name {_server.Host} is not known",
                exception
            ),
            // The connection was open: it ended before a word was said.
            SocketException { SocketErrorCode: SocketError.Shutdown or SocketError.ConnectionReset or SocketError.ConnectionAborted } =>
                Failed(
                    Reason.TlsMode,
                    $"no {_server.Protocol.ToString().ToUpperInvariant()} server answered ({ExceptionClassifier.Innermost(exception)})",
                    exception
                ),
            SocketException => Failed(Reason.ConnectionRefused, $"cannot connect ({ExceptionClassifier.Innermost(exception)})", exception),
            SslHandshakeException or System.Security.Authentication.AuthenticationException when Trust.Refusal is { } refusal => Failed(
                Reason.TlsUntrusted,
                refusal,
                exception
            ),
            SslHandshakeException or System.Security.Authentication.AuthenticationException => Failed(
                Reason.TlsMode,
                $"the TLS handshake failed ({ExceptionClassifier.Innermost(exception)})",
                exception
            ),
            NotSupportedException => Failed(Reason.TlsMode, "the server does not offer STARTTLS", exception),
            _ when ExceptionClassifier.IsMail(exception) => Failed(
                Reason.TlsMode,
                $"no {_server.Protocol.ToString().ToUpperInvariant()} server answered ({ExceptionClassifier.Innermost(exception)})",
                exception
            ),
            _ => null,
        };

    private SslStreamCertificateContext? Certificate()
    {
        if (_server.ClientCertificate is not { } given)
            return null;
        try
        {
            var (certificate, issuers) = CertificateFile.Load(given.File, _secrets.Certificate ?? "");
            return SslStreamCertificateContext.Create(certificate, issuers, offline: true);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw Failed(
                Reason.ClientCertificateUnreadable,
                $"the certificate {given.File} cannot be used ({ExceptionClassifier.Innermost(exception)})",
                exception
            );
        }
    }

    private X509Certificate2Collection? Authorities()
    {
        if (_server.Trust.CaFile is not { } file)
            return null;
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(InputFile.ReadText(file, InputFile.MostOfSettings));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Failed(
                Reason.TlsUntrusted,
                $"the CA file {file} cannot be read as PEM ({ExceptionClassifier.Innermost(exception)})",
                exception
            );
        }
        return authorities.Count > 0 ? authorities : throw Failed(Reason.TlsUntrusted, $"the CA file {file} contains no certificate", null);
    }
}
