using System.Text;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Mail.Pop3;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Mail.Pop3Nights;

namespace Migrator.Tests.Mail;

/// <summary>A scripted POP3 mailbox that is copied to an IMAP server.</summary>
public sealed class Pop3CopyTests : IAsyncDisposable
{
    private readonly ScriptedPop3 _source = new(Letters(1, 4));
    private readonly ScriptedImap _target = new();
    private readonly Harness _harness;

    public Pop3CopyTests()
    {
        _harness = new Harness(_target, _target);
        _harness.Job = _harness.Job with { Source = Address(_source) };
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private MailboxEndpoints Ends =>
        new(
            async (uidMap, stop) =>
                await new Pop3Connector(_harness.Job.Source, DovecotServer.Password, uidMap, TimeProvider.System).OpenSourceAsync(stop),
            new ImapConnector(_harness.Job.Target, DovecotServer.Password).OpenTargetAsync
        );

    private async Task<RunReport> DeleteAsync(RunReport report)
    {
        await using var store = _harness.OpenStore();
        return await new DeliveredDeletion(_harness.Job.Transfer, Ends, store, TimeProvider.System).RunAsync(
            report,
            0,
            _harness.Progress,
            Stop
        );
    }

    [Fact]
    public async Task New_ids_double_nothing_and_other_mail_under_a_known_id_arrives()
    {
        await RunAsync();
        _source.Mail = [.. Letters(1, 4, form: "moved-")];
        var moved = await RunAsync();
        _source.Mail = [.. _source.Mail.Take(3), new ScriptedMail("moved-4", Letter(55))];
        var reused = await RunAsync();

        Assert.Equal((0, 4), (moved.Total.Delivered, moved.Total.AlreadyThere));
        Assert.Equal((1, 3), (reused.Total.Delivered, reused.Total.AlreadyThere));
        Assert.Equal([.. Letters(1, 4).Select(mail => mail.Text), Letter(55)], Arrived);
    }

    [Fact]
    public async Task Other_mail_of_the_same_size_under_the_ids_of_what_was_deleted_arrives()
    {
        var report = await RunAsync();
        var asked = false;
        _source.Answer = command =>
        {
            asked |= command.StartsWith("DELE", StringComparison.Ordinal);
            return asked && command == "QUIT" ? "" : null;
        };
        report = await DeleteAsync(report);
        // The server deleted them, its answer was lost, and it gives their ids to what arrives next.
        _source.Answer = _ => null;
        _source.Mail = [.. Letters(5, 4).Select((mail, index) => mail with { Uidl = $"id-{index + 1}" })];

        await RunAsync();

        Assert.Equal((0, true), (report.RemovedAtSource, report.RemovalUnconfirmed));
        Assert.Equal(Letters(1, 8).Select(mail => mail.Text), Arrived);
    }

    [Theory]
    [InlineData("USER,TOP", 1)]
    [InlineData("USER,TOP,UIDL,PIPELINING", 0)]
    public async Task Of_two_messages_with_the_same_bytes_the_one_that_is_left_arrives_too(string capabilities, int readToBeKnown)
    {
        _source.Mail = [new ScriptedMail("a", Letter(1)), new ScriptedMail("b", Letter(1))];
        _source.Capabilities = capabilities;
        _source.Answer = command =>
            command == "RETR 2" && _source.Commands.Count(said => said == command) > readToBeKnown ? "-ERR damaged\r\n" : null;
        var first = await DeleteAsync(await _harness.RunAsync(Stop, endpoints: Ends));
        _source.Answer = _ => null;
        Assert.Equal((1, 1, 1), (first.Total.Failed, first.RemovedAtSource, _source.Mail.Count));

        var second = await DeleteAsync(await RunAsync());

        Assert.Equal((RunOutcome.Complete, 1), (second.Outcome, second.RemovedAtSource));
        Assert.Equal([Letter(1), Letter(1)], Arrived);
        Assert.Empty(_source.Mail);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task New_messages_arrive_marked_as_the_job_says_and_earlier_ones_keep_their_flags(bool read)
    {
        _harness.Job = _harness.Job with { Source = _harness.Job.Source with { MarkAsRead = read } };
        await RunAsync();
        _harness.Job = _harness.Job with { Source = _harness.Job.Source with { MarkAsRead = !read } };
        _source.Mail = Letters(1, 5);

        await RunAsync();

        Assert.Equal([read, read, read, read, !read], _target.Inbox.Messages.Select(message => message.Flags.Contains("\\Seen")));
    }

    public async ValueTask DisposeAsync()
    {
        await _harness.DisposeAsync();
        await _target.DisposeAsync();
        await _source.DisposeAsync();
    }

    private IEnumerable<string> Arrived => _target.Inbox.Messages.Select(message => Encoding.Latin1.GetString(message.Content));

    private async Task<RunReport> RunAsync()
    {
        var report = await _harness.RunAsync(Stop, endpoints: Ends);
        Assert.True(report.Outcome == RunOutcome.Complete, $"{report.Outcome}: {report.Stopped?.Detail}");
        return report;
    }
}
