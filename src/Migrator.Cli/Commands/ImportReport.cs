using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Files.Reading;

namespace Migrator.Cli.Commands;

/// <summary>Says in the report of a run what only the files know.</summary>
internal static class ImportReport
{
    // Each is a look into a folder.
    private const int MostNamed = 10_000;

    /// <param name="files">From which all of the run's sessions came.</param>
    public static async Task<RunReport> MakeAsync(FileSource files, Task<RunReport> run)
    {
        var report = await run;
        await using var look = files.Again();
        var failures = new List<MessageFailure>();
        foreach (
            var failure in report
                .Failures.OrderBy(failure => failure.Folder.ToString(), StringComparer.Ordinal)
                .ThenBy(failure => failure.Uid)
        )
        {
            // The engine says what a server would be asked to do about it.
            var why =
                failure.Failure.Code == Reason.SourceUnreadable.Code
                    ? Failure.Of(Reason.FileUnreadable, failure.Failure.Detail)
                    : failure.Failure;
            failures.Add(
                failure with
                {
                    Failure = why,
                    File = failures.Count < MostNamed ? await FileOfAsync(look, failure.Folder, failure.Uid) : null,
                }
            );
        }
        var differences = new List<Difference>();
        foreach (var difference in report.Differences.OrderBy(difference => difference.Folder.ToString(), StringComparer.Ordinal))
        {
            var file = difference.Uid is { } uid && differences.Count < MostNamed ? await FileOfAsync(look, difference.Folder, uid) : null;
            differences.Add(difference with { File = file });
        }
        return report with { Failures = failures, Differences = differences, Notices = [.. files.Findings.Notices, .. report.Notices] };
    }

    private static async Task<string?> FileOfAsync(FileSource files, FolderPath folder, Uid uid)
    {
        try
        {
            return await files.FileOfAsync(folder, uid, CancellationToken.None);
        }
        catch (MailException)
        {
            // The file cannot be read any more: the failure says so in its own words.
            return null;
        }
    }
}
