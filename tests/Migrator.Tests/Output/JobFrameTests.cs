using Migrator.App.Formatting;
using Migrator.App.Progress;
using Migrator.Cli.Output;
using Migrator.Core.Reports;
using Migrator.Tests.Reports;
using Xunit;

namespace Migrator.Tests.Output;

/// <summary>The live picture of a job of many mailboxes.</summary>
public sealed class JobFrameTests
{
    [Theory]
    [InlineData(
        60,
        16,
        """
            move                                             2 min 10 s
            ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━────────────────────────
            122 of 205 mailboxes · 3 running · 80 waiting · 2 not OK
            1,204 of 3,000 messages · 412/s · 3.1 MiB/s
            about 20 min 0 s left

            ▸ cnn@example.org    Listing folders
            ▸ dnnn@example.org   1,200 / 2,000, 41/s, 7 failed
            ▸ ennnn@example.org  1,600 / 2,000, 41/s
            ✗ bn@example.org     authentication-failed: old.example: N…
            ✗ a@example.org      authentication-failed: old.example: N…
            """
    )]
    [InlineData(
        80,
        16,
        """
            move                                                                 2 min 10 s
            ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━────────────────────────────────
            122 of 205 mailboxes · 3 running · 80 waiting · 2 not OK
            1,204 of 3,000 messages · 412/s · 3.1 MiB/s · about 20 min 0 s left

            ▸ cnn@example.org    Listing folders
            ▸ dnnn@example.org   1,200 / 2,000, 41/s, 7 failed
            ▸ ennnn@example.org  1,600 / 2,000, 41/s
            ✗ bn@example.org     authentication-failed: old.example: NO [AUTHENTICATIONFAI…
            ✗ a@example.org      authentication-failed: old.example: NO [AUTHENTICATIONFAI…
            """
    )]
    [InlineData(
        140,
        16,
        """
            move                                                                                                                             2 min 10 s
            ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━─────────────────────────────────────────────────────────
            122 of 205 mailboxes · 3 running · 80 waiting · 2 not OK
            1,204 of 3,000 messages · 412/s · 3.1 MiB/s · about 20 min 0 s left

            ▸ cnn@example.org    Listing folders
            ▸ dnnn@example.org   1,200 / 2,000, 41/s, 7 failed
            ▸ ennnn@example.org  1,600 / 2,000, 41/s
            ✗ bn@example.org     authentication-failed: old.example: NO [AUTHENTICATIONFAILED] Authentication failed.
            ✗ a@example.org      authentication-failed: old.example: NO [AUTHENTICATIONFAILED] Authentication failed.
            """
    )]
    public void Totals_and_the_mailboxes_that_run_or_failed(int width, int height, string expected) =>
        Assert.Equal(expected, string.Join('\n', Lines(State(3, 2, Name), width, height)));

    [Theory]
    [InlineData(60, 16)]
    [InlineData(40, 12)]
    [InlineData(80, 24)]
    [InlineData(250, 60)]
    public void Hundreds_of_mailboxes_neither_wrap_nor_scroll(int width, int height)
    {
        var lines = Lines(State(300, 200, number => Samples.Hostile[number % Samples.Hostile.Length] + number), width, height);

        Assert.InRange(lines.Length, 6, height - 1);
        Assert.All(lines, line => Assert.InRange(TextSanitizer.Width(line), 0, width - 1));
        Assert.Matches(@"^… \d+ more running, \d+ more not OK$", lines[^1]);
        // Both are seen.
        Assert.Contains(lines, line => line.StartsWith('▸'));
        Assert.Contains(lines, line => line.StartsWith('✗'));
    }

    private static string Name(int number) => $"{(char)('a' + number)}{new string('n', number)}@example.org";

    private static JobState State(int running, int wrong, Func<int, string> name) =>
        new(
            Samples.Start,
            "move",
            JobTask.Run,
            TimeSpan.FromSeconds(130),
            200 + running + wrong,
            120,
            [
                .. Enumerable
                    .Range(0, wrong)
                    .Select(number => new MailboxResult(name(number), MailboxOutcome.Failed, 3)
                    {
                        Reasons =
                        [
                            new(
                                "authentication-failed",
                                0,
                                "old.example: NO [AUTHENTICATIONFAILED] Authentication failed.",
                                "Check the password."
                            ),
                        ],
                    }),
            ],
            [
                .. Enumerable
                    .Range(wrong, running)
                    .Select(number => new MailboxState(
                        name(number),
                        "Listing folders",
                        number * 400,
                        number == wrong ? 0 : 2000,
                        number == wrong + 1 ? 7 : 0,
                        41.3
                    )),
            ],
            1204,
            3000,
            412,
            3.1 * 1024 * 1024,
            TimeSpan.FromMinutes(20),
            false
        );

    private static string[] Lines(JobState state, int width, int height)
    {
        var output = new StringWriter { NewLine = "\n" };
        var console = Cli.Output.Terminal.Plain(output);
        console.Profile.Width = width;
        console.Write(JobFrame.Of(state, width, height));
        return [.. output.ToString().Split('\n').Select(line => line.TrimEnd('\r', ' ')).SkipLast(1)];
    }
}
