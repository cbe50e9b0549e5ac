using Migrator.Core.Mail;
using Migrator.Tests.Conformance.Mailboxes;
using Migrator.Tests.Corpus;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Conformance.Targets;

/// <summary>What <see cref="IMailTarget"/> promises beyond <see cref="IMailSource"/>, proved on whatever implements it and checked by a
/// client that shares no code with the product.</summary>
public abstract partial class MailTargetConformance : IAsyncLifetime
{
    private readonly List<IMailTarget> _sessions = [];

    protected ImapMailbox Mailbox { get; private set; } = null!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The target names the UIDs of what was appended (APPENDUID).</summary>
    protected virtual bool TellsUids => true;

    /// <summary>The target can remove and move single messages.</summary>
    protected virtual bool RemovesSingleMessages => true;

    /// <summary>The target takes a special use when a folder is created.</summary>
    protected virtual bool TakesSpecialUse => false;

    /// <summary>Names that the target takes for no folder.</summary>
    protected virtual IReadOnlyList<string> RefusedNames => [];

    /// <summary>The target takes a message that has no header, or none that can be read.</summary>
    protected virtual bool TakesAnyHeader => true;

    /// <summary>A mailbox that holds nothing yet.</summary>
    protected abstract Task<ImapMailbox> CreateAsync();

    /// <summary>A message that the target takes in no folder.</summary>
    protected abstract OddMessage Refused();

    public async ValueTask InitializeAsync() => Mailbox = await CreateAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
            await session.DisposeAsync();
        if (Mailbox is not null)
            await Mailbox.DisposeAsync();
    }

    protected static OutgoingMessage Letter(int number, string flags = "", DateTimeOffset? date = null) =>
        Outgoing(Letters.Letter(number), flags, date);

    protected static OutgoingMessage Outgoing(byte[] bytes, string flags = "", DateTimeOffset? date = null) =>
        new(bytes.Length, FlagSet.Parse(flags), date ?? DateTimeOffset.UnixEpoch.AddDays(10_000), () => new MemoryStream(bytes));

    /// <summary>A session that ends with the test, with no folder open.</summary>
    protected async Task<IMailTarget> ConnectAsync()
    {
        _sessions.Add(await Mailbox.ConnectTargetAsync());
        return _sessions[^1];
    }

    /// <summary>Likewise, with INBOX open.</summary>
    protected async Task<IMailTarget> OpenAsync()
    {
        var session = await ConnectAsync();
        await session.OpenAsync(FolderPath.Inbox, Stop);
        return session;
    }

    /// <summary>Puts letters into INBOX behind the target's back.</summary>
    protected async Task FillAsync(int count)
    {
        await using var imap = await Mailbox.LogInAsync();
        for (var number = 0; number < count; number++)
            await imap.AppendAsync("INBOX", Letters.Letter(number));
    }

    /// <summary>What INBOX holds by the numbers of its letters, in order.</summary>
    private Task<IReadOnlyList<int>> NumbersAsync() => NumbersAsync(FolderPath.Inbox);

    private async Task<IReadOnlyList<int>> NumbersAsync(FolderPath folder)
    {
        var letters = Enumerable.Range(0, 400).Select(number => ContentId.Of(Letters.Letter(number))).ToList();
        return [.. (await Mailbox.BytesAsync(folder, [])).Select(bytes => letters.IndexOf(ContentId.Of(bytes)))];
    }

    private async Task<IReadOnlyList<MailboxContent.Message>> MessagesAsync() => (await Mailbox.ContentAsync()).Folders["INBOX"];
}
