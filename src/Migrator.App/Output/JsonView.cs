using Migrator.App.Formatting;
using Migrator.App.Progress;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;

namespace Migrator.App.Output;

/// <summary>One JSON object a line, for programs. Every line has <c>event</c> and <c>time</c>; names are never renamed, new ones
/// may come (docs/output.md). ASCII only, whatever the console's encoding.</summary>
public sealed class JsonView(TextWriter output, TimeProvider time) : IView<RunState>
{
    public TimeSpan Interval => TimeSpan.FromSeconds(1);

    public async Task ShowAsync(IAsyncEnumerable<RunState> states)
    {
        var (notices, ended) = (0, 0);
        await foreach (var state in states)
        {
            foreach (var text in state.Notices.Skip(notices))
                Write(new JsonLine("notice") { { "time", state.Time }, { "text", text } });
            foreach (var folder in state.Ended.Skip(ended))
                Write(
                    new JsonLine("folder")
                    {
                        { "time", state.Time },
                        { "folder", folder.Source },
                        { "target", folder.Target },
                        { "state", folder.Phase },
                        { "counts", folder.Counts },
                    }
                );
            (notices, ended) = (state.Notices.Count, state.Ended.Count);
            Write(
                new JsonLine("progress")
                {
                    { "time", state.Time },
                    { "phase", state.Phase },
                    { "elapsedSeconds", Math.Round(state.Elapsed.TotalSeconds, 1) },
                    { "done", state.Done },
                    { "expected", state.Expected },
                    { "failed", state.Failed },
                    { "bytes", state.Bytes },
                    { "messagesPerSecond", Math.Round(state.MessagesPerSecond, 1) },
                    { "bytesPerSecond", Math.Round(state.BytesPerSecond) },
                    { "etaSeconds", state.Eta?.TotalSeconds },
                    { "foldersDone", state.Ended.Count },
                    { "folders", state.Ended.Count + state.Copying.Count + state.Waiting.Count },
                }
            );
        }
    }

    /// <summary>The last line: the report as its file has it, and where the files are.</summary>
    public void Report(RunReport report, ReportPaths? files) => WriteReport(report, files, ExitCode.Of(report));

    /// <inheritdoc cref="Report(RunReport, ReportPaths?)"/>
    public void Report(VerifyReport report, ReportPaths? files) => WriteReport(report, files, ExitCode.Of(report));

    private void WriteReport<T>(T report, ReportPaths? files, int exitCode) =>
        Write(
            new JsonLine("report")
            {
                { "time", time.GetLocalNow() },
                { "exitCode", exitCode },
                { "jsonFile", files?.Json },
                { "htmlFile", files?.Html },
                { "report", report },
            }
        );

    /// <summary>One line; with the time of now where it brings none.</summary>
    public void Write(JsonLine line)
    {
        var json = line.Object;
        if (!json.ContainsKey("time"))
            json.Insert(1, "time", ReportJson.Node(time.GetLocalNow()));
        output.Write(json.ToJsonString(ReportJson.OneLine) + "\n");
        output.Flush();
    }
}
