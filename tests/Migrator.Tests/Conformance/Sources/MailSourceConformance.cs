using System.Text;
using Migrator.Core.Mail;
using Migrator.Tests.Conformance.Mailboxes;
using Migrator.Tests.Corpus;
using Xunit;

namespace Migrator.Tests.Conformance.Sources;

/// <summary>What <see cref="IMailSource"/> promises, proved on whatever implements it.</summary>
public abstract partial class MailSourceConformance : IAsyncLifetime
{
    /// <summary>What has been added to INBOX by <see cref="AddAsync"/>.</summary>
    private readonly List<OddMessage> _added = [];

    private readonly List<IMailSource> _sessions = [];

    protected ArrangedMailbox Mailbox { get; private set; } = null!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static CancellationToken Cancelled { get; } = new(canceled: true);

    private MailboxTraits Traits => Mailbox.Traits;

    /// <summary>A mailbox that holds nothing yet.</summary>
    protected abstract Task<ArrangedMailbox> CreateAsync();

    public async ValueTask InitializeAsync() => Mailbox = await CreateAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
            await session.DisposeAsync();
        if (Mailbox is not null)
            await Mailbox.DisposeAsync();
    }

    protected static OddMessage Letter(int number, string flags = "", DateTimeOffset? date = null) =>
        new(
            $"letter {number}",
            Encoding.ASCII.GetBytes(
                $"Subject: Letter {number}\r\nFrom: ann@example.org\r\nMessage-ID: <{number}@example.org>\r\nDate: Mon, 1 Jan "
                    + $"2024 10:00:00 +0100\r\n\r\nThis is letter {number}.\r\n"
            ),
            flags,
            date
        );

    /// <summary>Adds letters to INBOX.</summary>
    protected Task FillAsync(int first, int count) => AddAsync([.. Enumerable.Range(first, count).Select(number => Letter(number))]);

    /// <summary>Adds messages to INBOX.</summary>
    protected async Task AddAsync(params OddMessage[] messages)
    {
        await Mailbox.AddAsync(FolderPath.Inbox, messages);
        _added.AddRange(messages);
    }

    /// <summary>A session that ends with the test, with no folder open.</summary>
    protected async Task<IMailSource> ConnectAsync()
    {
        _sessions.Add(await Mailbox.ConnectAsync());
        return _sessions[^1];
    }

    /// <summary>Likewise, with INBOX open.</summary>
    protected async Task<IMailSource> OpenAsync()
    {
        var session = await ConnectAsync();
        await session.OpenAsync(FolderPath.Inbox, Stop);
        return session;
    }

    /// <summary>Fetches these messages, all of INBOX for none, and insists on how they are handed over.</summary>
    private static async Task<WatchedReceiver> FetchAsync(IMailSource session, params Uid[] uids)
    {
        var receiver = new WatchedReceiver();
        await session.FetchAsync(uids.Length > 0 ? uids : await session.ListUidsAsync(0, Stop), receiver, Stop);
        Assert.Empty(receiver.Broken);
        Assert.Empty(receiver.Unfinished);
        return receiver;
    }

    private Task<IReadOnlyList<byte[]>> BytesAsync() => Mailbox.BytesAsync(FolderPath.Inbox, _added);
}
