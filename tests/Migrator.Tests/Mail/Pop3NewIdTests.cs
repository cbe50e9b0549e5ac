using Migrator.Core.Runs;
using Migrator.Mail.Imap;
using Migrator.Mail.Pop3;
using Migrator.Core.Mail;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Mail.Pop3Nights;

namespace Migrator.Tests.Mail;

/// <summary>The same mail under other unique ids, as after a move to another server: content tells who is who.</summary>
public sealed class Pop3NewIdTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mailbox_with_new_ids_is_not_doubled_in_the_archive()
    {
        await using var nights = await BeginAsync(Letters(1, 5));
        await nights.BackUpAllAsync();
        nights.Server.Mail = [.. Letters(1, 6, form: "moved-")];

        var report = await nights.BackUpAllAsync();
        await nights.BackUpAllAsync();

        Assert.Equal((1, 5), (report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Contains(report.Notices, notice => notice.Contains("5 messages by another unique id"));
        Assert.Equal(Letters(1, 6).Select(mail => mail.Text), (await nights.StoredAsync()).Order());
    }

    [Fact]
    public async Task Twins_stay_two_when_ids_change()
    {
        await using var nights = await BeginAsync(new ScriptedMail("a", Letter(1)), new ScriptedMail("b", Letter(1)));
        await nights.BackUpAllAsync();
        nights.Server.Mail = [new ScriptedMail("c", Letter(1)), new ScriptedMail("d", Letter(1)), new ScriptedMail("e", Letter(1))];

        await nights.BackUpAllAsync();

        Assert.Equal([Letter(1), Letter(1), Letter(1)], await nights.StoredAsync());
    }

    [Fact]
    public async Task What_the_server_no_longer_has_stays_when_ids_change()
    {
        await using var nights = await BeginAsync(Letters(1, 3));
        await nights.BackUpAllAsync();
        nights.Server.Mail = [.. Letters(2, 2, form: "moved-")];

        await nights.BackUpAllAsync();

        Assert.Equal(Letters(1, 3).Select(mail => mail.Text), (await nights.StoredAsync()).Order());
    }

    [Fact]
    public async Task A_server_that_gives_ids_later_doubles_nothing()
    {
        await using var nights = await BeginAsync(Letters(1, 3));
        nights.Server.Answer = command => command == "UIDL" ? "-ERR not now\r\n" : null;
        await nights.BackUpAllAsync();
        nights.Server.Answer = _ => null;

        await nights.BackUpAllAsync();
        await nights.BackUpAllAsync();

        Assert.Equal(3, (await nights.StoredAsync()).Count);
    }

    [Fact]
    public async Task Copied_to_IMAP_new_ids_double_nothing_and_other_mail_under_a_known_id_arrives()
    {
        await using var source = new ScriptedPop3(Letters(1, 4));
        await using var target = new ScriptedImap();
        await using var harness = new Harness(target, target);
        harness.Job = harness.Job with { Source = Address(source) };

        await RunAsync();
        source.Mail = [.. Letters(1, 4, form: "moved-")];
        var moved = await RunAsync();
        source.Mail = [.. source.Mail.Take(3), new ScriptedMail("moved-4", Letter(55))];
        var reused = await RunAsync();

        Assert.Equal((0, 4), (moved.Total.Delivered, moved.Total.AlreadyThere));
        Assert.Equal((1, 3), (reused.Total.Delivered, reused.Total.AlreadyThere));
        Assert.Equal([.. Letters(1, 4).Select(mail => mail.Text), Letter(55)], target.Inbox.Messages.Select(message => System.Text.Encoding.Latin1.GetString(message.Content)));

        async Task<RunReport> RunAsync()
        {
            var report = await harness.RunAsync(Stop, ends: new MailboxEnds(
                async (book, stop) => await new Pop3Connector(harness.Job.Source, DovecotServer.Password, book, TimeProvider.System).OpenSourceAsync(stop),
                new ImapConnector(harness.Job.Target, DovecotServer.Password).OpenTargetAsync));
            Assert.True(report.Outcome == RunOutcome.Complete, $"{report.Outcome}: {report.Stopped?.Detail}");
            return report;
        }
    }
}
