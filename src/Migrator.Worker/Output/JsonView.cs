using System.Text.Json;
using System.Text.Json.Nodes;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Worker.Formatting;
using Migrator.Worker.Progress;

namespace Migrator.Worker.Output;

/// <summary>One JSON object a line, for programs. Every line has <c>event</c> and <c>time</c>; names are never renamed, new ones
/// may come (docs/output.md). ASCII only, whatever the console's encoding.</summary>
public sealed class JsonView(TextWriter output, TimeProvider time) : IRunView
{
    public TimeSpan Interval => TimeSpan.FromSeconds(1);

    public async Task ShowAsync(IAsyncEnumerable<RunState> states)
    {
        var (notices, ended) = (0, 0);
        await foreach (var state in states)
        {
            foreach (var text in state.Notices.Skip(notices))
                Write(new { Event = "notice", state.Time, Text = text });
            foreach (var folder in state.Ended.Skip(ended))
                Write(new { Event = "folder", state.Time, Folder = folder.Source, folder.Target, State = folder.Phase, folder.Counts });
            (notices, ended) = (state.Notices.Count, state.Ended.Count);
            Write(new
            {
                Event = "progress",
                state.Time,
                state.Phase,
                ElapsedSeconds = Math.Round(state.Elapsed.TotalSeconds, 1),
                state.Done,
                state.Expected,
                state.Failed,
                state.Octets,
                MessagesPerSecond = Math.Round(state.MessagesPerSecond, 1),
                OctetsPerSecond = Math.Round(state.OctetsPerSecond),
                EtaSeconds = state.Eta?.TotalSeconds,
                FoldersDone = state.Ended.Count,
                Folders = state.Ended.Count + state.Copying.Count + state.Waiting.Count,
            });
        }
    }

    /// <summary>The last line: the report as its file has it, and where the files are.</summary>
    public void Report(RunReport report, ReportPaths? files) => WriteReport(report, files, ExitCode.Of(report));

    /// <inheritdoc cref="Report(RunReport, ReportPaths?)"/>
    public void Report(VerifyReport report, ReportPaths? files) => WriteReport(report, files, ExitCode.Of(report));

    private void WriteReport(object report, ReportPaths? files, int exitCode) =>
        Write(new { Event = "report", Time = time.GetLocalNow(), ExitCode = exitCode, JsonFile = files?.Json, HtmlFile = files?.Html, Report = report });

    /// <summary>One line; with the time of now where it brings none.</summary>
    public void Write(object line)
    {
        var json = (JsonObject)JsonSerializer.SerializeToNode(line, ReportJson.OneLine)!;
        if (!json.ContainsKey("time"))
            json.Insert(Math.Min(1, json.Count), "time", JsonSerializer.SerializeToNode(time.GetLocalNow(), ReportJson.OneLine));
        output.Write(json.ToJsonString(ReportJson.OneLine) + "\n");
        output.Flush();
    }
}
