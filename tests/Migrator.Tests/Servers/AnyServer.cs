using Migrator.Core.Jobs;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;

namespace Migrator.Tests.Servers;

/// <summary>A mailbox at a real server of some make, for tests that are the same for all of them.</summary>
/// <param name="Delimiter">Between the names of a folder.</param>
/// <param name="Prefix">Before every folder but INBOX.</param>
/// <param name="KeepsKeywords">Flags of the user's own can be set.</param>
/// <param name="Nests">A folder may hold both messages and folders.</param>
/// <param name="Alters">It adds to what it stores, and does not name the UIDs of what it was given.</param>
/// <param name="Behind">The real server behind one that is simulated, which shows all that is there; null for a real one.</param>
public sealed record AnyServer(
    IAsyncDisposable Server,
    int Port,
    string Login,
    string Delimiter,
    string Prefix,
    bool KeepsKeywords = true,
    bool Nests = true,
    bool Alters = false,
    DovecotServer? Behind = null
) : IAsyncDisposable
{
    public static async Task<AnyServer> StartAsync(ServerMake make)
    {
        switch (make)
        {
            case ServerMake.Dovecot:
                var dovecot = await DovecotServer.StartAsync();
                return new AnyServer(dovecot, dovecot.ImapPort, "ann", "/", "");
            case ServerMake.Cyrus:
                var cyrus = await CyrusServer.StartAsync("ann");
                return new AnyServer(cyrus, cyrus.Port, "ann", "/", "INBOX/");
            case ServerMake.Courier:
                return Of(await CourierServer.StartAsync(), ".", "INBOX.");
            case ServerMake.Mailutils:
                return Of(await MailutilsServer.StartAsync(), "/", "") with { KeepsKeywords = false, Nests = false, Alters = true };
            case ServerMake.OldCourier:
                var traits = new CourierTraits { LacksUidPlus = true, DropsKeywords = true };
                return Of(await CourierLikeServer.StartAsync(traits), ".", "INBOX.");
            case ServerMake.Yahoo:
                return Of(await YahooServer.StartAsync(new YahooTraits { MessageLimit = 7 }), "/", "");
            default:
                return Of(await HoodiecrowServer.StartAsync(), "/", "");
        }
    }

    // imap4d offers SCRAM and cannot do it without a database of its own.
    public MailServer Account =>
        Harness.Server(Port, Login, null) with
        {
            Auth = Login.Contains('@', StringComparison.Ordinal) ? AuthMethod.Login : AuthMethod.Auto,
        };

    public Task<RawImap> LogInAsync() => RawImap.LogInAsync(Port, Login, DovecotServer.Password);

    /// <summary>What a folder is called there.</summary>
    public string Name(params string[] names) => names is ["INBOX"] ? "INBOX" : Prefix + string.Join(Delimiter, names);

    /// <summary>All that it holds, by paths that are the same at every server.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>>> ContentAsync()
    {
        await using var imap = await (Behind?.LogInAsync(Login) ?? LogInAsync());
        var content = await MailboxContent.ReadAsync(imap);
        return content.Folders.ToDictionary(
            folder =>
                (folder.Key.StartsWith(Prefix, StringComparison.Ordinal) ? folder.Key[Prefix.Length..] : folder.Key).Replace(
                    Delimiter,
                    "/",
                    StringComparison.Ordinal
                ),
            folder => folder.Value
        );
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static AnyServer Of(OtherServer server, string delimiter, string prefix) =>
        new(server, server.Port, server.Login, delimiter, prefix);

    private static AnyServer Of(ImapProxy proxy, string delimiter, string prefix) =>
        new(proxy, proxy.Port, OtherServer.User, delimiter, prefix, KeepsKeywords: false, Behind: proxy.Server);
}
