using Migrator.App.Formatting;
using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>What was taken back, for a person at the end of it.</summary>
internal static class UndoSummary
{
    public static void Write(IAnsiConsole console, UndoReport report)
    {
        var summary = new SummaryWriter(console);
        summary.Line($"{DisplayText.Account(report.Source)} -> {DisplayText.Account(report.Target)}");
        var shown = report.Folders.Where(folder => folder.Taken + folder.Left > 0 || folder.IsDeleted).ToList();
        if (shown.Count > 0)
            summary.Table(
                [
                    new("Folder", Least: 12),
                    new(report.IsRemoval ? "Removed" : "Moved", Right: true),
                    new("Left", Right: true),
                    new("Moved to", Least: 12, Rank: 2),
                    new("Folder itself", Rank: 1),
                ],
                [
                    .. shown.Select(folder =>
                        new[]
                        {
                            folder.Folder.ToString(),
                            Format.Count(folder.Taken),
                            Format.Count(folder.Left),
                            folder.Place?.ToString() ?? "",
                            folder.IsDeleted ? (report.IsTrial ? "is deleted" : "deleted") : "stays",
                        }
                    ),
                ]
            );
        summary.Items("Messages that stay", [.. report.Left.Select(Text)]);
        if (report.LeftCount > report.Left.Count)
            summary.Line($"… and {Format.Count(report.LeftCount - report.Left.Count)} more, which are counted but not listed", 2);
        summary.Items(
            "Folders of Migrator that stay",
            [.. report.Folders.Where(folder => folder.Stays is not null).Select(folder => $"{folder.Folder}: {folder.Stays}")]
        );
        summary.Problems(report.Problems);
        summary.Hints([.. report.Problems.Prepend(report.Stopped).OfType<Failure>().DistinctBy(failure => (failure.Code, failure.Hint))]);
        summary.Notices(report.Notices);
        summary.End(Verdict(report), DisplayText.Speed(report.Finished - report.Started, report.Taken, 0), null);
    }

    public static Verdict Verdict(UndoReport report)
    {
        var done =
            $"{Format.Count(report.Taken, "message")} {(report.IsTrial ? "would be " : "")}"
            + (report.IsRemoval ? "removed for good" : "moved aside");
        var said =
            done
            + (report.LeftCount > 0 ? $", {Format.Count(report.LeftCount)} left" : "")
            + (report.Deleted > 0 ? $", {Format.Count(report.Deleted, "empty folder")} {(report.IsTrial ? "would be " : "")}deleted" : "");
        return report.Outcome switch
        {
            RunOutcome.Complete => new(
                true,
                report.IsTrial ? $"Trial, nothing was changed: {said}" : $"Complete: {said}",
                report is { IsRemoval: false, IsTrial: false, Taken: > 0 }
                    ? "Nothing was removed. Once you are sure, remove the moved messages for good with --expunge."
                    : null
            ),
            RunOutcome.Partial => new(false, $"Not complete: {said}", "Fix the causes and run the same command again."),
            RunOutcome.Interrupted => new(false, $"Interrupted: {said}", "Run the same command again to resume."),
            _ => new(false, $"Stopped: {report.Stopped!.Code}: {report.Stopped.Detail.TrimEnd('.')}", $"Until then: {said}."),
        };
    }

    private static string Text(LeftMessage message) =>
        $"{message.Folder}  {(message.Uid.IsKnown ? $"UID {message.Uid}  " : "")}({message.Source} UID {message.SourceUid} at the source): "
        + message.Reason;
}
