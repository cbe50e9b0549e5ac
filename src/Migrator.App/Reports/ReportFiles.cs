using System.Globalization;
using System.Text;
using System.Text.Json;
using Migrator.App.Formatting;
using Migrator.Core.Files;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>Writes reports into a directory, which is made where it is missing: <c>&lt;job&gt;-&lt;utc start&gt;-run.json</c> and
/// <c>.html</c>, likewise <c>-verify</c>. A report is there whole or not at all, and none is ever overwritten.</summary>
/// <exception cref="IOException">The directory cannot be written to, or the disk is full.</exception>
/// <exception cref="UnauthorizedAccessException">Likewise for want of permission.</exception>
public sealed class ReportFiles(string directory)
{
    private const int LongestJob = 60;

    public Task<ReportPaths> WriteAsync(RunReport report, CancellationToken cancellationToken) =>
        WriteAsync(Name(report.Job, report.Started, "run"), ReportJson.Document(report), ReportPage.Of(report), cancellationToken);

    public Task<ReportPaths> WriteAsync(VerifyReport report, CancellationToken cancellationToken) =>
        WriteAsync(Name(report.Job, report.Started, "verify"), ReportJson.Document(report), ReportPage.Of(report), cancellationToken);

    private static string Name(string job, DateTimeOffset started, string kind)
    {
        // A job's name may hold anything; the file's name must mean the same on every system.
        var safe = string.Concat(job.Take(LongestJob).Select(c => char.IsLetterOrDigit(c) || c is '.' or '_' ? c : '-')).Trim('-', '.');
        return string.Create(CultureInfo.InvariantCulture, $"{(safe.Length == 0 ? "job" : safe)}-{started.UtcDateTime:yyyyMMdd-HHmmss}-{kind}");
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
