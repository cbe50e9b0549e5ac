using System.Net;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
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
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly KnownFaults _faults = new();

    private static readonly Lazy<bool> s_checked = new(() =>
    {
        RawMessage.CheckItself();
        return true;
    });

    /// <exception cref="MailException">Of scope <see cref="FailureScope.Server"/>: connecting or logging in failed.</exception>
    public async Task<IMailSource> OpenSourceAsync(CancellationToken cancellationToken)
    {
        var (client, tail, _) = await OpenAsync(EndlessHold.Instance, cancellationToken).ConfigureAwait(false);
        return new ImapSource(client, tail, server.Account, FolderAccess.ReadOnly, _faults, _time);
    }

    /// <param name="hold">On the mailbox: nothing is sent once it is lost.</param>
    /// <inheritdoc cref="OpenSourceAsync"/>
    /// <exception cref="HoldLostException">It is lost already.</exception>
    public Task<IMailTarget> OpenTargetAsync(IHold hold, CancellationToken cancellationToken) =>
        OpenTargetAsync(FolderAccess.ReadWrite, hold, cancellationToken);

    /// <summary>A target that is only looked at: its folders are opened by EXAMINE, and take no mail.</summary>
    /// <inheritdoc cref="OpenTargetAsync(IHold, CancellationToken)"/>
    public Task<IMailTarget> ExamineTargetAsync(IHold hold, CancellationToken cancellationToken) =>
        OpenTargetAsync(FolderAccess.ReadOnly, hold, cancellationToken);

    private async Task<IMailTarget> OpenTargetAsync(FolderAccess access, IHold hold, CancellationToken cancellationToken)
    {
        _ = s_checked.Value;
        hold.Ensure();
        var (client, tail, _) = await OpenAsync(hold, cancellationToken).ConfigureAwait(false);
        return new ImapTarget(client, new ImapSource(client, tail, server.Account, access, _faults, _time), stop => OpenPipelineAsync(hold, stop));
    }

    /// <exception cref="MailException">The server was reached before, by <see cref="OpenTargetAsync"/>: whatever goes wrong now may
    /// pass.</exception>
    private async Task<AppendPipeline> OpenPipelineAsync(IHold hold, CancellationToken cancellationToken)
    {
        try
        {
            var (client, tail, stream) = await OpenAsync(hold, cancellationToken).ConfigureAwait(false);
            return new AppendPipeline(client, stream, server.Account, tail.Transcript);
        }
        catch (MailException exception)
        {
            throw new MailException(Reason.ConnectionLost, $"{server.Account}: no second connection for appending ({MailErrors.Innermost(exception)}).", exception);
        }
    }

    private async Task<Connection> OpenAsync(IHold hold, CancellationToken cancellationToken)
    {
        var attempt = new ConnectAttempt(server, _time);
        var limits = new ImapAnswerLimits(attempt.Where);
        var connection = await attempt.RunAsync(limited => ConnectAsync(hold, attempt, limits, limited), cancellationToken).ConfigureAwait(false);
        await attempt.LogInAsync(limited => LogInAsync(connection.Client, connection.Tail, attempt, limited), cancellationToken).ConfigureAwait(false);
        limits.LoggedIn = true;
        return connection;
    }

    private readonly record struct Connection(FetchingClient Client, ResponseTail Tail, Stream Stream);

    /// <summary>MailKit is left neither to dial nor to begin TLS: what the server says must pass <see cref="FetchAnswerStream"/>; and once its meters are listened to, disposing
    /// of a client that never was connected throws, and hides why.</summary>
    private async Task<Connection> ConnectAsync(IHold hold, ConnectAttempt attempt, ImapAnswerLimits limits, CancellationToken cancellationToken)
    {
        var stream = await attempt.DialAsync(hold, cancellationToken).ConfigureAwait(false);
        var tail = new ResponseTail(logs?.Begin(server));
        try
        {
            if (server.Tls == TlsMode.StartTls)
                stream = await StartTls.BeginAsync(stream, attempt, tail.Transcript, cancellationToken).ConfigureAwait(false);
            stream = new LimitedStream(stream, limits);
            var client = new FetchingClient(tail, new FetchAnswerStream(stream, server.Tls == TlsMode.StartTls ? StartTls.Greeting : "", tail.Transcript));
            await ConnectAsync(client, tail, attempt, cancellationToken).ConfigureAwait(false);
            return new Connection(client, tail, stream);
        }
        catch
        {
            tail.Dispose();
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task ConnectAsync(FetchingClient client, ResponseTail tail, ConnectAttempt attempt, CancellationToken cancellationToken)
    {
        try
        {
            await client.ConnectAsync(client.Answers, server.Host, server.Port, SecureSocketOptions.None, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (MailErrors.IsMail(exception) && tail.Goodbye() is { Text.Length: > 0 } goodbye)
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
    private async Task LogInAsync(FetchingClient client, ResponseTail tail, ConnectAttempt attempt, CancellationToken cancellationToken)
    {
        var what = $"logging in as {attempt.Where}";
        SaslMechanism? mechanism = null;
        try
        {
            mechanism = LoginMethod.Choose(server, password, client.AuthenticationMechanisms, attempt);
            if (mechanism is not null)
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
                AuthenticationException => Refused(exception),
                _ when MailErrors.IsMail(exception) && tail.Goodbye() is var end && AnswerMeaning.RefusesLogin(end.Code, end.Text) => Refused(exception),
                _ when MailErrors.IsMail(exception) => ImapErrors.Translate(exception, Reason.LoginRefused, what, tail),
                _ => null,
            };
            client.Dispose();
            if (failure is null)
                throw;
            throw failure;
        }

        MailException Refused(Exception exception)
        {
            var (goodbyeCode, goodbye) = tail.Goodbye();
            var (code, text) = tail.Refusal();
            // A server may close the connection on whoever has no right to it.
            if (text.Length == 0 && goodbye.Length > 0)
                (code, text) = (goodbyeCode, goodbye);
            // Offered, but out of order, or without a secret for this user: the password may be right.
            var refused = mechanism is not null and not (SaslMechanismPlain or SaslMechanismLogin) && !AnswerMeaning.RefusesLogin(code, text) ? Reason.LoginMethodFailed : Reason.LoginRefused;
            return exception is SaslException && text.Length == 0 ? new MailException(refused, $"{what}: {mechanism!.MechanismName} failed ({MailErrors.Innermost(exception)}).", exception)
                : ImapErrors.Refused(code, text.Length > 0 ? text : exception.Message, refused, what, exception);
        }
    }
}
