using Migrator.Tests.Servers;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>Yahoo and AOL: folders that show their newest messages only, and commands for a limited number of messages (RFC 9738). Behind
/// it, a Dovecot of its own.</summary>
internal sealed class YahooServer : ImapProxy
{
    public const string Unavailable = "NO [UNAVAILABLE] UID FETCH Server error while fetching messages";
    public const string TryLater = "NO [UNAVAILABLE] UID FETCH Server error - Please try again later";
    public const string AppendError = "BAD [CLIENTBUG] Additional arguments found after last expected argument";

    // The words are not known; the code is what RFC 5530 has for it.
    public const string TooManyConnections = "NO [LIMIT] LOGIN Too many simultaneous connections";

    private YahooServer(DovecotServer server, YahooTraits traits)
        : base(server)
    {
        Traits = traits;
        MailboxFolders =
        [
            ("Archive", "\\Archive"),
            ("Draft", "\\Drafts"),
            (traits.JunkFolder, "\\Junk"),
            ("Sent", "\\Sent"),
            ("Trash", "\\Trash"),
        ];
        Expect(nameof(traits.Visible), traits.Visible is not null);
        Expect(nameof(traits.MessageLimit), traits.MessageLimit is not null);
        Expect(nameof(traits.Connections), traits.Connections is not null);
    }

    public YahooTraits Traits { get; }

    public override IReadOnlyList<(string Name, string Use)> MailboxFolders { get; }

    public static async Task<YahooServer> StartAsync(YahooTraits? traits = null) =>
        new(await DovecotServer.StartAsync(), traits ?? new YahooTraits());

    protected override ImapProxySession Begin(ImapWire client, ImapWire server) => new YahooSession(this, client, server);
}
