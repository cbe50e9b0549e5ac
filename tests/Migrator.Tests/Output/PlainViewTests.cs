using Migrator.Cli.Output;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Xunit;

namespace Migrator.Tests.Output;

public sealed class PlainViewTests
{
    [Fact]
    public async Task A_line_each_five_seconds_and_one_for_each_folder_that_ends()
    {
        var run = new States();
        run.Next(0);
        run.Progress.Phase = "Copying";
        var folder = run.Folder("INBOX", 1000, FolderPhase.Copying);
        run.Next(1);
        for (var i = 0; i < 10; i++)
        {
            folder.Found(100);
            folder.Delivered(100, 102_400);
            run.Next(1);
        }
        folder.Phase = FolderPhase.Done;
        run.Progress.Notice("Look\nhere");
        run.Next(1).Next(0, final: true);
        var output = new StringWriter { NewLine = "\n" };
        await new PlainView(output).ShowAsync(run.All());

        Assert.Equal(
            """
            13:22:10 Connecting
            13:22:11 Copying: 0 of 1,000 messages (0%), 0 B, 0/s, 0 B/s
            13:22:16 Copying: 500 of 1,000 messages (50%), 500 KiB, 100/s, 100 KiB/s, about 5 s left
            13:22:21 Copying: 1,000 of 1,000 messages (100%), 1000 KiB, 100/s, 100 KiB/s
            13:22:22 Note: Look here
            13:22:22 Done: INBOX: 1,000 found = 1,000 new
            13:22:22 Copying: 1,000 of 1,000 messages (100%), 1000 KiB, 91/s, 90.9 KiB/s

            """,
            output.ToString()
        );
    }

    [Fact]
    public async Task A_folder_name_cannot_forge_a_line()
    {
        var run = new States();
        run.Folder("x\n13:22:10 Done: everything\u001b[2J", 1, FolderPhase.Failed);
        run.Next(0, final: true);
        var output = new StringWriter { NewLine = "\n" };
        await new PlainView(output).ShowAsync(run.All());
        Assert.Equal(2, output.ToString().Count(c => c == '\n'));
        Assert.DoesNotContain('\u001b', output.ToString());
        Assert.Contains("FAILED: x 13:22:10", output.ToString());
    }
}
