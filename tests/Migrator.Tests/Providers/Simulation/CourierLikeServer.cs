using Migrator.Tests.Servers;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>Courier, old or configured by a hoster, as no Courier of today can be had. What it does without any
/// <see cref="CourierTraits"/> is compared with the real one. Behind it, a Dovecot of its own.</summary>
internal sealed class CourierLikeServer : ImapProxy
{
    public const string CommandError = "NO Error in IMAP command received by server.";

    private CourierLikeServer(DovecotServer server, CourierTraits traits)
        : base(server)
    {
        Traits = traits;
        Expect(nameof(traits.LacksUidPlus), traits.LacksUidPlus);
        Expect(nameof(traits.DropsKeywords), traits.DropsKeywords);
        Expect(nameof(traits.RefusesKeywords), traits.RefusesKeywords);
        Expect(nameof(traits.NoInferiors), traits.NoInferiors);
        Expect(nameof(traits.LongestWord), traits.LongestWord is not null);
        Expect(nameof(traits.Connections), traits.Connections is not null);
    }

    public CourierTraits Traits { get; }

    public static async Task<CourierLikeServer> StartAsync(CourierTraits? traits = null) =>
        new(await DovecotServer.StartAsync(new DovecotOptions(Separator: '.', Prefix: "INBOX.")), traits ?? new CourierTraits());

    protected override ImapProxySession Begin(ImapWire client, ImapWire server) => new CourierLikeSession(this, client, server);
}
