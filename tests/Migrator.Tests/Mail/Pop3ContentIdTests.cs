using Migrator.Core.Reports;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Mail.Pop3Nights;

namespace Migrator.Tests.Mail;

/// <summary>A POP3 server without UIDL: messages are known by their content.</summary>
public sealed class Pop3ContentIdTests
{
    [Fact]
    public async Task A_message_that_came_with_other_bytes_than_it_is_known_by_is_fetched_again()
    {
        await using var nights = await BeginAsync(Letters(1, 3));
        nights.Server.Capabilities = "USER,TOP";
        // Read once to be known, and once more to be stored.
        nights.Server.Content = mail => nights.Server.Count("RETR") > 3 ? mail.Text + "one more\r\n" : mail.Text;
        await nights.BackUpAllAsync(deleteAfterDays: 0);
        nights.Server.Content = mail => mail.Text;

        var report = await nights.BackUpAllAsync(deleteAfterDays: 0);

        Assert.Equal((3, 3), (report.Total.Delivered, report.RemovedAtSource));
        Assert.Superset(Letters(1, 3).Select(mail => mail.Text).ToHashSet(), (await nights.StoredAsync()).ToHashSet());
        Assert.Empty(nights.Server.Mail);
    }

    [Theory]
    [InlineData("USER,TOP", 1)]
    [InlineData("USER,TOP,UIDL", 0)]
    public async Task Of_two_copies_the_one_that_is_left_is_not_taken_for_the_one_that_was_stored_and_deleted(
        string capabilities,
        int readToBeKnown
    )
    {
        await using var nights = await BeginAsync(TwoCopies);
        nights.Server.Capabilities = capabilities;
        // Refused when it is to be stored.
        nights.Server.Answer = command =>
            command == "RETR 2" && nights.Server.Commands.Count(said => said == command) > readToBeKnown ? "-ERR damaged\r\n" : null;
        var first = await nights.BackUpAsync(deleteAfterDays: 0);
        nights.Server.Answer = _ => null;
        Assert.Equal((RunOutcome.Partial, 1, 1), (first.Outcome, first.RemovedAtSource, nights.Server.Mail.Count));

        var second = await nights.BackUpAllAsync(deleteAfterDays: 0);

        Assert.Equal(1, second.Total.Delivered);
        Assert.Equal([Letter(1), Letter(1)], await nights.StoredAsync());
        Assert.Empty(nights.Server.Mail);
    }

    [Fact]
    public async Task What_was_to_be_deleted_and_is_still_listed_is_not_fetched_again()
    {
        await using var nights = await BeginAsync(TwoCopies);
        nights.Server.Capabilities = "USER,TOP";
        nights.Server.Answer = command => command == "QUIT" ? "-ERR some messages not removed\r\n" : null;
        await nights.BackUpAsync(deleteAfterDays: 0);
        Assert.Equal(2, nights.Server.Mail.Count);
        nights.Server.Answer = _ => null;

        var report = await nights.BackUpAllAsync(deleteAfterDays: 0);

        Assert.Equal((0, 2), (report.Total.Delivered, report.RemovedAtSource));
        Assert.Equal([Letter(1), Letter(1)], await nights.StoredAsync());
    }

    private static ScriptedMail[] TwoCopies => [new ScriptedMail("a", Letter(1)), new ScriptedMail("b", Letter(1))];
}
