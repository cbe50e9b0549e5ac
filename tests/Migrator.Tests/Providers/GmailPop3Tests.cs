using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Mail.Pop3;
using Migrator.Tests.Archives;
using Migrator.Tests.Mail;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Mail.Pop3Nights;

namespace Migrator.Tests.Providers;

/// <summary>Gmail lists a part of a mailbox in a POP3 session, and never again what was fetched in one that ended with QUIT.</summary>
public sealed class GmailPop3Tests : IAsyncDisposable
{
    private const int Part = 3;

    private readonly ScriptedImap _target = new();
    private readonly Harness _harness;
    private ScriptedPop3? _server;
    private List<ScriptedMail> _left = [];
    private bool _refused;
    private Action _goodbye = () => { };

    public GmailPop3Tests() => _harness = new Harness(_target, _target);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IEnumerable<string> Arrived => _target.Inbox.Messages.Select(message => Encoding.Latin1.GetString(message.Content));

    public async ValueTask DisposeAsync()
    {
        await _harness.DisposeAsync();
        await _target.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_copy_continues_after_the_pause_that_the_server_asks_for_until_nothing_is_listed()
    {
        var all = Gmail(7);
        foreach (var delivered in new[] { 3, 3, 1 })
        {
            var part = await CopyAsync();
            Assert.Equal((RunOutcome.Aborted, delivered), (part.Outcome, part.Total.Delivered));
            Assert.Equal(Reason.MoreMailFollows.Code, part.Stopped!.Code);
            Assert.Equal(TimeSpan.FromMinutes(5), part.Pause);
        }

        var last = await CopyAsync();

        Assert.Equal((RunOutcome.Complete, 0), (last.Outcome, last.Total.Delivered));
        Assert.Equal(all.Select(mail => mail.Text), Arrived);
    }

    [Fact]
    public async Task What_could_not_be_stored_is_not_acknowledged_and_the_rest_of_the_mailbox_is_not_said_to_be_there()
    {
        Gmail(5);
        _refused = true;

        var cut = await CopyAsync();

        Assert.Equal((RunOutcome.Partial, 2, 1), (cut.Outcome, cut.Total.Delivered, cut.Total.Failed));
        Assert.Contains(cut.Notices, notice => notice.Contains("once all of this part is stored"));
        Assert.Equal(5, _left.Count);
        _refused = false;
        await CopyAsync();
        await CopyAsync();
        Assert.Equal(5, Arrived.Count());
        Assert.Equal(RunOutcome.Complete, (await CopyAsync()).Outcome);
    }

    [Fact]
    public async Task A_backup_has_each_part_in_a_snapshot_before_the_server_forgets_it()
    {
        Gmail(5);
        var (time, store) = (new SteppingClock(MemoryArchive.Epoch), new MemoryBlobStore(new SteppingClock(MemoryArchive.Epoch)));
        await using var archive = new ArchiveHarness(store, new MemoryBlobStore(time), time);
        await archive.CreateAsync(Stop);
        var snapshots = new List<int>();
        _goodbye = () => snapshots.Add(store.Blobs.Keys.Count(name => name.StartsWith("snapshots/", StringComparison.Ordinal)));

        RunReport[] parts = [await BackUpAsync(), await BackUpAsync(), await BackUpAsync()];

        Assert.Equal([RunOutcome.Aborted, RunOutcome.Aborted, RunOutcome.Complete], parts.Select(part => part.Outcome));
        Assert.Equal([3L, 2, 0], parts.Select(part => part.Total.Delivered));
        Assert.Equal(TimeSpan.FromMinutes(5), parts[0].Pause);
        Assert.Equal([1, 2], snapshots);
        Assert.Equal(5, (await archive.LatestAsync("pop3://ann@localhost", Stop)).Messages);

        Task<RunReport> BackUpAsync() => archive.BackUpAsync("pop3://ann@localhost", (uidMap, stop) => Ends.OpenSource(uidMap, stop), Stop);
    }

    [Fact]
    public async Task What_a_lost_session_fetched_is_fetched_once_more_so_that_the_rest_is_listed()
    {
        var all = Gmail(5);
        _goodbye = () => throw new IOException("lost");
        Assert.NotEqual(RunOutcome.Complete, (await CopyAsync()).Outcome);
        Assert.Equal(5, _left.Count);
        _goodbye = () => { };

        var again = await CopyAsync();

        Assert.Equal((RunOutcome.Aborted, 3, null), (again.Outcome, again.Total.AlreadyThere, again.Pause));
        Assert.Equal(2, _left.Count);
        await CopyAsync();
        Assert.Equal(RunOutcome.Complete, (await CopyAsync()).Outcome);
        Assert.Equal(all.Select(mail => mail.Text), Arrived);
    }

    [Fact]
    public async Task What_was_only_read_to_compare_sizes_is_not_acknowledged()
    {
        Gmail(3);
        _server!.Mail = [_server.Mail[0] with { Size = 500 }, .. _server.Mail.Skip(1)];
        await using var session = await new Pop3Connector(
            _harness.Job.Source,
            DovecotServer.Password,
            NullUidMap.Instance,
            TimeProvider.System
        ).OpenSourceAsync(Stop);
        await session.OpenAsync(FolderPath.Inbox, Stop);

        await Assert.ThrowsAsync<MailException>(() => session.FetchAsync([1], new ReceivedMail(), Stop));

        Assert.True(_server.Count("RETR") > 2);
        Assert.False(await session.AcknowledgeAsync(uid => uid == 1, Stop));
        Assert.Equal(0, _server.Count("QUIT"));
    }

    [Fact]
    public async Task A_comparison_takes_no_mail_off_the_list()
    {
        Gmail(4);
        await using (var store = _harness.OpenStore())
            await new Verification(
                _harness.Job.Transfer,
                Ends,
                store,
                TimeProvider.System,
                Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance
            ).RunAsync(_harness.Progress, Stop);

        Assert.True(_server!.Count("RETR") > 0);
        Assert.Equal(4, _left.Count);
    }

    [Fact]
    public async Task Mail_of_the_last_30_days_is_listed_whole_and_copied_in_one_run()
    {
        Gmail(3, user: "recent:ann");

        Assert.Equal(RunOutcome.Complete, (await CopyAsync()).Outcome);
        Assert.Equal(3, Arrived.Count());
    }

    [Fact]
    public async Task Other_servers_with_the_same_list_are_complete_at_once()
    {
        Gmail(3, provider: "generic");

        Assert.Equal(RunOutcome.Complete, (await CopyAsync()).Outcome);
        Assert.Equal(3, Arrived.Count());
    }

    private MailboxEndpoints Ends =>
        new(
            async (uidMap, stop) =>
                await new Pop3Connector(_harness.Job.Source, DovecotServer.Password, uidMap, TimeProvider.System).OpenSourceAsync(stop),
            new ImapConnector(_harness.Job.Target, DovecotServer.Password).OpenTargetAsync
        );

    private Task<RunReport> CopyAsync() => _harness.RunAsync(Stop, endpoints: Ends);

    /// <summary>Lists so many of the oldest at a time, and forgets what was fetched when a session ends with QUIT.</summary>
    private IReadOnlyList<ScriptedMail> Gmail(int count, string user = "ann", string provider = "gmail")
    {
        _left = [.. Letters(1, count)];
        var all = _left.ToList();
        var server = new ScriptedPop3([.. _left.Take(Part)]) { Capabilities = "USER,UIDL,TOP,PIPELINING,LOGIN-DELAY 300" };
        var fetched = new List<int>();
        server.Answer = command =>
        {
            var words = command.Split(' ');
            if (words[0] == "USER")
                fetched.Clear();
            else if (words[0] == "RETR")
                fetched.Add(int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture));
            else if (words[0] == "QUIT")
            {
                _goodbye();
                var gone = fetched.Select(number => server.Mail[number - 1]).ToHashSet();
                _left = [.. _left.Where(mail => !gone.Contains(mail))];
                server.Mail = [.. _left.Take(Part)];
            }
            return command == "RETR 2" && _refused ? "-ERR damaged\r\n" : null;
        };
        _server = server;
        _harness.Job = _harness.Job with { Source = Address(server) with { User = user, Provider = provider } };
        return all;
    }
}
