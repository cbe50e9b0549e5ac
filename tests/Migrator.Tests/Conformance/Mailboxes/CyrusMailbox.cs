using Migrator.Core.Mail;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>A new user's mailbox at a Cyrus.</summary>
public sealed class CyrusMailbox : ImapMailbox
{
    private readonly CyrusServer _server;

    private CyrusMailbox(CyrusServer server, string user)
        : base(server.Port, user, prefix: "INBOX/") => _server = server;

    public override MailboxTraits Traits { get; } =
        new()
        {
            Gone = GoneMessage.PassedOverLater,
            Unreadable = UnreadableMessage.PassedOver,
            RefusesSome = true,
            UnheldNames = ["100%", "quo\"te", "back\\\\slash", "{brace}", "semi;colon", "<a|b>"],
        };

    public override Task SpoilAsync(FolderPath folder, Uid uid) => SpoilFileAsync(_server.SpoolDirectory, folder, uid);

    public static async Task<CyrusMailbox> CreateAsync(CyrusFixture fixture)
    {
        var (server, user) = (await fixture.StartedAsync(), DovecotServer.NewUser("conform"));
        await server.AddUserAsync(user);
        return new CyrusMailbox(server, user);
    }

    public override ValueTask DisposeAsync() => default;
}
