using Migrator.Core.Checkpoints;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Mail.Imap;
using Migrator.Tests.Corpus;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>A mailbox at an IMAP server, filled and judged by a client of the tests' own.</summary>
/// <param name="delimiter">Between the names of a folder.</param>
/// <param name="prefix">Before every folder but INBOX.</param>
public abstract class ImapMailbox(int port, string user, char delimiter = '/', string prefix = "") : ArrangedMailbox
{
    /// <summary>Of something between sessions and the server; 0 for nothing.</summary>
    public int ProxyPort { get; set; }

    /// <summary>Of the server itself.</summary>
    public int ServerPort => port;

    public string User => user;

    private MailServer Account => Harness.Server(ProxyPort > 0 ? ProxyPort : port, user, null);

    /// <summary>Sessions are those of a target, which reads too.</summary>
    public bool ReadByTarget { get; init; }

    public override async Task<IMailSource> ConnectAsync() =>
        ReadByTarget ? await ConnectTargetAsync() : await new ImapConnector(Account, DovecotServer.Password).OpenSourceAsync(Stop);

    public Task<IMailTarget> ConnectTargetAsync() =>
        new ImapConnector(Account, DovecotServer.Password).OpenTargetAsync(ProcessLease.Instance, Stop);

    public override async Task AddFolderAsync(FolderPath folder)
    {
        await using var imap = await LogInAsync();
        await imap.CreateAsync(Name(folder));
    }

    public override async Task AddAsync(FolderPath folder, IReadOnlyList<OddMessage> messages)
    {
        await using var imap = await LogInAsync();
        foreach (var message in messages)
            await imap.AppendAsync(Name(folder), message.Bytes, message.Flags, message.Date);
    }

    public override async Task SetFlagsAsync(FolderPath folder, Uid uid, string flags)
    {
        await using var imap = await LogInAsync();
        await imap.StoreAsync(Name(folder), $"{uid}", $"FLAGS ({flags})");
    }

    public override async Task RemoveAsync(FolderPath folder, Uid uid)
    {
        await using var imap = await LogInAsync();
        await imap.DeleteAsync(Name(folder), $"{uid}");
    }

    public override async Task<IReadOnlyList<byte[]>> BytesAsync(FolderPath folder, IReadOnlyList<OddMessage> added)
    {
        await using var imap = await LogInAsync();
        await imap.RunAsync($"EXAMINE {RawImap.Name(Name(folder))}");
        return
        [
            .. (await imap.RunAsync("UID FETCH 1:* (BODY.PEEK[])"))
                .Where(response => response.Text.Contains("BODY[]", StringComparison.Ordinal))
                .Select(response => response.Literals.Count > 0 ? response.Literals[0] : []),
        ];
    }

    public override async Task<IReadOnlyList<string>> ViewAsync()
    {
        var content = await ContentAsync();
        return
        [
            .. content.Folders.SelectMany(folder => folder.Value.Select(message => $"{folder.Key} {message}")),
            .. content.Subscribed.Order(StringComparer.Ordinal),
        ];
    }

    public async Task<MailboxContent> ContentAsync()
    {
        await using var imap = await LogInAsync();
        return await MailboxContent.ReadAsync(imap);
    }

    public string Name(FolderPath folder) => folder.IsInbox ? "INBOX" : prefix + string.Join(delimiter, folder.Names);

    public Task<RawImap> LogInAsync() => RawImap.LogInAsync(port, user, DovecotServer.Password);

    /// <summary>Takes the right to read the file of a message from the server. No other message has its bytes.</summary>
    protected async Task SpoilFileAsync(string directory, FolderPath folder, Uid uid)
    {
        await using var imap = await LogInAsync();
        await imap.RunAsync($"EXAMINE {RawImap.Name(Name(folder))}");
        var content = (await imap.RunAsync($"UID FETCH {uid} (BODY.PEEK[])")).First(response => response.Literals.Count > 0).Literals[0];
        var file = Directory
            .EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Single(path => Lines(File.ReadAllBytes(path)).SequenceEqual(Lines(content)));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The servers run on Linux.");
        File.SetUnixFileMode(file, UnixFileMode.None);

        // A server may keep other line ends than it sends.
        static IEnumerable<byte> Lines(byte[] bytes) => bytes.Where(value => value != (byte)'\r');
    }
}
