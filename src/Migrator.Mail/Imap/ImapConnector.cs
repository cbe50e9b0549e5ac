using System.Net;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Providers;
using Migrator.Mail.Connections;
using Migrator.Mail.Pacing;

namespace Migrator.Mail.Imap;

/// <summary>Opens sessions with one account on one IMAP server.</summary>
/// <param name="server">Where, and how.</param>
/// <param name="credential">What logs in: it goes to the server and nowhere else.</param>
/// <param name="time">By which a connection that says nothing is given up; the system's where null.</param>
/// <param name="logs">Where connections are written down; null for nowhere.</param>
/// <param name="secrets">That the connection needs before somebody logs in; null for none.</param>
/// <param name="pacer">Keeps the account within its limits; null for none.</param>
public sealed class ImapConnector(
    MailServer server,
    Credential credential,
    TimeProvider? time = null,
    ProtocolLogs? logs = null,
    ConnectionSecrets? secrets = null,
    Pacer? pacer = null
)
{
    /// <summary>Sources have the labels of messages among their flags, where folders are labels.</summary>
    public bool LabelsAreKeywords { get; init; }

    /// <summary>Who keeps the mailbox, where that is known; null to find it out.</summary>
    public ProviderProfile? Provider { get; init; }

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly KnownFaults _faults = new();
    private readonly SharedListing _folders = new();
    private readonly ServerIdentity _identity = new(server);

    private static readonly Lazy<bool> s_checked = new(() =>
    {
        RawMessage.CheckItself();
        return true;
    });

    /// <exception cref="MailException">Of scope <see cref="FailureScope.Server"/>: connecting or logging in failed.</exception>
    public async Task<IMailSource> OpenSourceAsync(CancellationToken cancellationToken)
    {
        return Reader(await OpenAsync(ProcessLease.Instance, cancellationToken), FolderAccess.ReadOnly, LabelsAreKeywords);
    }

    /// <param name="lease">On the mailbox: nothing is sent once it is lost.</param>
    /// <inheritdoc cref="OpenSourceAsync"/>
    /// <exception cref="LeaseLostException">It is lost already.</exception>
    public Task<IMailTarget> OpenTargetAsync(IMailboxLease lease, CancellationToken cancellationToken) =>
        OpenTargetAsync(FolderAccess.ReadWrite, lease, cancellationToken);

    /// <summary>A target that is only inspected: its folders are opened by EXAMINE, and take no mail.</summary>
    /// <inheritdoc cref="OpenTargetAsync(IMailboxLease, CancellationToken)"/>
    public Task<IMailTarget> ExamineTargetAsync(IMailboxLease lease, CancellationToken cancellationToken) =>
        OpenTargetAsync(FolderAccess.ReadOnly, lease, cancellationToken);

    private async Task<IMailTarget> OpenTargetAsync(FolderAccess access, IMailboxLease lease, CancellationToken cancellationToken)
    {
        _ = s_checked.Value;
        lease.ThrowIfLost();
        var connection = await OpenAsync(lease, cancellationToken);
        return new ImapTarget(connection.Client, Reader(connection, access), stop => OpenPipelineAsync(lease, stop));
    }

    private ImapSource Reader(Connection connection, FolderAccess access, bool labelsAreKeywords = false) =>
        new(connection.Client, connection.Tail, server.Account, server.User, access, _faults, _folders, _time, _identity.Name)
        {
            Pacer = pacer ?? Pacer.None,
            Provider = Provider ?? ProviderProfiles.Choose(server.Provider, server.Host, connection.Tail.Greeting),
            RoundTrip = connection.Attempt.RoundTrip,
            LabelsAreKeywords = labelsAreKeywords,
            Explain = exception => credential.Explain(connection.Secret, exception, server.Login) ?? exception,
        };

    /// <exception cref="MailException">The server was reached before, by <see cref="OpenTargetAsync"/>: whatever goes wrong now may
    /// pass.</exception>
    private async Task<AppendPipeline> OpenPipelineAsync(IMailboxLease lease, CancellationToken cancellationToken)
    {
        try
        {
            var (client, tail, stream, _) = await OpenAsync(lease, cancellationToken);
            return new AppendPipeline(client, stream, server.Account, tail.Transcript);
        }
        catch (MailException exception)
        {
            throw new MailException(
                Reason.ConnectionLost,
                $"{server.Account}: no second connection for appending ({ExceptionClassifier.Innermost(exception)}).",
                exception
            );
        }
    }

    private Task<Connection> OpenAsync(IMailboxLease lease, CancellationToken cancellationToken) =>
        CredentialLogin.RunAsync(credential, server.Login, secret => OpenAsync(secret, lease, cancellationToken), cancellationToken);

    private async Task<Connection> OpenAsync(string secret, IMailboxLease lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            var attempt = new ConnectAttempt(server, _time, secrets, pacer);
            var limits = new ImapAnswerLimits(attempt.Where);
            var connection = await attempt.RunAsync(limited => ConnectAsync(secret, lease, attempt, limits, limited), cancellationToken);
            await attempt.LogInAsync(
                limited => LogInAsync(connection.Client, connection.Tail, secret, attempt, limited),
                cancellationToken
            );
            limits.LoggedIn = true;
            if (await _identity.ExchangeAsync(connection.Client, cancellationToken))
                return connection;
            // Without, from now on.
            connection.Client.Dispose();
        }
    }

    /// <param name="Secret">What it logs in with.</param>
    private readonly record struct Connection(StreamingImapClient Client, ResponseCodeCapture Tail, Stream Stream, string Secret)
    {
        public required ConnectAttempt Attempt { get; init; }
    }

    /// <summary>MailKit is left neither to dial nor to begin TLS: what the server says must pass <see cref="FetchAnswerStream"/>; and once
    /// its meters are listened to, disposing of a client that never was connected throws, and hides why.</summary>
    private async Task<Connection> ConnectAsync(
        string secret,
        IMailboxLease lease,
        ConnectAttempt attempt,
        ImapAnswerLimits limits,
        CancellationToken cancellationToken
    )
    {
        var stream = await attempt.ConnectAsync(lease, cancellationToken);
        var tail = new ResponseCodeCapture(logs?.Begin(server));
        try
        {
            if (server.Tls == TlsMode.StartTls)
                stream = await StartTls.BeginAsync(stream, attempt, tail.Transcript, cancellationToken);
            var greeting = server.Tls == TlsMode.StartTls ? StartTls.Greeting : "";
            if (server.Admin?.Method == AdminMethod.ProxyAuth)
            {
                await new ProxyAuth(stream, attempt, tail.Transcript).LogInAsync(server, secret, greeting.Length > 0, cancellationToken);
                greeting = ProxyAuth.Greeting;
            }
            stream = new LimitedStream(stream, limits);
            var client = new StreamingImapClient(tail, new FetchAnswerStream(new WriteBufferStream(stream), greeting, tail.Transcript));
            await ConnectAsync(client, tail, attempt, cancellationToken);
            return new Connection(client, tail, stream, secret) { Attempt = attempt };
        }
        catch
        {
            tail.Dispose();
            await stream.DisposeAsync();
            throw;
        }
    }

    private async Task ConnectAsync(
        StreamingImapClient client,
        ResponseCodeCapture tail,
        ConnectAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await client.ConnectAsync(client.Answers, server.Host, server.Port, SecureSocketOptions.None, cancellationToken);
        }
        catch (Exception exception) when (ExceptionClassifier.IsMail(exception) && tail.Goodbye() is { Text.Length: > 0 } goodbye)
        {
            client.Dispose();
            throw ImapErrors.Lost(goodbye.Code, goodbye.Text, $"connecting to {attempt.Where}", exception);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Closes the connection where it fails.</summary>
    private async Task LogInAsync(
        StreamingImapClient client,
        ResponseCodeCapture tail,
        string secret,
        ConnectAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        // The server was asked for it before MailKit had the connection.
        if (server.Admin?.Method == AdminMethod.ProxyAuth)
            return;
        var what = $"logging in as {(server.Admin is { } admin ? $"{admin.User} for " : "")}{attempt.Where}";
        SaslMechanism? mechanism = null;
        try
        {
            mechanism = SaslMechanismSelector.Choose(server, secret, client.AuthenticationMechanisms, attempt);
            if (mechanism is not null)
            {
                await client.AuthenticateAsync(mechanism, cancellationToken);
                SaslMechanismSelector.ThrowIfUnproved(mechanism);
                return;
            }
            // Without SASL mechanisms to choose from, MailKit sends the LOGIN command.
            client.AuthenticationMechanisms.Clear();
            await client.AuthenticateAsync(new NetworkCredential(server.User, secret), cancellationToken);
        }
        catch (Exception exception)
        {
            var failure = exception switch
            {
                NotSupportedException => attempt.Failed(
                    Reason.LoginUnsupported,
                    "the server offers no way to log in that Migrator knows, or none without TLS",
                    exception
                ),
                AuthenticationException => Refused(exception),
                _ when ExceptionClassifier.IsMail(exception)
                        && tail.Goodbye() is var end
                        && AnswerMeaning.RefusesLogin(end.Code, end.Text) => Refused(exception),
                _ when ExceptionClassifier.IsServers(exception) => ImapErrors.Translate(exception, Reason.AuthenticationFailed, what, tail),
                _ => null,
            };
            client.Dispose();
            if (failure is null)
                throw;
            throw failure;
        }

        MailException Refused(Exception exception)
        {
            if (mechanism?.SupportsChannelBinding == true)
                what += " (bound to TLS: a device that opens TLS in between is refused too)";
            var (goodbyeCode, goodbye) = tail.Goodbye();
            var (code, text) = tail.Refusal();
            // A server may close the connection on a user who has no right to it.
            if (text.Length == 0 && goodbye.Length > 0)
                (code, text) = (goodbyeCode, goodbye);
            // Offered, but out of order, or without a secret for this user: the password may be right.
            var refused =
                SaslMechanismSelector.SendsToken(mechanism) ? Reason.TokenRefused
                : server.Admin is not null ? Reason.AdminRefused
                : mechanism is not null and not (SaslMechanismPlain or SaslMechanismLogin) && !AnswerMeaning.RefusesLogin(code, text)
                    ? Reason.LoginMethodFailed
                : Reason.AuthenticationFailed;
            return exception is SaslException && text.Length == 0
                ? new MailException(
                    refused,
                    $"{what}: {mechanism!.MechanismName} failed ({ExceptionClassifier.Innermost(exception)}).",
                    exception
                )
                : ImapErrors.Refused(code, text.Length > 0 ? text : exception.Message, refused, what, exception);
        }
    }
}
