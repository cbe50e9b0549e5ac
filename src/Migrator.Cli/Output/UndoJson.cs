using Migrator.App.Output;
using Migrator.Core.Failures;
using Migrator.Core.Reports;

namespace Migrator.Cli.Output;

/// <summary>What was taken back, for a program (docs/output.md).</summary>
internal static class UndoJson
{
    public static JsonLine Line(UndoReport report, int exitCode)
    {
        var line = new JsonLine("undo")
        {
            { "job", report.Job },
            { "source", report.Source },
            { "target", report.Target },
            { "step", report.IsRemoval ? "expunge" : "move" },
            { "dryRun", report.IsTrial },
            { "outcome", report.Outcome },
            { "taken", report.Taken },
            { "left", report.LeftCount },
            { "deletedFolders", (long)report.Deleted },
            { "folders", report.Folders.Select(Folder) },
            { "leftMessages", report.Left.Select(Message) },
            { "problems", report.Problems.Select(Problem) },
            { "notices", report.Notices },
        };
        if (report.Stopped is { } stopped)
            line.Add("stopped", Problem(stopped));
        else
            line.Add("stopped", (string?)null);
        line.Add("exitCode", exitCode);
        return line;
    }

    private static JsonFields Folder(UndoneFolder folder) =>
        new()
        {
            { "folder", folder.Folder.ToString() },
            { "movedTo", folder.Place?.ToString() },
            { "taken", folder.Taken },
            { "left", folder.Left },
            { "deleted", folder.IsDeleted },
            { "stays", folder.Stays },
        };

    private static JsonFields Message(LeftMessage message) =>
        new()
        {
            { "folder", message.Folder.ToString() },
            { "uid", message.Uid.IsKnown ? message.Uid.Uid.Value : (long?)null },
            { "sourceFolder", message.Source.ToString() },
            { "sourceUid", (long)message.SourceUid.Value },
            { "reason", message.Reason },
        };

    private static JsonFields Problem(Failure failure) =>
        new()
        {
            { "code", failure.Code },
            { "detail", failure.Detail },
            { "hint", failure.Hint },
        };
}
