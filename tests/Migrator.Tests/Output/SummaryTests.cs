using Migrator.App.Formatting;
using Migrator.App.Reports;
using Migrator.Cli.Output;
using Migrator.Core.Reports;
using Migrator.Tests.Reports;
using Xunit;

namespace Migrator.Tests.Output;

public sealed class SummaryTests
{
    [Fact]
    public void A_run_says_where_every_message_went()
    {
        var run = Samples.Run();
        var text = Text(console => RunSummary.Write(console, run, new ReportPaths("/r/a.json", "/r/a.html")));
        Assert.Contains(
            "1,725 found = 1,440 copied + 120 already there + 16 vanished + 37 skipped by rule + 48 failed + 64 not reached\n",
            text
        );
        Assert.Contains("Not complete: 48 messages failed, 1 folder failed", text);
        Assert.Contains("  [bold red]x[\\/]  UID 3  1.2 KiB  [bold red]x[/]\n", text);
        Assert.Contains("Took 3 min 20 s: 1,440 messages, 1.4 MiB; 7.2/s, 7.0 KiB/s.\n", text);
        Assert.Equal(2, text.Split("Look at the detail.").Length);
        Assert.EndsWith("Report: /r/a.html\n        /r/a.json\n", text);
        Assert.DoesNotMatch("[\\u0000-\\u0009\\u000b-\\u001f\\u202e]", text);
    }

    [Fact]
    public void What_is_counted_and_not_listed_is_said()
    {
        var run = Samples.Run() with
        {
            DifferenceCounts = new Dictionary<DifferenceKind, long> { [DifferenceKind.Flags] = 12_345, [DifferenceKind.Content] = 3 },
        };

        var text = Text(console => RunSummary.Write(console, run, null));

        Assert.Contains($"Messages with other flags (12,345)", text);
        Assert.Contains("3 messages altered by the target", text);
        Assert.Contains($"<p>{run.Differences.Count} of them are listed; all are counted.</p>", new ReportPage(TimeZoneInfo.Utc).Of(run));
    }

    [Fact]
    public void Long_lists_are_cut_and_say_so()
    {
        var run = Samples.Run();
        var text = Text(console =>
            RunSummary.Write(
                console,
                run with
                {
                    Folders =
                    [
                        .. Enumerable
                            .Range(0, 60)
                            .Select(i => new FolderReport(
                                Samples.Folder($"F{i}"),
                                Samples.Folder($"F{i}"),
                                new(10, i == 7 ? 9 : 10, 0, 0, 0, i == 7 ? 1 : 0, 0, 1),
                                null
                            )),
                    ],
                    Failures = [.. Enumerable.Repeat(run.Failures[0], 25)],
                },
                null
            )
        );
        Assert.Contains("… and 5 more in the report", text);
        Assert.Contains(" F7 ", text);
        Assert.DoesNotContain(" F8 ", text);
        Assert.Matches("59 other folders +590 +590 +0 *\n", text);
        Assert.Matches("Total +600 +599 +1 *\n", text);
    }

    [Fact]
    public void An_interrupted_run_says_how_to_resume() =>
        Assert.Contains(
            "Run the same command again to resume.",
            Text(console => RunSummary.Write(console, Samples.Run(RunOutcome.Interrupted), null))
        );

    [Fact]
    public void A_run_that_never_got_in_says_why()
    {
        var run = Samples.Run(RunOutcome.Aborted, new("authentication-failed", "old.example: NO.", "Check the password.")) with
        {
            Folders = [],
            Failures = [],
            Differences = [],
            Notices = [],
        };
        var text = Text(console => RunSummary.Write(console, run, null));
        Assert.Contains("authentication-failed: Check the password.\n", text);
        Assert.Contains("Stopped before the end: old.example: NO.\nNothing was copied.\n", text);
    }

    [Fact]
    public void A_verify_shows_sums_that_can_be_checked()
    {
        var text = Text(console => VerifySummary.Write(console, Samples.Verify(23), null));
        Assert.Contains("12,368 source = 12,345 same + 23 missing\n", text);
        Assert.Contains("12,347 target = 12,345 same + 2 extra\n", text);
        Assert.Contains("A + B → T", text);
        Assert.Contains("… and 3 more in the report", text);
        Assert.Contains("Not identical: 23 messages missing.\n", text);
        Assert.Contains(
            "Identical: all 12,345 messages are at the target, byte for byte.\n",
            Text(console => VerifySummary.Write(console, Samples.Verify(0), null))
        );
    }

    private static string Text(Action<Spectre.Console.IAnsiConsole> write)
    {
        var output = new StringWriter { NewLine = "\n" };
        write(Cli.Output.Terminal.Plain(output));
        return output.ToString().Replace("\r\n", "\n");
    }
}
