using Migrator.App.Formatting;
using Migrator.Cli.Output;
using Migrator.Core.Reports;
using Migrator.Tests.Reports;
using Xunit;

namespace Migrator.Tests.Output;

/// <summary>The one table that a command for many mailboxes ends in.</summary>
public sealed class JobSummaryTests
{
    [Theory]
    [InlineData(
        60,
        """
            Mailbox                  Result      Why
            bob@example.org          failed      authentication-failed:…
            carl                     failed      authentication-failed:…
            dora                     incomplete  over-quota: 32 message…
            ann@example.org          OK
            erin.wi…ary.example.org  OK

            Next steps (2)
              authentication-failed (bob@example.org, carl): Check the
              password.
              over-quota (dora): Raise its quota or make room, then run
              again.

            2 of 5 mailboxes OK. 2 failed: bob@example.org, carl. 1
            incomplete: dora.
            Fix the causes, then run the job again with --failed.
            1,366 found = 134 copied + 1,200 already there + 32 failed
            Took 3 min 20 s: 134 messages, 140 KiB; 0.7/s, 715 B/s.
            Report: /r/index.html
                    /r/index.json
            """
    )]
    [InlineData(
        80,
        """
            Mailbox                 Result         Messages  Copied  Why
            bob@example.org         failed                           authentication-failed:…
            carl                    failed                           authentication-failed:…
            dora                    incomplete        49/81      49  over-quota: 32 message…
            ann@example.org         OK                81/81      81
            erin.wi…ry.example.org  OK          1,204/1,204       4

            Next steps (2)
              authentication-failed (bob@example.org, carl): Check the password.
              over-quota (dora): Raise its quota or make room, then run again.

            2 of 5 mailboxes OK. 2 failed: bob@example.org, carl. 1 incomplete: dora.
            Fix the causes, then run the job again with --failed.
            1,366 found = 134 copied + 1,200 already there + 32 failed
            Took 3 min 20 s: 134 messages, 140 KiB; 0.7/s, 715 B/s.
            Report: /r/index.html
                    /r/index.json
            """
    )]
    [InlineData(
        140,
        """
            Mailbox                                       Result         Messages  Copied  Why
            bob@example.org                               failed                           authentication-failed: old.example: NO [AUTHENTICATIONFAILED…
            carl                                          failed                           authentication-failed: old.example: NO [AUTHENTICATIONFAILED…
            dora                                          incomplete        49/81      49  over-quota: 32 messages, such as: new.example: NO [OVERQUOTA…
            ann@example.org                               OK                81/81      81
            erin.with-a-long-name@subsidiary.example.org  OK          1,204/1,204       4

            Next steps (2)
              authentication-failed (bob@example.org, carl): Check the password.
              over-quota (dora): Raise its quota or make room, then run again.

            2 of 5 mailboxes OK. 2 failed: bob@example.org, carl. 1 incomplete: dora.
            Fix the causes, then run the job again with --failed.
            1,366 found = 134 copied + 1,200 already there + 32 failed
            Took 3 min 20 s: 134 messages, 140 KiB; 0.7/s, 715 B/s.
            Report: /r/index.html
                    /r/index.json
            """
    )]
    public void A_line_each_failures_first(int width, string expected) => Assert.Equal(expected, Text(Samples.Job(), width));

    [Fact]
    public void A_backup_is_stored_and_nothing_is_said_that_is_zero()
    {
        var text = Text(
            Samples.Job() with
            {
                Operation = Operation.Backup,
                Mailboxes = [new("ann", MailboxOutcome.Ok, 0) { Counts = new(80, 80, 0, 0, 0, 0, 0, 1000) }],
            },
            80
        );
        Assert.Contains("80 found = 80 stored\n", text);
        Assert.Contains("1 of 1 mailbox OK.\n", text);
        Assert.DoesNotContain(" 0 ", text);
    }

    [Fact]
    public void What_was_not_reached_is_no_failure()
    {
        var job = Samples.Job();
        var text = Text(
            job with
            {
                IsInterrupted = true,
                Mailboxes =
                [
                    .. job.Mailboxes.Where(mailbox => mailbox.Outcome == MailboxOutcome.Ok),
                    new("zoe", MailboxOutcome.Unfinished, 130),
                ],
            },
            80
        );
        Assert.Contains("Interrupted: 2 of 3 mailboxes OK. 1 not finished: zoe.\nRun the same command again to resume.\n", text);
    }

    private static string Text(JobReport report, int width)
    {
        var output = new StringWriter { NewLine = "\n" };
        var console = Cli.Output.Terminal.Plain(output);
        console.Profile.Width = width;
        JobSummary.Write(console, report, new ReportPaths("/r/index.json", "/r/index.html"));
        return string.Join('\n', output.ToString().Split('\n').Select(line => line.TrimEnd())).TrimEnd('\n');
    }
}
