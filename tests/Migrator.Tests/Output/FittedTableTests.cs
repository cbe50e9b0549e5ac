using Migrator.App.Formatting;
using Migrator.Cli.Output;
using Migrator.Core.JobRuns;
using Migrator.Core.Reports;
using Migrator.Tests.Reports;
using Xunit;

namespace Migrator.Tests.Output;

/// <summary>The tables of <c>jobs list</c> and <c>status</c> at the widths of a phone's, an old and a wide terminal.</summary>
public sealed class FittedTableTests
{
    private static readonly TimeZoneInfo s_zone = TimeZoneInfo.CreateCustomTimeZone("Test/One", TimeSpan.FromHours(1), null, null);

    [Fact]
    public void What_cannot_be_narrower_is_cut_at_the_end_of_the_line() =>
        Assert.Equal(
            ["Mailbox     Cli…", "ann@exampl  0c6…", "bob         0c6…"],
            FittedTable.Lines(
                [new("Mailbox"), new("Client")],
                [
                    ["ann@exampl", "0c6c6f0e-8d5d"],
                    ["bob", "0c6c6f0e-8d5d"],
                ],
                16
            )
        );

    [Theory]
    [InlineData(
        60,
        """
            Job             Mailboxes  State            Next start
            nightly-backu…          3  paused in the…   2026-03-05 02:00
            """
    )]
    public void Cells_are_cut_before_the_line_is(int width, string expected) =>
        Assert.Equal(
            expected,
            Text(
                FittedTable.Lines(
                    [
                        new("Job", Least: 12, IsSentence: true),
                        new("Mailboxes", Right: true),
                        new("State", Least: 10, IsSentence: true),
                        new("Next start"),
                    ],
                    [
                        ["nightly-backup-of-everybody-in-the-house", "3", "paused in the middle of the night", "2026-03-05 02:00"],
                    ],
                    width
                )
            )
        );

    [Theory]
    [InlineData(
        60,
        """
            Job      Mailboxes  State                   Next start
            migrate      1,200  8 running, 2 failed,…   manual
            nightly         65  complete                2026-03-05 02:00
            old              1  never ran               paused
            """
    )]
    [InlineData(
        80,
        """
            Job      Kind     Mailboxes  State                            Next start
            migrate  migrate      1,200  8 running, 2 failed, 12 waiting  manual
            nightly  backup          65  complete                         2026-03-05 02:00
            old      migrate          1  never ran                        paused
            """
    )]
    [InlineData(
        140,
        """
            Job      Kind     Mailboxes  State                            Next start
            migrate  migrate      1,200  8 running, 2 failed, 12 waiting  manual
            nightly  backup          65  complete                         2026-03-05 02:00
            old      migrate          1  never ran                        paused
            """
    )]
    public void Jobs(int width, string expected)
    {
        JobRow[] rows =
        [
            new(
                "migrate",
                "migrate",
                1200,
                false,
                null,
                States(
                    (MailboxRunState.Waiting, 12),
                    (MailboxRunState.Running, 8),
                    (MailboxRunState.Complete, 1178),
                    (MailboxRunState.Failed, 2)
                )
            ),
            new("nightly", "backup", 65, false, Samples.Start.AddDays(1).Date.AddHours(1), States((MailboxRunState.Complete, 65))),
            new("old", "migrate", 1, true, Samples.Start, States()),
        ];
        Assert.Equal(expected, Text(FittedTable.Lines(JobTable.Columns, [.. rows.Select(row => JobTable.Cells(row, s_zone))], width)));
    }

    [Theory]
    [InlineData(
        60,
        """
            Mailbox             State                   Messages  Failed
            ann@example.org     incomplete                 49/81      32
            bob@example.org     running, 1 min 15…   1,204/3,000
            purcha…example.org  waiting until 14:2…        10/10
            zoe                 never ran
            """
    )]
    [InlineData(
        80,
        """
            Mailbox          State                Messages  Stored  Failed  Last success
            ann@example.org  incomplete              49/81       9      32  2026-03-04 14:22
            bob@example.org  running, 1 min…   1,204/3,000       0          never
            purch…ample.org  waiting until 1…        10/10      10          2026-03-04 14:22
            zoe              never ran                                      never
            """
    )]
    [InlineData(
        140,
        """
            Mailbox                 State                                  Messages  Stored  Failed  Last success
            ann@example.org         incomplete                                49/81       9      32  2026-03-04 14:22
            bob@example.org         running, 1 min 15 s left            1,204/3,000       0          never
            purchasing@example.org  waiting until 14:24:10 (attempt 3)        10/10      10          2026-03-04 14:22
            zoe                     never ran                                                        never
            """
    )]
    public void Mailboxes(int width, string expected)
    {
        var table = new StatusTable(Operation.Backup, Samples.Start, s_zone);
        var one = new MailboxStatus(
            "nightly",
            "ann@example.org",
            "imap://ann@old.example",
            "/archive#imap://ann@old.example",
            1,
            1,
            MailboxRunState.Partial,
            1,
            Samples.Start,
            Samples.Start,
            Samples.Start,
            Samples.Start,
            null,
            null,
            null,
            new(81, 9, 40, 0, 0, 32, 0, 1000),
            null,
            Samples.Start,
            true
        );
        MailboxStatus[] rows =
        [
            one,
            one with
            {
                Mailbox = "bob@example.org",
                State = MailboxRunState.Running,
                Progress = new("Copying", 1204, 3000, 0, 0, 40, 0, 75),
                Counts = default,
                LastSuccess = null,
            },
            one with
            {
                Mailbox = "purchasing@example.org",
                State = MailboxRunState.Waiting,
                NotBefore = Samples.Start.AddMinutes(2),
                Attempt = 2,
                Counts = new(10, 10, 0, 0, 0, 0, 0, 0),
            },
        ];
        var lines = FittedTable.Lines(table.Columns, [.. rows.Select(row => table.Cells(row, "")), StatusTable.NeverRan("zoe", "")], width);
        Assert.Equal(expected, Text(lines));
        Assert.All(lines, line => Assert.InRange(TextSanitizer.Width(line), 1, width));
    }

    private static Dictionary<MailboxRunState, int> States(params (MailboxRunState State, int Count)[] states) =>
        states.ToDictionary(state => state.State, state => state.Count);

    private static string Text(IEnumerable<string> lines) => string.Join('\n', lines);
}
