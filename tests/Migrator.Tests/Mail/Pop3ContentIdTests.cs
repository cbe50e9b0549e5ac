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
}
