using System.Globalization;
using System.Text;
using System.Text.Json;
using Migrator.App.Formatting;
using Migrator.Core.Files;
using Migrator.Core.Migrations;
using Migrator.Core.Plans;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>Writes reports into a directory, which is made where it is missing: <c>&lt;job&gt;-&lt;utc start&gt;-run.json</c> and
/// <c>.html</c>, likewise <c>-verify</c>. A report is there whole or not at all, and none is ever overwritten.</summary>
/// <param name="zone">Whose time pages show.</param>
/// <param name="name">Of the files; null to name them by job, start and kind.</param>
/// <exception cref="IOException">The directory cannot be written to, or the disk is full.</exception>
/// <exception cref="UnauthorizedAccessException">Likewise for lack of permission.</exception>
public sealed class ReportFiles(string directory, TimeZoneInfo zone, string? name = null)
{
    private const int LongestName = 60;

    private readonly ReportPage _page = new(zone);

    public Task<ReportPaths> WriteAsync(RunReport report, CancellationToken cancellationToken) =>
        WriteAsync(name ?? Name(report.Job, report.Started, "run"), ReportJson.Document(report), _page.Of(report), cancellationToken);

    public Task<ReportPaths> WriteAsync(VerifyReport report, CancellationToken cancellationToken) =>
        WriteAsync(name ?? Name(report.Job, report.Started, "verify"), ReportJson.Document(report), _page.Of(report), cancellationToken);

    public Task<ReportPaths> WriteAsync(MailboxPlan plan, CancellationToken cancellationToken) =>
        WriteAsync(
            name ?? Name(plan.Job, plan.Made, ReportJson.PlanKind),
            ReportJson.Document(plan),
            _page.Of(PlanDocument.Of(plan)),
            cancellationToken
        );

    public Task<ReportPaths> WriteAsync(JobReport report, CancellationToken cancellationToken) =>
        WriteAsync(
            name ?? Name(report.Job, report.Started, DisplayText.Code(report.Task)),
            ReportJson.Document(report),
            _page.Of(report),
            cancellationToken
        );

    /// <summary>Names a report.</summary>
    public static string Name(string job, DateTimeOffset started, string kind) =>
        string.Create(CultureInfo.InvariantCulture, $"{Safe(job, "job")}-{started.UtcDateTime:yyyyMMdd-HHmmss}-{kind}");

    /// <summary>A job or a mailbox may be called anything; a file's name must mean the same on every system.</summary>
    /// <param name="none">Where nothing of the name is left.</param>
    public static string Safe(string name, string none)
    {
        var safe = string.Concat(name.Take(LongestName).Select(c => char.IsLetterOrDigit(c) || c is '.' or '_' or '@' or '+' ? c : '-'))
            .Trim('-', '.');
        return safe.Length == 0 ? none : safe;
    }

    private async Task<ReportPaths> WriteAsync(string name, byte[] json, string html, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateDirectory(directory);
        // The JSON file claims the name; two runs of one job may have begun in the same second.
        for (var number = 1; ; number++)
        {
            var path = Path.GetFullPath(Path.Combine(directory, number == 1 ? name : $"{name}-{number}"));
            var paths = new ReportPaths(path + ".json", path + ".html");
            if (File.Exists(paths.Html) || !await TryWriteAsync(paths.Json, json, cancellationToken))
                continue;
            await TryWriteAsync(paths.Html, Encoding.UTF8.GetBytes(html), cancellationToken);
            return paths;
        }
    }

    /// <returns>False where there is such a file already.</returns>
    private static async Task<bool> TryWriteAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await using (var file = PrivateFiles.Create(temporary))
            {
                await file.WriteAsync(content, cancellationToken);
                // Else a loss of power may leave the name without the content.
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
