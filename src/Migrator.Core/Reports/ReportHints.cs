using Migrator.Core.Failures;

namespace Migrator.Core.Reports;

/// <summary>Hints in a report.</summary>
public static class ReportHints
{
    /// <summary>With the hints that belong to what was being done, wherever a failure came from.</summary>
    public static RunReport For(this RunReport report, Purpose purpose) =>
        report with
        {
            Folders =
            [
                .. report.Folders.Select(folder =>
                    folder with
                    {
                        Failure = folder.Failure is { } failure ? Hints.For(failure, purpose) : null,
                    }
                ),
            ],
            Failures = [.. report.Failures.Select(message => message with { Failure = Hints.For(message.Failure, purpose) })],
            Stopped = report.Stopped is { } stopped ? Hints.For(stopped, purpose) : null,
        };
}
