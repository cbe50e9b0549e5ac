using Migrator.Core.Reports;
using Xunit;
using static Migrator.Tests.Mail.Pop3Nights;

namespace Migrator.Tests.Mail;

/// <summary>Listings that are refused, break off, or leave messages out: what is not listed must not be taken for deleted.</summary>
public sealed class Pop3ListingTests
{
    private static readonly string s_two = $"+OK\r\n1 {Letter(1).Length}\r\n2 {Letter(2).Length}\r\n";

    [Theory]
    [InlineData("UIDL", "-ERR [SYS/TEMP] not now\r\n")]
    [InlineData("UIDL", "-ERR not now\r\n")]
    [InlineData("UIDL", "+OK\r\n1 id-1\r\n.\r\n")]
    [InlineData("UIDL", "+OK\r\n1 id-1\r\n-ERR something broke\r\n")]
    [InlineData("UIDL", "+OK\r\n1 id-1\r\n2 id")]
    [InlineData("UIDL", "")]
    [InlineData("LIST", "-ERR not now\r\n")]
    [InlineData("LIST", "")]
    [InlineData("STAT", "")]
    public async Task A_listing_that_fails_once_is_asked_for_again(string command, string answer)
    {
        await using var nights = await BeginAsync(Letters(1, 3));
        await nights.BackUpAllAsync();
        var times = 0;
        nights.Server.Answer = asked => asked == command && times++ == 0 ? answer : null;

        await nights.BackUpAllAsync();

        Assert.True(times > 1);
        Assert.Equal(0, nights.Server.Count("RETR"));
        Assert.Equal(3, (await nights.StoredAsync()).Count);
    }

    [Fact]
    public async Task A_server_that_keeps_refusing_UIDL_where_it_had_it_before_fails()
    {
        await using var nights = await BeginAsync(Letters(1, 3));
        await nights.BackUpAllAsync();
        nights.Server.Answer = command => command == "UIDL" ? "-ERR not now\r\n" : null;

        var report = await nights.BackUpAsync();

        Assert.Equal((RunOutcome.Partial, "temporary-failure"), (report.Outcome, report.Folders.Single().Failure?.Code));
        Assert.Equal(3, (await nights.StoredAsync()).Count);
    }

    [Fact]
    public async Task What_LIST_leaves_out_is_asked_for_by_number()
    {
        await using var nights = await BeginAsync(Letters(1, 5));
        nights.Server.Answer = command =>
            command switch
            {
                "LIST" => s_two + ".\r\n",
                "UIDL" => "+OK\r\n1 id-1\r\n2 id-2\r\n3 id-3\r\n.\r\n",
                _ => null,
            };

        await nights.BackUpAllAsync();

        Assert.Equal(Letters(1, 5).Select(mail => mail.Text), (await nights.StoredAsync()).Order());
    }

    [Fact]
    public async Task A_server_that_lists_all_whatever_number_is_asked_for_costs_nothing()
    {
        await using var nights = await BeginAsync(Letters(1, 3));
        var asked = 0;
        nights.Server.Answer = command =>
            command switch
            {
                "LIST" => s_two + ".\r\n",
                "LIST 3" when ++asked > 0 => $"{s_two}3 {Letter(3).Length}\r\n.\r\n",
                _ => null,
            };

        await nights.BackUpAllAsync();

        Assert.Equal(Letters(1, 3).Select(mail => mail.Text), await nights.StoredAsync());
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_message_that_the_server_counts_and_does_not_give_out_fails()
    {
        await using var nights = await BeginAsync(Letters(1, 3));
        nights.Server.Answer = command =>
            command switch
            {
                "LIST" => s_two + ".\r\n",
                "UIDL" => "+OK\r\n1 id-1\r\n2 id-2\r\n.\r\n",
                "LIST 3" or "RETR 3" => "-ERR no\r\n",
                _ => null,
            };

        var report = await nights.BackUpAsync();

        Assert.Equal((RunOutcome.Partial, 2, 1), (report.Outcome, report.Total.Delivered, report.Total.Failed));
        Assert.Contains("fetching message 3", report.Failures.Single().Failure.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_counts_far_more_than_it_lists_fails()
    {
        await using var nights = await BeginAsync(Letters(1, 3));
        nights.Server.Answer = command => command == "STAT" ? "+OK 2000000000 1\r\n" : null;

        var report = await nights.BackUpAsync();

        Assert.Equal((RunOutcome.Partial, "listing-incomplete"), (report.Outcome, report.Folders.Single().Failure?.Code));
    }

    [Fact]
    public async Task A_message_that_is_listed_twice_is_one()
    {
        await using var nights = await BeginAsync(Letters(1, 2));
        nights.Server.Answer = command =>
            command switch
            {
                "LIST" => s_two + s_two[5..] + ".\r\n",
                "UIDL" => "+OK\r\n1 id-1\r\n2 id-2\r\n1 id-1\r\n.\r\n",
                "STAT" => "-ERR what\r\n",
                _ => null,
            };

        await nights.BackUpAllAsync();

        Assert.Equal(Letters(1, 2).Select(mail => mail.Text), await nights.StoredAsync());
    }
}
