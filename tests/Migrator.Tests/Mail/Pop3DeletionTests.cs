using Migrator.Core.Reports;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Mail.Pop3Nights;

namespace Migrator.Tests.Mail;

/// <summary>Deletion at the source, whatever happens around it: what is gone there is in the archive, and what is listed there afterwards
/// is examined.</summary>
public sealed class Pop3DeletionTests
{
    [Fact]
    public async Task The_report_counts_what_was_deleted()
    {
        await using var nights = await BeginAsync(Letters(1, 3));

        Assert.Equal(0, (await nights.BackUpAllAsync()).RemovedAtSource);
        var report = await nights.BackUpAllAsync(deleteAfterDays: 0);
        Assert.Equal((3, false), (report.RemovedAtSource, report.RemovalUnconfirmed));
        Assert.Equal(0, (await nights.BackUpAllAsync(deleteAfterDays: 0)).RemovedAtSource);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_an_answer_to_QUIT_that_was_lost_other_mail_under_the_same_ids_is_fetched(bool deleted)
    {
        await using var nights = await BeginAsync(Letters(1, 3));
        var asked = false;
        nights.Server.Answer = command =>
        {
            asked |= command.StartsWith("DELE", StringComparison.Ordinal);
            return asked && command == "QUIT" ? "" : null;
        };
        var lost = await nights.BackUpAllAsync(deleteAfterDays: 0);
        nights.Server.Answer = _ => null;
        if (deleted)
            nights.Server.Mail = [.. Letters(4, 2).Select((mail, index) => mail with { Uidl = $"id-{index + 1}" })];

        var next = await nights.BackUpAllAsync(deleteAfterDays: 0);

        Assert.Equal((0, true), (lost.RemovedAtSource, lost.RemovalUnconfirmed));
        Assert.Equal(deleted ? 2 : 3, next.RemovedAtSource);
        Assert.Equal(Letters(1, deleted ? 5 : 3).Select(mail => mail.Text), (await nights.StoredAsync()).Order());
        Assert.Empty(nights.Server.Mail);
    }

    [Fact]
    public async Task A_refused_deletion_is_tried_again_by_the_next_run_and_moves_no_date()
    {
        await using var nights = await BeginAsync(Letters(1, 2));
        await nights.BackUpAllAsync();
        nights.Server.Answer = command => command == "DELE 2" ? "-ERR no\r\n" : null;
        var refused = await nights.BackUpAllAsync(deleteAfterDays: 1);
        nights.Server.Answer = _ => null;

        var next = await nights.BackUpAllAsync(deleteAfterDays: 2);

        Assert.Equal((0, 2), (refused.RemovedAtSource, next.RemovedAtSource));
        Assert.Empty(nights.Server.Mail);
        Assert.Equal(2, (await nights.StoredAsync()).Count);
    }

    [Fact]
    public async Task A_session_for_deleting_that_cannot_be_opened_does_not_end_the_run()
    {
        await using var nights = await BeginAsync(Letters(1, 2));
        var logins = 0;
        nights.Server.Answer = command =>
            command.StartsWith("PASS", StringComparison.Ordinal) && ++logins == 2 ? "-ERR [IN-USE] locked\r\n" : null;

        var report = await nights.BackUpAllAsync(deleteAfterDays: 0);

        Assert.Contains(report.Notices, notice => notice.StartsWith("Nothing was deleted at the source", StringComparison.Ordinal));
        Assert.Equal(2, nights.Server.Mail.Count);
    }

    [Fact]
    public async Task Other_mail_that_is_noticed_only_before_deleting_makes_the_run_incomplete_and_is_fetched_next()
    {
        await using var nights = await BeginAsync(Letters(1, 2));
        await nights.BackUpAllAsync();
        // Never seen gone, and of the same size.
        nights.Server.Mail = [nights.Server.Mail[0], new ScriptedMail("id-2", Letter(9))];

        var noticed = await nights.BackUpAsync(deleteAfterDays: 0);
        await nights.BackUpAllAsync(deleteAfterDays: 0);

        Assert.Equal((RunOutcome.Partial, 1, 1), (noticed.Outcome, noticed.RemovedAtSource, noticed.ReplacedAtSource));
        Assert.Equal([Letter(1), Letter(2), Letter(9)], (await nights.StoredAsync()).Order());
        Assert.Empty(nights.Server.Mail);
    }

    [Fact]
    public async Task Ids_that_change_during_the_run_make_it_incomplete()
    {
        await using var nights = await BeginAsync(Letters(1, 4));
        var retrieved = 0;
        nights.Server.Capabilities = "USER,UIDL,TOP";
        nights.Server.Answer = command =>
        {
            if (!command.StartsWith("RETR", StringComparison.Ordinal) || ++retrieved != 3)
                return null;
            nights.Server.Mail = [.. Letters(1, 4, form: "moved-")];
            return "";
        };

        var report = await nights.BackUpAsync();
        await nights.BackUpAllAsync();

        Assert.Equal(RunOutcome.Partial, report.Outcome);
        Assert.Equal(Letters(1, 4).Select(mail => mail.Text), (await nights.StoredAsync()).Order());
    }

    [Fact]
    public async Task Only_what_is_due_and_listed_is_read_back()
    {
        await using var nights = await BeginAsync(Letters(1, 30));
        await nights.BackUpAllAsync(deleteAfterDays: 0);
        nights.Damage();
        nights.Server.Mail = Letters(31, 1);

        var report = await nights.BackUpAllAsync(deleteAfterDays: 0);

        Assert.Equal(1, report.RemovedAtSource);
        Assert.DoesNotContain(report.Notices, notice => notice.Contains("stays on the server"));
    }

    [Theory]
    [InlineData(true, "\\Seen ")]
    [InlineData(false, "")]
    public async Task New_messages_are_marked_as_the_job_says_and_known_ones_keep_their_mark(bool read, string mark)
    {
        await using var nights = await BeginAsync(Letters(1, 1));
        nights.MarkAsRead = read;
        await nights.BackUpAllAsync();
        nights.MarkAsRead = !read;
        nights.Server.Mail = Letters(1, 2);

        await nights.BackUpAllAsync();

        Assert.Equal([mark + Letter(1), (read ? "" : "\\Seen ") + Letter(2)], await nights.StoredAsync());
    }
}
