using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Mail.Pop3Nights;

namespace Migrator.Tests.Mail;

/// <summary>The same mail under other unique ids, as after a move to another server: content tells who is who.</summary>
public sealed class Pop3NewIdTests
{
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
}
