using System.Net;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using Migrator.Core.Checkpoints;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Mail.Connecting;

namespace Migrator.Mail.Imap;

/// <summary>Opens sessions with one account on one IMAP server.</summary>
/// <param name="server">Where, and how.</param>
/// <param name="password">The secret itself: it goes to the server and nowhere else.</param>
/// <param name="time">By which a connection that says nothing is given up; the system's where null.</param>
/// <param name="logs">Where connections are written down; null for nowhere.</param>
public sealed class ImapConnector(MailServer server, string password, TimeProvider? time = null, ProtocolLogs? logs = null)
{
    private static readonly Lazy<bool> s_checked = new(() =>
    {
        RawMessage.CheckItself();
        return true;
    });

    /// <exception cref="MailException">Of scope <see cref="FailureScope.Server"/>: connecting or logging in failed.</exception>
    public async Task<IMailSource> OpenSourceAsync(CancellationToken cancellationToken)
    {
        var (client, tail) = await OpenAsync(EndlessHold.Instance, cancellationToken).ConfigureAwait(false);
        return new ImapSource(client, tail, server.Account, FolderAccess.ReadOnly, time ?? TimeProvider.System);
    }

    /// <param name="hold">On the mailbox: nothing is sent once it is lost.</param>
    /// <inheritdoc cref="OpenSourceAsync"/>
    /// <exception cref="HoldLostException">It is lost already.</exception>
    public async Task<IMailTarget> OpenTargetAsync(IHold hold, CancellationToken cancellationToken)
    {
        _ = s_checked.Value;
        hold.Ensure();
        var (client, tail) = await OpenAsync(hold, cancellationToken).ConfigureAwait(false);
        // By STARTTLS, TLS begins inside MailKit and the stream that it then uses is out of reach.
        Func<CancellationToken, Task<AppendPipeline>>? pipeline = server.Tls == TlsMode.StartTls ? null : stop => OpenPipelineAsync(hold, stop);
        return new ImapTarget(client, new ImapSource(client, tail, server.Account, FolderAccess.ReadWrite, time ?? TimeProvider.System), pipeline);
    }

    /// <exception cref="MailException">The server was reached before, by <see cref="OpenTargetAsync"/>: whatever goes wrong now may
    /// pass.</exception>
    private async Task<AppendPipeline> OpenPipelineAsync(IHold hold, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectAttempt.Limit);
        var attempt = new ConnectAttempt(server, time);
        try
        {
            var stream = await attempt.DialAsync(hold, limit.Token).ConfigureAwait(false);
            var (client, tail) = await ConnectAsync(stream, attempt, SecureSocketOptions.None, limit.Token).ConfigureAwait(false);
            await LogInAsync(client, tail, attempt, limit.Token).ConfigureAwait(false);
            return new AppendPipeline(client, stream, server.Account, tail.Transcript);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw new MailException(Reason.ConnectionLost, $"{attempt.Where}: no second connection for appending ({MailErrors.Innermost(exception)}).", exception);
        }
    }

    private async Task<(FetchingClient Client, ResponseTail Tail)> OpenAsync(IHold hold, CancellationToken cancellationToken)
    {
        var attempt = new ConnectAttempt(server, time);
        var security = server.Tls switch
        {
            TlsMode.Implicit => SecureSocketOptions.SslOnConnect,
            TlsMode.StartTls => SecureSocketOptions.StartTls,
            _ => SecureSocketOptions.None,
        };
        var (client, tail) = await attempt.RunAsync(async limited =>
            await ConnectAsync(await attempt.DialBareAsync(hold, limited).ConfigureAwait(false), attempt, security, limited).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        await LogInAsync(client, tail, attempt, cancellationToken).ConfigureAwait(false);
        return (client, tail);
    }

    /// <param name="stream">Is open, and the client's from now on. MailKit is not left to dial: once its meters are listened to, disposing of a
    /// client that never was connected throws, and hides why.</param>
    private async Task<(FetchingClient Client, ResponseTail Tail)> ConnectAsync(Stream stream, ConnectAttempt attempt, SecureSocketOptions security, CancellationToken cancellationToken)
    {
        var tail = new ResponseTail(logs?.Begin(server));
        var client = new FetchingClient(tail)
        {
            ServerCertificateValidationCallback = attempt.Trust.Accept,
            // Revocation lists are often out of reach for a worker behind a firewall, and a private authority has none.
            CheckCertificateRevocation = false,
        };
        try
        {
            await client.ConnectAsync(stream, server.Host, server.Port, security, cancellationToken).ConfigureAwait(false);
            return (client, tail);
        }
        catch
        {
            client.Dispose();
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes the connection where it fails.</summary>
    private async Task LogInAsync(FetchingClient client, ResponseTail tail, ConnectAttempt attempt, CancellationToken cancellationToken)
    {
        try
        {
            if (LoginMethod.Choose(server, password, client.AuthenticationMechanisms, attempt) is { } mechanism)
            {
                await client.AuthenticateAsync(mechanism, cancellationToken).ConfigureAwait(false);
                return;
            }
            // Without SASL mechanisms to choose from, MailKit sends the LOGIN command.
            client.AuthenticationMechanisms.Clear();
            await client.AuthenticateAsync(new NetworkCredential(server.User, password), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            var failure = exception switch
            {
                NotSupportedException => attempt.Failed(Reason.LoginUnsupported, "the server offers no way to log in that Migrator knows, or none without TLS", exception),
                AuthenticationException => Refused(new ImapCommandException(ImapCommandResponse.No, exception.Message)),
                _ when MailErrors.IsMail(exception) => Refused(exception),
                _ => null,
            };
            client.Dispose();
            if (failure is null)
                throw;
            throw failure;
        }

        MailException Refused(Exception exception) => ImapErrors.Translate(exception, Reason.LoginRefused, $"logging in as {attempt.Where}", tail);
    }
}
