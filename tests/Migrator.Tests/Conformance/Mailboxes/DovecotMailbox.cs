using Migrator.Core.Mail;
using Migrator.Tests.Corpus;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>A new user's mailbox at a Dovecot.</summary>
public sealed class DovecotMailbox : ImapMailbox
{
    private readonly DovecotServer _server;

    public DovecotMailbox(DovecotServer server)
        : base(server.ImapPort, DovecotServer.NewUser("conform")) => _server = server;

    public override MailboxTraits Traits { get; } =
        new()
        {
            Gone = GoneMessage.PassedOverLater,
            Unreadable = UnreadableMessage.EndsSession,
            UnheldNames = ["a.b", "trailing.", "~tilde"],
        };

    public override Task AddAsync(FolderPath folder, IReadOnlyList<OddMessage> messages) =>
        // What no APPEND takes gets there as a file.
        messages.Any(message => message.OnDisk)
            ? messages.DeliverAsync(_server, User)
            : base.AddAsync(folder, messages);

    public override Task SpoilAsync(FolderPath folder, Uid uid) => SpoilFileAsync(_server.MaildirOf(User), folder, uid);

    public override ValueTask DisposeAsync() => default;
}
