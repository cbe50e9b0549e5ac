using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Mail.Pop3;
using Migrator.Tests.Archives;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>A scripted POP3 mailbox that is backed up night after night, into an archive in memory.</summary>
internal sealed class Pop3Nights : IAsyncDisposable
{
    private const string Account = "pop3://ann@localhost";

    private readonly ArchiveHarness _archive;
    private readonly Pop3Pipelining _pipelining = new();

    private Pop3Nights(ScriptedPop3 server, ArchiveHarness archive, SteppingClock time) =>
        (Server, _archive, Time) = (server, archive, time);

    public ScriptedPop3 Server { get; }

    public SteppingClock Time { get; }

    public bool MarkAsRead { get; set; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<Pop3Nights> BeginAsync(params ScriptedMail[] mail)
    {
        var time = new SteppingClock(MemoryArchive.Epoch);
        var archive = new ArchiveHarness(new MemoryBlobStore(time), new MemoryBlobStore(time), time);
        await archive.CreateAsync(Stop);
        return new Pop3Nights(new ScriptedPop3(mail), archive, time);
    }

    /// <summary>A letter; letters with numbers of as many digits are of the same size.</summary>
    public static string Letter(int number, string body = "") =>
        $"Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0100\r\nSubject: Letter {number}\r\n\r\nThis is letter {number}.\r\n{body}";

    /// <summary>Letters whose unique ids are not numbers.</summary>
    public static ScriptedMail[] Letters(int from, int count, string form = "id-") =>
        [.. Enumerable.Range(from, count).Select(number => new ScriptedMail($"{form}{number}", Letter(number)))];

    public static MailServer Address(ScriptedPop3 server) => Harness.Server(server.Port, "ann", null) with { Protocol = MailProtocol.Pop3 };

    /// <summary>Tonight's run; the commands of the nights before are forgotten.</summary>
    /// <param name="deleteAfterDays">Null to delete nothing.</param>
    public async Task<RunReport> BackUpAsync(int? deleteAfterDays = null)
    {
        Server.ForgetCommands();
        var report = await _archive.BackUpAsync(
            Account,
            (uidMap, stop) => OpenAsync(uidMap, stop),
            Stop,
            new SourceDeletionPolicy(deleteAfterDays)
        );
        Time.Advance(TimeSpan.FromDays(1));
        Assert.True(report.Total.AddsUp);
        return report;
    }

    /// <summary>As <see cref="BackUpAsync"/>; nothing may be missing.</summary>
    public async Task<RunReport> BackUpAllAsync(int? deleteAfterDays = null)
    {
        var report = await BackUpAsync(deleteAfterDays);
        Assert.True(
            report.Outcome == RunOutcome.Complete,
            $"{report.Outcome}: {report.Stopped?.Detail} {string.Join(' ', report.Failures.Select(failure => failure.Failure.Detail))}"
        );
        return report;
    }

    /// <summary>The messages of the newest snapshot, in the order of their UIDs, with their flags where they have any.</summary>
    public async Task<IReadOnlyList<string>> StoredAsync()
    {
        await using var session = await (await _archive.SessionsAsync(await _archive.LatestAsync(Account, Stop), Stop))(Stop);
        await session.OpenAsync(FolderPath.Inbox, Stop);
        var (received, uids) = (new ReceivedMail(), await session.ListUidsAsync(1, Stop));
        await session.FetchAsync(uids, received, Stop);
        var flags = (await session.FetchSummariesAsync(uids, Stop)).ToDictionary(
            summary => summary.Uid,
            summary => summary.Flags.ToString()
        );
        return
        [
            .. received.Messages.Select(message => flags[message.Key].Length > 0 ? $"{flags[message.Key]} {message.Value}" : message.Value),
        ];
    }

    /// <summary>Turns a bit in the middle of all mail that is stored.</summary>
    public void Damage()
    {
        foreach (var pack in ((MemoryBlobStore)_archive.Store).Blobs.Where(blob => blob.Key.StartsWith("packs/", StringComparison.Ordinal)))
            pack.Value[pack.Value.Length / 2] ^= 1;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _archive.DisposeAsync();
    }

    private async Task<IMailSource> OpenAsync(IUidMap uidMap, CancellationToken stop) =>
        await new Pop3Connector(Address(Server) with { MarkAsRead = MarkAsRead }, DovecotServer.Password, uidMap, Time)
        {
            Pipelining = _pipelining,
        }.OpenSourceAsync(stop);
}
