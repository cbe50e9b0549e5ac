using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Mail.Pop3Nights;

namespace Migrator.Tests.Mail;

/// <summary>RFC 1939, section 7: a server may give a unique id again once its message is gone. Some do, and some number from 1
/// again.</summary>
public sealed class Pop3ReusedIdTests
{
    [Fact]
    public async Task Other_mail_under_a_known_id_is_fetched_when_its_size_differs()
    {
        await using var nights = await BeginAsync(new ScriptedMail("a", Letter(1)), new ScriptedMail("b", Letter(2)));
        await nights.BackUpAllAsync();
        nights.Server.Mail = [new ScriptedMail("a", Letter(333)), nights.Server.Mail[1]];

        await nights.BackUpAllAsync();

        Assert.Equal([Letter(1), Letter(2), Letter(333)], (await nights.StoredAsync()).Order());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    public async Task Other_mail_of_the_same_size_under_the_id_of_a_message_that_was_gone_is_fetched(int? deleteAfterDays)
    {
        await using var nights = await BeginAsync(Letters(1, 2));
        await nights.BackUpAllAsync(deleteAfterDays);
        if (deleteAfterDays is null)
        {
            nights.Server.Mail = [];
            await nights.BackUpAllAsync();
        }
        Assert.Empty(nights.Server.Mail);
        nights.Server.Mail = [new ScriptedMail("id-1", Letter(8)), new ScriptedMail("id-2", Letter(9))];

        await nights.BackUpAllAsync(deleteAfterDays);
        await nights.BackUpAllAsync(deleteAfterDays);

        Assert.Equal([Letter(1), Letter(2), Letter(8), Letter(9)], (await nights.StoredAsync()).Order());
    }

    [Fact]
    public async Task One_id_that_was_given_again_makes_all_ids_doubtful()
    {
        await using var nights = await BeginAsync([.. Letters(1, 4), new ScriptedMail("id-5", Letter(555))]);
        await nights.BackUpAllAsync();
        // Numbered again: of four messages, the size is that of the message before.
        nights.Server.Mail =
        [
            .. Letters(6, 4).Select((mail, index) => mail with { Uidl = $"id-{index + 1}" }),
            new ScriptedMail("id-5", Letter(77777)),
        ];

        await nights.BackUpAllAsync();

        Assert.Equal(10, (await nights.StoredAsync()).Distinct().Count());
    }

    [Fact]
    public async Task Ids_that_are_only_the_numbers_of_the_listing_name_no_message()
    {
        await using var nights = await BeginAsync(new ScriptedMail("1", Letter(1)), new ScriptedMail("2", Letter(2)));
        await nights.BackUpAllAsync();
        nights.Server.Mail = [new ScriptedMail("1", Letter(2)), new ScriptedMail("2", Letter(3))];

        await nights.BackUpAllAsync();
        await nights.BackUpAllAsync();

        Assert.Equal([Letter(1), Letter(2), Letter(3)], (await nights.StoredAsync()).Order());
    }

    [Fact]
    public async Task A_message_that_was_hidden_for_a_night_stays_one()
    {
        var mail = Letters(1, 3);
        await using var nights = await BeginAsync(mail);
        await nights.BackUpAllAsync();
        nights.Server.Mail = mail[..2];
        await nights.BackUpAllAsync();
        nights.Server.Mail = mail;

        await nights.BackUpAllAsync();
        Assert.Equal(1, nights.Server.Count("RETR"));
        await nights.BackUpAllAsync();

        // Compared once, it is trusted again.
        Assert.Equal(0, nights.Server.Count("RETR"));
        Assert.Equal(mail.Select(one => one.Text), await nights.StoredAsync());
    }

    [Fact]
    public async Task A_size_that_changes_alone_makes_no_new_message()
    {
        await using var nights = await BeginAsync([.. Letters(1, 3).Select(mail => mail with { Size = 400 })]);
        await nights.BackUpAllAsync();
        // Some servers estimate until a message was read once.
        nights.Server.Mail = Letters(1, 3);

        var report = await nights.BackUpAllAsync();
        await nights.BackUpAllAsync();

        Assert.Equal((0, 3), (report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal(0, nights.Server.Count("RETR"));
        Assert.Equal(3, (await nights.StoredAsync()).Count);
    }

    [Fact]
    public async Task A_known_mailbox_is_not_read_again()
    {
        await using var nights = await BeginAsync(Letters(1, 5));
        await nights.BackUpAllAsync();

        await nights.BackUpAllAsync();

        Assert.Equal(0, nights.Server.Count("RETR"));
    }
}
