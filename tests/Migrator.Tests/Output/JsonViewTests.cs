using System.Text.Json.Nodes;
using Migrator.App.Formatting;
using Migrator.App.Output;
using Migrator.Core.Progress;
using Migrator.Tests.Reports;
using Xunit;

namespace Migrator.Tests.Output;

public sealed class JsonViewTests
{
    [Fact]
    public async Task Every_line_is_an_object_with_the_documented_names()
    {
        var run = new States();
        foreach (var name in Samples.Hostile)
            run.Folder(name.Replace("\0", "x"), 3, FolderPhase.Done);
        run.Progress.Notice("Line\nbreak \ud800");
        run.Next(1, final: true);
        var output = new StringWriter();
        var view = new JsonView(output, run.Time);
        await view.ShowAsync(run.All());
        view.Report(Samples.Run(), new ReportPaths("/r/a.json", "/r/a.html"));
        view.Report(Samples.Verify(0), null);

        var lines = output.ToString().TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!.AsObject()).ToArray();
        Assert.Equal(
            ["notice", .. Enumerable.Repeat("folder", Samples.Hostile.Length), "progress", "report", "report"],
            lines.Select(line => (string)line["event"]!)
        );
        Assert.Equal("event time text", Names(lines[0]));
        Assert.Equal("event time folder target state counts", Names(lines[1]));
        Assert.Equal("done", (string)lines[1]["state"]!);
        Assert.Equal(
            "event time phase elapsedSeconds done expected failed bytes messagesPerSecond bytesPerSecond etaSeconds foldersDone folders",
            Names(lines[^3])
        );
        Assert.Equal((48, 16), ((int)lines[^3]["expected"]!, (int)lines[^3]["foldersDone"]!));
        Assert.Equal("event time exitCode jsonFile htmlFile report", Names(lines[^2]));
        Assert.Equal(
            (1, "run", "/r/a.json"),
            ((int)lines[^2]["exitCode"]!, (string)lines[^2]["report"]!["kind"]!, (string)lines[^2]["jsonFile"]!)
        );
        Assert.Equal((0, "verify", null), ((int)lines[^1]["exitCode"]!, (string)lines[^1]["report"]!["kind"]!, lines[^1]["htmlFile"]));
    }

    [Fact]
    public void A_line_that_brings_no_time_gets_it()
    {
        var output = new StringWriter();
        new JsonView(output, TimeProvider.System).Write(
            new JsonLine("job") { { "job", "n\u00e4chtlich" }, { "next", (DateTimeOffset?)null } }
        );

        Assert.Equal("event time job next", Names(JsonNode.Parse(output.ToString())!.AsObject()));
        Assert.All(output.ToString(), letter => Assert.InRange(letter, '\n', '~'));
    }

    private static string Names(JsonObject line) => string.Join(' ', line.Select(property => property.Key));
}
