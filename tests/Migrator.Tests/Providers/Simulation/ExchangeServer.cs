using Migrator.Tests.Servers;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>Exchange: names without case, folders that hold no mail, five flags, messages in its own form. Behind it, a Dovecot of its
/// own.</summary>
internal sealed class ExchangeServer : ImapProxy
{
    public const string ArgumentError = "BAD Command Argument Error. 11";
    public const string Unavailable = "NO Server Unavailable. 15";
    public const string NotConnected = "BAD User is authenticated but not connected.";
    public const string TooLarge = "NO Maximum size of appendable message has been exceeded";

    /// <summary>Octets of the longest command, without its literals.</summary>
    public const int LongestCommand = 10_240;

    /// <summary>With the use that LIST tells of.</summary>
    public static readonly IReadOnlyList<(string Name, string Use)> OwnFolders =
    [
        ("Calendar", ""),
        ("Calendar/Birthdays", ""),
        ("Contacts", ""),
        ("Conversation History", ""),
        ("Deleted Items", "\\Trash"),
        ("Drafts", "\\Drafts"),
        ("Journal", ""),
        ("Junk Email", "\\Junk"),
        ("Notes", ""),
        ("Outbox", ""),
        ("Sent Items", "\\Sent"),
        ("Sync Issues", ""),
        ("Sync Issues/Conflicts", ""),
        ("Sync Issues/Local Failures", ""),
        ("Sync Issues/Server Failures", ""),
        ("Tasks", ""),
    ];

    private int _fetches;

    private ExchangeServer(DovecotServer server, ExchangeTraits traits)
        : base(server)
    {
        Traits = traits;
        Expect(nameof(traits.Rewrites), traits.Rewrites || traits.RewritesEachTime);
        Expect(nameof(traits.EstimatesSizes), traits.EstimatesSizes);
        Expect(nameof(traits.LongestLine), traits.LongestLine is not null);
        Expect(nameof(traits.LargestMessage), traits.LargestMessage is not null);
        Expect(nameof(traits.RefusesSilentStores), traits.RefusesSilentStores);
        Expect(nameof(traits.Harms), traits.Harms is not null);
    }

    public ExchangeTraits Traits { get; }

    public override IReadOnlyList<(string Name, string Use)> MailboxFolders => OwnFolders;

    public static string Throttled(int milliseconds) => $"BAD Request is throttled. Suggested Backoff Time: {milliseconds} milliseconds";

    public static async Task<ExchangeServer> StartAsync(ExchangeTraits? traits = null) =>
        new(await DovecotServer.StartAsync(), traits ?? new ExchangeTraits());

    /// <summary>A message as it is fetched now.</summary>
    public byte[] Fetched(byte[] stored)
    {
        if (Traits.Harms?.Invoke(stored) is { } harmed)
        {
            Had(nameof(Traits.Harms));
            stored = harmed;
        }
        if (!Traits.Rewrites && !Traits.RewritesEachTime)
            return stored;
        Had(nameof(Traits.Rewrites));
        return ExchangeMime.Rewrite(stored, Traits.RewritesEachTime ? Interlocked.Increment(ref _fetches) : 0);
    }

    protected override ImapProxySession Begin(ImapWire client, ImapWire server) => new ExchangeSession(this, client, server);
}
