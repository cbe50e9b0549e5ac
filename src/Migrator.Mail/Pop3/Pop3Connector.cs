using MailKit.Security;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Mail.Connections;
using Migrator.Mail.Pacing;

namespace Migrator.Mail.Pop3;

/// <summary>Opens sessions with one account on one POP3 server. A mailbox takes one session at a time (RFC 1939, section 4).</summary>
/// <param name="server">Where, and how.</param>
/// <param name="credential">What logs in: it goes to the server and nowhere else.</param>
/// <param name="uidMap">Keeps the UIDs of this mailbox from session to session.</param>
/// <param name="time">By which it is waited before something is asked for again.</param>
/// <param name="logs">Where connections are written down; null for nowhere.</param>
/// <param name="connectionTime">By which a connection that says nothing is given up; the system's where null.</param>
/// <param name="secrets">That the connection needs before somebody logs in; null for none.</param>
public sealed class Pop3Connector(
    MailServer server,
    Credential credential,
    IUidMap uidMap,
    TimeProvider time,
    ProtocolLogs? logs = null,
    TimeProvider? connectionTime = null,
    ConnectionSecrets? secrets = null,
    Pacer? pacer = null
)
{
    private const int MostCapabilities = 1000;

    /// <summary>Shared by the sessions of a run.</summary>
    public Pop3Pipelining Pipelining { get; init; } = new();

    /// <exception cref="MailException">Of scope <see cref="FailureScope.Server"/>: connecting or logging in failed.
    /// <see cref="Reason.MailboxLocked"/>, <see cref="Reason.ServerBusy"/>: for now.</exception>
    public Task<IDeletableSource> OpenSourceAsync(CancellationToken cancellationToken) =>
        CredentialLogin.RunAsync(credential, server.Login, secret => OpenSourceAsync(secret, cancellationToken), cancellationToken);

    private async Task<IDeletableSource> OpenSourceAsync(string secret, CancellationToken cancellationToken)
    {
        var attempt = new ConnectAttempt(server, connectionTime, secrets, pacer);
        var (connection, capabilities) = await attempt.RunAsync(limited => ConnectAsync(attempt, limited), cancellationToken);
        try
        {
            await attempt.LogInAsync(
                async limited =>
                {
                    await LogInAsync(connection, capabilities, secret, attempt, limited);
                    // Some servers say more after login than before.
                    capabilities = await AskAsync(connection, limited);
                },
                cancellationToken
            );
            return new Pop3Source(
                connection,
                capabilities with
                {
                    Pipelining = capabilities.Pipelining && !Pipelining.Failed,
                },
                Pipelining,
                server,
                uidMap,
                time,
                pacer ?? Pacer.None
            );
        }
        catch (Exception exception)
        {
            await connection.DisposeAsync();
            if (exception is MailException || !ExceptionClassifier.IsMail(exception))
                throw;
            throw new MailException(
                Reason.ConnectionLost,
                $"logging in as {attempt.Where}: the connection was lost ({ExceptionClassifier.Innermost(exception)}).",
                exception
            );
        }
    }

    private async Task<(Pop3Connection Connection, Pop3Capabilities Capabilities)> ConnectAsync(
        ConnectAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        var connection = new Pop3Connection(
            await attempt.ConnectAsync(ProcessLease.Instance, cancellationToken),
            attempt.Where,
            logs?.Begin(server)
        );
        try
        {
            var greeting = await connection.ReadReplyAsync(cancellationToken);
            if (!greeting.Ok)
                throw greeting.Refused(Reason.ServerBusy, attempt.Where);
            var capabilities = await AskAsync(connection, cancellationToken);
            if (server.Tls == TlsMode.StartTls)
            {
                if (!capabilities.Tls || await connection.RunAsync("STLS", cancellationToken) is { Ok: false })
                    throw attempt.Failed(Reason.TlsMode, "the server does not offer STARTTLS (STLS)", null);
                await connection.SecureAsync(stream => attempt.SecureAsync(stream, cancellationToken));
                // What was said before TLS may have come from anyone (RFC 2595, section 4).
                capabilities = await AskAsync(connection, cancellationToken);
            }
            return (connection, capabilities);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<Pop3Capabilities> AskAsync(Pop3Connection connection, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        var reply = await connection.RunForLinesAsync("CAPA", MostCapabilities, lines.Add, cancellationToken);
        return reply.Ok ? Pop3Capabilities.Parse(lines) : Pop3Capabilities.Unsaid;
    }

    private async Task LogInAsync(
        Pop3Connection connection,
        Pop3Capabilities capabilities,
        string secret,
        ConnectAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        var mechanism = SaslMechanismSelector.Choose(server, secret, [.. capabilities.Mechanisms], attempt);
        var reply = mechanism is not null
            ? await AuthenticateAsync(connection, mechanism, cancellationToken)
            : await SayPasswordAsync(connection, secret, attempt, cancellationToken);
        if (reply.Ok)
            return;
        var refused =
            SaslMechanismSelector.SendsToken(mechanism) ? Reason.TokenRefused
            : server.Admin is not null ? Reason.AdminRefused
            : Reason.AuthenticationFailed;
        throw reply.Refused(
            LoginRefusal.Of(refused, reply.Code, reply.Text) ?? refused,
            $"logging in as {(server.Admin is { } admin ? $"{admin.User} for " : "")}{attempt.Where}"
        );
    }

    private static Pop3Reply Proved(SaslMechanism mechanism, Pop3Reply reply)
    {
        try
        {
            SaslMechanismSelector.ThrowIfUnproved(mechanism);
            return reply;
        }
        catch (SaslException exception)
        {
            return new Pop3Reply(false, "", exception.Message);
        }
    }

    /// <summary>USER and PASS, which go as they are: a line end in one of them would be a command of its own.</summary>
    private async Task<Pop3Reply> SayPasswordAsync(
        Pop3Connection connection,
        string password,
        ConnectAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        if ((server.User + password).AsSpan().IndexOfAny('\r', '\n') >= 0)
            throw attempt.Failed(Reason.AuthenticationFailed, "user or password contains a line break", null);
        var reply = await connection.RunAsync($"USER {server.User}", cancellationToken);
        return reply.Ok ? await connection.RunAsync($"PASS {password}", cancellationToken) : reply;
    }

    /// <summary>AUTH (RFC 5034). The first response waits for the server's go-ahead: together with the command, one of SCRAM may be longer
    /// than a line may be.</summary>
    private static async Task<Pop3Reply> AuthenticateAsync(
        Pop3Connection connection,
        SaslMechanism mechanism,
        CancellationToken cancellationToken
    )
    {
        await connection.SendAsync([$"AUTH {mechanism.MechanismName}"], cancellationToken);
        while (true)
        {
            var line = await connection.ReadLineAsync(cancellationToken);
            if (Pop3Reply.Parse(line) is { } reply)
                return reply.Ok ? Proved(mechanism, reply) : reply;
            if (!line.StartsWith('+'))
                throw new IOException("The server sent an invalid POP3 response.");
            try
            {
                var response = await mechanism.ChallengeAsync(line[1..].Trim(), cancellationToken);
                await connection.SendAsync([response], cancellationToken);
            }
            catch (Exception exception) when (exception is SaslException or FormatException)
            {
                // Not the server that knows this password, or none that knows its trade.
                return new Pop3Reply(false, "", exception.Message);
            }
        }
    }
}
