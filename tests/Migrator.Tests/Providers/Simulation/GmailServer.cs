using System.Collections.Concurrent;
using Migrator.Tests.Pacing;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>Gmail: labels instead of folders, one message behind all its copies, one copy of what is appended twice. Behind it, a
/// Dovecot of its own whose copies share their GUID (mdbox).</summary>
internal sealed class GmailServer : ImapProxy
{
    private readonly ConcurrentDictionary<string, Lazy<Task<GmailStore>>> _stores = new();

    private GmailServer(DovecotServer server, GmailNames names, int? folderLimit, IReadOnlyList<string> hidden)
        : base(server)
    {
        (Names, FolderLimit, Hidden) = (names, folderLimit, hidden);
        if (folderLimit is not null)
            Expect(nameof(FolderLimit));
        if (hidden.Count > 0)
            Expect(nameof(Hidden));
    }

    public GmailNames Names { get; }

    /// <summary>How many of the newest messages each folder but All Mail shows; null for all.</summary>
    public int? FolderLimit { get; }

    /// <summary>Folders that the account's settings do not show in IMAP.</summary>
    public IReadOnlyList<string> Hidden { get; }

    /// <summary>What is appended again is not stored again.</summary>
    public bool KeepsOneCopy { get; set; } = true;

    /// <summary>What gets <c>\Deleted</c> loses the folder's label at once.</summary>
    public bool ExpungesAtOnce { get; set; } = true;

    /// <summary>What is said of a message's size in a folder.</summary>
    public Func<string, long, long> Sizes { get; set; } = (_, size) => size;

    /// <summary>What all clients together may send in a day before it locks them out; null for any number of bytes.</summary>
    public ProviderDay? UploadDay { get; set; }

    public static async Task<GmailServer> StartAsync(
        GmailNames? names = null,
        int? folderLimit = null,
        IReadOnlyList<string>? hidden = null
    ) => new(await DovecotServer.StartAsync(new DovecotOptions(Format: "mdbox")), names ?? GmailNames.English, folderLimit, hidden ?? []);

    public Task<GmailStore> StoreOfAsync(string user) =>
        _stores
            .GetOrAdd(
                user,
                _ => new Lazy<Task<GmailStore>>(async () =>
                {
                    var store = new GmailStore(await Server.LogInAsync(user), this);
                    await store.CreateAsync();
                    return store;
                })
            )
            .Value;

    /// <summary>All that an account holds: each message once, by its content, with the labels it has.</summary>
    public async Task<IReadOnlyList<(string Folders, GmailCopy Copy)>> MessagesAsync(string user)
    {
        var store = await StoreOfAsync(user);
        return await store.AloneAsync(async () =>
            (IReadOnlyList<(string, GmailCopy)>)
                [
                    .. (await store.CopiesAsync())
                        .GroupBy(copy => copy.Message)
                        .Select(message =>
                            (string.Join('|', message.Select(copy => copy.Folder).Order(StringComparer.Ordinal)), message.First())
                        ),
                ]
        );
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await base.DisposeAsync();
        }
        finally
        {
            foreach (var store in _stores.Values)
                await (await store.Value).DisposeAsync();
        }
    }

    protected override void Received(int bytes) => UploadDay?.Count(bytes);

    protected override ImapProxySession Begin(ImapWire client, ImapWire server) => new GmailSession(this, client, server);
}
