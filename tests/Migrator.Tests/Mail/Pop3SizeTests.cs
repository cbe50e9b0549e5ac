using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Mail.Pop3Nights;

namespace Migrator.Tests.Mail;

/// <summary>Messages that have not the size that LIST says: cut short, or on a server that only estimates.</summary>
public sealed class Pop3SizeTests
{
    [Theory]
    [InlineData("USER UIDL TOP PIPELINING")]
    [InlineData("USER UIDL TOP")]
    public async Task A_message_cut_at_the_same_place_each_time_fails_and_is_never_deleted(string capabilities)
    {
        await using var nights = await BeginAsync(Letters(1, 4));
        nights.Server.Capabilities = capabilities;
        nights.Server.Content = mail => mail.Uidl == "id-3" ? mail.Text[..60] : mail.Text;

        var report = await nights.BackUpAsync(deleteAfterDays: 0);

        Assert.Equal((RunOutcome.Partial, 3, 1), (report.Outcome, report.Total.Delivered, report.Total.Failed));
        Assert.Contains("cut short", Assert.Single(report.Failures).Failure.Detail);
        Assert.Equal(["id-3"], nights.Server.Mail.Select(mail => mail.Uidl));
        Assert.Equal([Letter(1), Letter(2), Letter(4)], await nights.StoredAsync());
    }

    [Fact]
    public async Task The_only_message_is_not_taken_for_whole_when_it_is_short()
    {
        await using var nights = await BeginAsync(Letters(1, 1));
        nights.Server.Content = mail => mail.Text[..60];

        var report = await nights.BackUpAsync(deleteAfterDays: 0);

        Assert.Equal((RunOutcome.Partial, 1), (report.Outcome, report.Total.Failed));
        Assert.Single(nights.Server.Mail);
    }

    [Fact]
    public async Task A_message_that_was_cut_once_is_read_again()
    {
        await using var nights = await BeginAsync(Letters(1, 3));
        var cuts = 0;
        nights.Server.Content = mail => mail.Uidl == "id-2" && cuts++ == 0 ? mail.Text[..60] : mail.Text;

        await nights.BackUpAllAsync(deleteAfterDays: 0);

        Assert.Equal(Letters(1, 3).Select(mail => mail.Text), await nights.StoredAsync());
        Assert.Empty(nights.Server.Mail);
    }

    [Fact]
    public async Task A_server_that_estimates_all_sizes_is_read_and_nothing_is_deleted_there()
    {
        await using var nights = await BeginAsync([
            .. Letters(1, 4).Select((mail, index) => mail with { Size = mail.Text.Length + 11 + (index * 3) }),
        ]);

        var report = await nights.BackUpAllAsync(deleteAfterDays: 0);

        Assert.Equal(Letters(1, 4).Select(mail => mail.Text), await nights.StoredAsync());
        Assert.Equal(4, nights.Server.Mail.Count);
        Assert.Equal(0, nights.Server.Count("DELE"));
        Assert.Contains(report.Notices, notice => notice.Contains("only estimates sizes. 4 messages"));
        Assert.Contains(report.Notices, notice => notice.Contains("4 messages stay on the server"));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task On_a_server_that_is_always_as_far_off_a_cut_message_stands_out(int off)
    {
        await using var nights = await BeginAsync([
            .. Letters(1, 4).Select(mail => mail with { Text = mail.Text + new string('x', 2000), Size = mail.Text.Length + 2000 + off }),
        ]);
        nights.Server.Content = mail => mail.Uidl == "id-2" ? mail.Text[..^50] : mail.Text;

        var report = await nights.BackUpAsync(deleteAfterDays: 0);

        Assert.Equal((RunOutcome.Partial, 3, 1), (report.Outcome, report.Total.Delivered, report.Total.Failed));
        Assert.Equal(4, nights.Server.Mail.Count);
    }

    [Fact]
    public async Task Sizes_that_count_one_byte_for_a_line_end_are_exact()
    {
        await using var nights = await BeginAsync([
            .. Letters(1, 3).Select(mail => mail with { Size = mail.Text.Replace("\r\n", "\n").Length }),
        ]);

        var report = await nights.BackUpAllAsync(deleteAfterDays: 0);

        Assert.Equal(Letters(1, 3).Select(mail => mail.Text), await nights.StoredAsync());
        Assert.Equal((3, 0), (report.RemovedAtSource, nights.Server.Mail.Count));
        Assert.DoesNotContain(report.Notices, notice => notice.Contains("estimates"));
    }

    [Fact]
    public async Task A_message_whose_size_is_not_listed_is_fetched_and_stays_on_the_server()
    {
        await using var nights = await BeginAsync(Letters(1, 3));
        nights.Server.Answer = command =>
            command switch
            {
                "LIST" => $"+OK\r\n1 {Letter(1).Length}\r\n2\r\n3 {Letter(3).Length}\r\n.\r\n",
                "LIST 2" => "-ERR no\r\n",
                _ => null,
            };

        await nights.BackUpAllAsync(deleteAfterDays: 0);

        Assert.Equal(Letters(1, 3).Select(mail => mail.Text), await nights.StoredAsync());
        Assert.Equal(["id-2"], nights.Server.Mail.Select(mail => mail.Uidl));
    }

    [Fact]
    public async Task A_session_that_reads_a_message_whole_says_so()
    {
        await using var server = new ScriptedPop3(Letters(1, 2));
        server.Mail = [server.Mail[0], server.Mail[1] with { Size = 90 }];
        await using var session = await new Migrator.Mail.Pop3.Pop3Connector(
            Address(server),
            DovecotServer.Password,
            NullUidMap.Instance,
            TimeProvider.System
        ).OpenSourceAsync(TestContext.Current.CancellationToken);
        await session.OpenAsync(FolderPath.Inbox, TestContext.Current.CancellationToken);
        Assert.False(session.SizeFits(1));

        await session.FetchAsync([1, 2], new ReceivedMail(), TestContext.Current.CancellationToken);

        Assert.Equal((true, false), (session.SizeFits(1), session.SizeFits(2)));
    }
}
