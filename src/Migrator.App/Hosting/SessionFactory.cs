using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Identity;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Secrets;
using Migrator.Mail.Connections;
using Migrator.Mail.Imap;
using Migrator.Mail.Pacing;
using Migrator.Mail.Pop3;

namespace Migrator.App.Hosting;

/// <summary>Opens sessions with mail servers.</summary>
/// <param name="tokens">Shared by all mailboxes, whenever they run.</param>
/// <param name="pacers">Likewise.</param>
/// <param name="protocolLogs">Null where connections are not logged.</param>
public sealed class SessionFactory(SecretStore secrets, ITokenProvider tokens, Pacers pacers, ProtocolLogs? protocolLogs, TimeProvider time)
{
    /// <summary>Shared by all mailboxes, whenever they run.</summary>
    public ITokenProvider Tokens => tokens;

    /// <summary>Shared by all mailboxes, whenever they run.</summary>
    public Pacers Pacers => pacers;

    /// <summary>Null where connections are not logged.</summary>
    public ProtocolLogs? ProtocolLogs => protocolLogs;

    /// <summary>The same with other secrets.</summary>
    public SessionFactory With(SecretStore other) => new(other, tokens, pacers, protocolLogs, time);

    /// <exception cref="ConfigurationException">A password is not where the job says.</exception>
    public MailboxEndpoints Connect(MigrateJob job) => new(Source(job), Target(job.Target, job.Name));

    /// <summary>The same, to look only: nothing can be written to the target.</summary>
    /// <inheritdoc cref="Connect"/>
    public MailboxEndpoints Examine(MigrateJob job) => new(Source(job), Examine(job.Target, job.Name));

    /// <inheritdoc cref="Examine(MigrateJob)"/>
    /// <param name="job">For the message that its password is missing; null where there is none.</param>
    public Func<IMailboxLease, CancellationToken, Task<IMailTarget>> Examine(MailServer server, string? job = null) =>
        Imap(server, job).ExamineTargetAsync;

    /// <param name="job">For the message that its password is missing; null where there is none.</param>
    /// <exception cref="ConfigurationException">A password is not where the job says.</exception>
    public Func<IMailboxLease, CancellationToken, Task<IMailTarget>> Target(MailServer server, string? job = null) =>
        Imap(server, job).OpenTargetAsync;

    /// <inheritdoc cref="Target"/>
    public Func<IUidMap, CancellationToken, Task<IMailSource>> Source(MailServer server, string? job = null, bool labelsAreKeywords = false)
    {
        if (server.Protocol != MailProtocol.Pop3)
        {
            var source = Imap(server, job, labelsAreKeywords);
            return (_, stop) => source.OpenSourceAsync(stop);
        }
        var (credential, connection, pipelining) = (Credential(server, job), Connection(server, job), new Pop3Pipelining());
        return async (uidMap, stop) =>
            await new Pop3Connector(server, credential, uidMap, time, protocolLogs, secrets: connection, pacer: pacers.For(server))
            {
                Pipelining = pipelining,
            }.OpenSourceAsync(stop);
    }

    private Func<IUidMap, CancellationToken, Task<IMailSource>> Source(MigrateJob job) =>
        Source(job.Source, job.Name, job.Folders.Labels == LabelRule.Keywords);

    private ImapConnector Imap(MailServer server, string? job, bool labelsAreKeywords = false) =>
        new(server, Credential(server, job), time, protocolLogs, Connection(server, job), pacers.For(server))
        {
            LabelsAreKeywords = labelsAreKeywords,
        };

    private ConnectionSecrets Connection(MailServer server, string? job)
    {
        return new ConnectionSecrets(
            Resolve(server.Proxy?.Password, $"password of {server.Proxy?.User} at the proxy {server.Proxy}"),
            Resolve(server.ClientCertificate?.Password, $"password of {server.ClientCertificate?.File}")
        );

        string? Resolve(SecretReference? reference, string what) =>
            reference is null ? null : secrets.Resolve(reference, Purpose(reference, what, job));
    }

    /// <summary>What the token says that opens a mailbox.</summary>
    /// <returns>Null where a password opens it.</returns>
    /// <exception cref="MailException">There is no token.</exception>
    /// <inheritdoc cref="Target"/>
    public async Task<TokenDescription?> DescribeTokenAsync(MailServer server, string? job, CancellationToken cancellationToken) =>
        server.Tokens is null ? null : await Credential(server, job).DescribeAsync(server.Login, cancellationToken);

    // Anyone who is asked to type it must see which job it is for: the question is the same for all jobs of an account.
    private Credential Credential(MailServer server, string? job)
    {
        if (server.Tokens is { } settings)
            return tokens.For(settings, server.User, (reference, what) => secrets.Resolve(reference, Purpose(reference, what, job)));
        // A certificate logs in.
        if (server.Password is not { } password)
            return "";
        var owner = server.Admin is { } admin ? $"the administrator {admin.User}" : server.User;
        var purpose = Purpose(password, $"password of {owner} at {server.Host}", job);
        var secret = secrets.Resolve(password, purpose);
        return password.Source == SecretSource.Command && server.Auth is AuthMethod.OAuth or AuthMethod.XOAuth2 or AuthMethod.OAuthBearer
            ? new CommandToken(secret, () => secrets.ResolveAgain(password, purpose))
            : secret;
    }

    private static string Purpose(SecretReference reference, string what, string? job) =>
        job is null || reference.Source == SecretSource.Prompt ? what : $"job {job}, {what}";
}
