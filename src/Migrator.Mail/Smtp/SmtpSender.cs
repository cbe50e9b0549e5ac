using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Jobs;
using Migrator.Mail.Connections;
using MimeKit;

namespace Migrator.Mail.Smtp;

/// <summary>Hands mail to one SMTP server.</summary>
/// <param name="server">Where, and how; a server whose user is empty lets us in without.</param>
/// <param name="credential">Gives what proves who we are, each time again, as it may have changed; not asked where the user is
/// empty.</param>
public sealed class SmtpSender(MailServer server, Func<Credential> credential)
{
    // A server may look at a message for long before it takes it; what hangs must not hang for ever.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    /// <summary>Sends to each separately, over one connection.</summary>
    /// <param name="to">Addresses.</param>
    /// <returns>Why not, of those whom it was not sent to; empty where all was taken.</returns>
    /// <exception cref="ConfigurationException">The secret is not where it should be.</exception>
    public async Task<IReadOnlyDictionary<string, MailException>> SendAsync(
        OutgoingMail mail,
        IReadOnlyList<string> to,
        CancellationToken cancellationToken
    )
    {
        var failures = new Dictionary<string, MailException>(StringComparer.OrdinalIgnoreCase);
        var rest = new Queue<string>(to);
        try
        {
            var attempt = new ConnectAttempt(server);
            using var client = new SmtpClient();
            client.ServerCertificateValidationCallback = attempt.Trust.Accept;
            // Revocation lists are often out of reach for a worker behind a firewall, and a private authority has none.
            client.CheckCertificateRevocation = false;
            await attempt.RunAsync(limited => ConnectAsync(client, attempt, limited), cancellationToken);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_limit);
            try
            {
                if (server.User.Length > 0)
                    await CredentialLogin.RunAsync(
                        credential(),
                        server.Login,
                        secret => LogInAsync(client, secret, attempt, limit.Token),
                        limit.Token
                    );
                while (rest.TryPeek(out var address))
                {
                    if (await SendAsync(client, mail, address, attempt, limit.Token) is { } refusal)
                        failures[address] = refusal;
                    rest.Dequeue();
                }
                await client.DisconnectAsync(quit: true, limit.Token);
            }
            catch (Exception exception) when (ExceptionClassifier.IsMail(exception) && exception is not MailException)
            {
                throw attempt.Failed(
                    Reason.ConnectionLost,
                    $"the connection was lost ({ExceptionClassifier.Innermost(exception)})",
                    exception
                );
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw attempt.Failed(
                    Reason.ConnectionLost,
                    $"the server did not accept the mail within {s_limit.TotalMinutes:0} minutes",
                    exception
                );
            }
        }
        catch (MailException exception)
        {
            foreach (var address in rest)
                failures[address] = exception;
        }
        return failures;
    }

    private async Task<bool> ConnectAsync(SmtpClient client, ConnectAttempt attempt, CancellationToken cancellationToken)
    {
        var stream = new LimitedStream(
            await attempt.ConnectAsync(ProcessLease.Instance, cancellationToken),
            new DialogueLimits(attempt.Where)
        );
        try
        {
            await client.ConnectAsync(
                stream,
                server.Host,
                server.Port,
                server.Tls == TlsMode.StartTls ? SecureSocketOptions.StartTls : SecureSocketOptions.None,
                cancellationToken
            );
            return true;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private async Task<bool> LogInAsync(SmtpClient client, string secret, ConnectAttempt attempt, CancellationToken cancellationToken)
    {
        if (!client.Capabilities.HasFlag(SmtpCapabilities.Authentication))
            throw attempt.Failed(
                Reason.LoginUnsupported,
                "the server offers no way to log "
                    + $"in{(server.Tls == TlsMode.None ? " without TLS; set Tls to \"starttls\" or \"implicit\"" : "")}; leave out "
                    + "User and Password where it needs none",
                null
            );
        // The protocol has no login command of its own: what other protocols have one for is a mechanism here.
        var mechanism =
            SaslMechanismSelector.Choose(server, secret, client.AuthenticationMechanisms, attempt)
            ?? new SaslMechanismLogin(server.User, secret);
        try
        {
            await client.AuthenticateAsync(mechanism, cancellationToken);
            SaslMechanismSelector.ThrowIfUnproved(mechanism);
            return true;
        }
        catch (Exception exception) when (exception is AuthenticationException or SmtpCommandException)
        {
            throw attempt.Failed(
                LoginAnswer.Meaning(ExceptionClassifier.Innermost(exception)) is { } meaning ? meaning
                    : (exception as SmtpCommandException ?? exception.InnerException as SmtpCommandException) is { StatusCode: var code }
                    && (int)code is >= 400 and < 500
                        ? Reason.TemporaryFailure
                    : SaslMechanismSelector.SendsToken(mechanism) ? Reason.TokenRefused
                    : Reason.AuthenticationFailed,
                $"logging in was refused ({ExceptionClassifier.Innermost(exception)})",
                exception
            );
        }
    }

    /// <returns>Why this one was refused; null where it was taken.</returns>
    private static async Task<MailException?> SendAsync(
        SmtpClient client,
        OutgoingMail mail,
        string address,
        ConnectAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        if (!MailboxAddress.TryParse(mail.From, out var from) || !MailboxAddress.TryParse(address, out var to))
            return attempt.Failed(
                Reason.MailRefused,
                $"\"{(MailboxAddress.TryParse(mail.From, out _) ? address : mail.From)}\" is not a valid email address",
                null
            );
        try
        {
            using var message = Composition.Compose(mail, from, to);
            await client.SendAsync(message, cancellationToken);
            return null;
        }
        catch (SmtpCommandException exception) when (client.IsConnected)
        {
            var what = exception.ErrorCode switch
            {
                SmtpErrorCode.SenderNotAccepted => $"the sender {from.Address} was refused",
                SmtpErrorCode.RecipientNotAccepted => $"the recipient {to.Address} was refused",
                _ => $"the mail to {to.Address} was refused",
            };
            return attempt.Failed(
                Reason.MailRefused,
                $"{what} ({(int)exception.StatusCode} {ExceptionClassifier.Innermost(exception)})",
                exception
            );
        }
        catch (NotSupportedException exception)
        {
            return attempt.Failed(
                Reason.MailRefused,
                $"the address {to.Address} needs SMTPUTF8, which the server does not offer",
                exception
            );
        }
    }
}
