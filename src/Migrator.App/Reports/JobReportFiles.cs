using Migrator.App.Formatting;
using Migrator.Core.Files;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>Writes the reports of one run or verify of a job into a directory of their own, <c>&lt;job&gt;-&lt;utc start&gt;-run</c> or
/// <c>-verify</c>: the overview is <c>index.html</c> and <c>index.json</c>, and <c>mailboxes</c> has the report of each mailbox, named by
/// it. The directory can be copied as it is: links are relative.</summary>
/// <exception cref="IOException">The directory cannot be written to, or the disk is full.</exception>
/// <exception cref="UnauthorizedAccessException">Likewise for lack of permission.</exception>
public sealed class JobReportFiles
{
    /// <summary>The directory of the reports of mailboxes, below that of the job.</summary>
    public const string Below = "mailboxes";

    private readonly string _directory;
    private readonly TimeZoneInfo _zone;

    private JobReportFiles(string directory, TimeZoneInfo zone) => (_directory, _zone) = (directory, zone);

    /// <param name="reports">The directory of all reports.</param>
    /// <param name="zone">Whose time pages show.</param>
    public static JobReportFiles Create(string reports, TimeZoneInfo zone, string job, DateTimeOffset started, JobTask task)
    {
        PrivateFiles.CreateDirectory(reports);
        var name = ReportFiles.Name(job, started, DisplayText.Code(task));
        for (var number = 1; ; number++)
        {
            // Of two commands that begin in one second, either may find it free: files are never overwritten, so both keep theirs.
            var directory = Path.Combine(reports, number == 1 ? name : $"{name}-{number}");
            if (Directory.Exists(directory) || File.Exists(directory))
                continue;
            PrivateFiles.CreateDirectory(directory);
            return new JobReportFiles(directory, zone);
        }
    }

    /// <summary>Writes the report of one mailbox.</summary>
    public ReportFiles Of(string mailbox) => new(Path.Combine(_directory, Below), _zone, ReportFiles.Safe(mailbox, "mailbox"));

    /// <param name="files">Of the report of the mailbox; null where none was written.</param>
    public static MailboxResult Linked(MailboxResult result, ReportPaths? files) =>
        files is null
            ? result
            : result with
            {
                JsonFile = $"{Below}/{Path.GetFileName(files.Json)}",
                HtmlFile = $"{Below}/{Path.GetFileName(files.Html)}",
            };

    public Task<ReportPaths> WriteAsync(JobReport report, CancellationToken cancellationToken) =>
        new ReportFiles(_directory, _zone, "index").WriteAsync(report, cancellationToken);
}
