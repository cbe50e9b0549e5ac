using Migrator.App.Formatting;
using Migrator.App.Progress;
using Migrator.Cli.Output;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Tests.Reports;
using Spectre.Console;
using Xunit;

namespace Migrator.Tests.Output;

public sealed class LiveFrameTests
{
    [Theory]
    [InlineData(100, 30)]
    [InlineData(60, 20)]
    [InlineData(40, 12)]
    [InlineData(250, 70)]
    public void A_frame_never_wraps_nor_scrolls(int width, int height)
    {
        var run = new States();
        run.Progress.Phase = "Copying";
        foreach (var (i, name) in Samples.Hostile.Concat(Enumerable.Range(0, 200).Select(n => $"Archive/{n}")).Index())
        {
            var folder = run.Folder(
                name,
                10_000_000 + i,
                i % 3 == 0 ? FolderPhase.Copying
                    : i % 3 == 1 ? FolderPhase.Done
                    : FolderPhase.Waiting
            );
            folder.Found(1_000_000);
            folder.Delivered(900_000, 50_000_000_000);
            folder.Failed(i % 2 * 12_345);
        }
        foreach (var notice in Samples.Hostile)
            run.Progress.Notice(notice);
        var state = run.Next(1).Next(1).Last;

        var lines = Lines(state, width, height);
        Assert.InRange(lines.Length, 5, height - 1);
        Assert.All(lines, line => Assert.InRange(TextSanitizer.Width(line), 0, width - 1));
        Assert.Contains(lines, line => line.StartsWith("… "));
        Assert.Contains(lines, line => line.EndsWith("name them"));
    }

    [Fact]
    public void Numbers_and_brackets_are_shown_as_they_are()
    {
        var run = new States();
        run.Progress.Phase = "Copying";
        var folder = run.Folder("[bold red]Mail[/]", 2000, FolderPhase.Copying);
        run.Folder("Waiting", 3000);
        folder.Found(2000);
        run.Next(0);
        folder.Delivered(1200, 1 << 20);
        folder.Failed(3);
        var frame = string.Join('\n', Lines(run.Next(1).Next(1).Last, 100, 30));

        Assert.Contains("▸ [bold red]Mail[\\/]  1,203 / 2,000", frame);
        Assert.Contains("  Waiting                 0 / 3,000", frame);
        Assert.Contains("1,203 of 5,000 messages (24%) · 1.0 MiB · ", frame);
        Assert.Contains("3 failed; the report will name them", frame);
    }

    [Fact]
    public void Before_the_folders_are_known_there_is_only_the_phase()
    {
        var lines = Lines(new States().Next(3).Last, 60, 20);
        Assert.Equal("Connecting" + new string(' ', 46) + "3 s", lines[0]);
        Assert.All(lines[1..], line => Assert.Empty(line));
    }

    private static string[] Lines(RunState state, int width, int height)
    {
        var output = new StringWriter { NewLine = "\n" };
        var console = Cli.Output.Terminal.Plain(output);
        console.Profile.Width = width;
        console.Write(LiveProgressRenderer.Of(state, width, height));
        return output.ToString().Split('\n').Select(line => line.TrimEnd('\r')).SkipLast(1).ToArray();
    }
}
