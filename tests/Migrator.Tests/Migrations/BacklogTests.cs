using System.Text;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Migrations;

/// <summary>A source that is faster than the target.</summary>
public sealed class BacklogTests(DovecotFixture servers)
{
    private const int Messages = 6_000;

    // What waits between the two ends, the batch that the target is taking, and the next one.
    private const long Most = 1_000 + (2 * 200) + 2;

    [Fact]
    public async Task However_small_messages_are_few_of_them_wait_for_the_target()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX");
        for (var number = 1; number <= Messages; number++)
            inbox.Add(Encoding.ASCII.GetBytes($"Subject: {number}\r\n\r\nWords.\r\n"), date: DateTimeOffset.UnixEpoch.AddSeconds(number));
        var waiting = 0L;
        var ends = new MailboxEndpoints(
            (_, _) =>
            {
                var session = mailbox.Session();
                session.BeforeMessage = _ =>
                {
                    var folder = harness.Progress.Folders.Single();
                    // In this order: what is delivered meanwhile does not seem to wait.
                    var captured = folder.CapturedMessages;
                    waiting = Math.Max(waiting, captured - folder.Counts.Delivered);
                };
                return Task.FromResult<IMailSource>(session);
            },
            harness.Ends.OpenTarget
        );

        var report = await harness.RunAsync(TestContext.Current.CancellationToken, endpoints: ends);

        Assert.Equal((RunOutcome.Complete, (long)Messages), (report.Outcome, report.Total.Delivered));
        Assert.InRange(waiting, 1, Most);
    }
}
