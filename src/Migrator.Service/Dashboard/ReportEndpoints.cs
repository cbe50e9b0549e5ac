using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Migrator.App.Execution;
using Migrator.App.Formatting;
using Migrator.App.Reports;
using Migrator.Core.JobRuns;
using Migrator.Core.Reports;
using Migrator.Service.Dashboard.Security;

namespace Migrator.Service.Dashboard;

/// <summary>Reports to be downloaded: of the run of a mailbox, and the overview of a round. As the command line writes them.</summary>
internal static class ReportEndpoints
{
    public static void Map(WebApplication app)
    {
        Get("/runs/{run:long}/report.json", RunJsonAsync);
        Get("/runs/{run:long}/report.html", RunHtmlAsync);
        Get("/job-runs/{jobRun:long}/report.json", JobRunJsonAsync);
        Get("/job-runs/{jobRun:long}/report.html", JobRunHtmlAsync);

        void Get(string path, Delegate handler) =>
            app.MapGet(path, handler).WithMetadata(new DashboardEndpoint()).RequireAuthorization(DashboardRoles.MayLook);
    }

    private static async Task<IResult> RunJsonAsync(long run, IRunHistory history, CancellationToken cancellationToken) =>
        await history.ReportAsync(run, cancellationToken) is { } report
            ? Json(Encoding.UTF8.GetBytes(report), $"run-{run}")
            : NoReport(run);

    private static async Task<IResult> RunHtmlAsync(long run, IRunHistory history, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await history.ReportAsync(run, cancellationToken) is { } json && ReportJson.Parse<RunReport>(json) is { } report
                ? Html(new ReportPage(time.LocalTimeZone).Of(report), $"run-{run}")
                : NoReport(run);
        }
        catch (JsonException exception)
        {
            return Results.Problem(
                $"The report of run {run} cannot be shown: {exception.Message} The JSON file has it.",
                statusCode: StatusCodes.Status409Conflict
            );
        }
    }

    private static async Task<IResult> JobRunJsonAsync(
        long jobRun,
        IRunHistory history,
        TimeProvider time,
        CancellationToken cancellationToken
    ) =>
        await OverviewAsync(jobRun, history, time, cancellationToken) is var (report, _)
            ? Json(ReportJson.Document(report), $"job-run-{jobRun}")
            : NoJobRun(jobRun);

    /// <summary>A file that was downloaded lies beside no others: its links lead back to the dashboard.</summary>
    private static async Task<IResult> JobRunHtmlAsync(
        long jobRun,
        HttpRequest request,
        IRunHistory history,
        TimeProvider time,
        CancellationToken cancellationToken
    ) =>
        await OverviewAsync(jobRun, history, time, cancellationToken) is var (report, runs)
            ? Html(
                new ReportPage(time.LocalTimeZone).Of(
                    report,
                    mailbox => runs.TryGetValue(mailbox.Mailbox, out var run) ? $"{request.Scheme}://{request.Host.Value}/runs/{run}" : null
                ),
                $"job-run-{jobRun}"
            )
            : NoJobRun(jobRun);

    private static async Task<(JobReport Report, IReadOnlyDictionary<string, long> Runs)?> OverviewAsync(
        long jobRun,
        IRunHistory history,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var runs = await history.RunsOfAsync(jobRun, cancellationToken);
        return runs.Count == 0
            ? null
            : (
                await JobRunReport.ReadAsync(history, runs, interrupted: false, time.GetUtcNow(), null, cancellationToken),
                runs.ToDictionary(run => run.Mailbox, run => run.Run)
            );
    }

    private static IResult Json(byte[] content, string name) => Results.File(content, "application/json", $"{name}.json");

    private static IResult Html(string page, string name) =>
        Results.File(Encoding.UTF8.GetBytes(page), "text/html; charset=utf-8", $"{name}.html");

    private static IResult NoReport(long run) =>
        Results.Problem(
            $"Run {run} has no report: it is not over, or it is older than reports are kept.",
            statusCode: StatusCodes.Status404NotFound
        );

    private static IResult NoJobRun(long jobRun) =>
        Results.Problem($"There is no job run {jobRun}: it may be older than history is kept.", statusCode: StatusCodes.Status404NotFound);
}
