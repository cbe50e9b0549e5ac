using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Mail.Pop3;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Mail;

/// <summary>One user's mailbox at a Dovecot, as POP3 shows it, with the UID map of its UIDs.</summary>
internal sealed class Pop3Box(DovecotServer server)
{
    public DovecotServer Server => server;

    public string User { get; } = DovecotServer.NewUser("pop");

    public MemoryUidMap UidMap { get; } = new();

    /// <summary>Plaintext, at this port or, for 0, at the server itself.</summary>
    public MailServer Address(int port = 0) =>
        Harness.Server(port > 0 ? port : server.Pop3Port, User, null) with
        {
            Protocol = MailProtocol.Pop3,
        };

    public Task<RawImap> ImapAsync() => server.LogInAsync(User);

    public Task<IDeletableSource> ConnectAsync(int port = 0, CancellationToken cancellationToken = default) =>
        new Pop3Connector(Address(port), DovecotServer.Password, UidMap, TimeProvider.System).OpenSourceAsync(cancellationToken);

    /// <summary>A session with INBOX open.</summary>
    public async Task<IDeletableSource> OpenAsync(int port = 0, CancellationToken cancellationToken = default)
    {
        var session = await ConnectAsync(port, cancellationToken);
        await session.OpenAsync(FolderPath.Inbox, cancellationToken);
        return session;
    }

    /// <summary>The bytes of all messages by UID, as a session of its own gets them.</summary>
    public async Task<IReadOnlyDictionary<Uid, string>> ReadAsync(int port = 0, CancellationToken cancellationToken = default)
    {
        await using var session = await OpenAsync(port, cancellationToken);
        var received = new ReceivedMail();
        await session.FetchAsync(await session.ListUidsAsync(0, cancellationToken), received, cancellationToken);
        return received.Messages;
    }
}
