using System.Data.Common;
using Migrator.Core.JobRuns;
using Migrator.Storage.Sql;

namespace Migrator.Storage.JobRuns;

/// <summary>A row of <c>job_run</c>.</summary>
/// <param name="Totals">As JSON; null until the job run is finished.</param>
internal sealed record JobRunRow(
    long Id,
    string Job,
    JobRunTrigger Cause,
    long? ScheduledFor,
    long Started,
    long? Finished,
    bool Notified,
    string? Totals
)
{
    /// <param name="rest">What follows <c>FROM job_run o</c>.</param>
    public static async Task<IReadOnlyList<JobRunStatus>> ReadAsync(
        JobRunDatabase.DbTransactionScope turn,
        string rest,
        params (string Name, SqlValue Value)[] values
    )
    {
        var rows = await turn.QueryAsync(
            "SELECT o.id, o.job, o.cause, o.scheduled_for AS ScheduledFor, o.started, o.finished, o.notified, o.totals "
                + $"FROM job_run o {rest}",
            Read,
            values
        );
        var open = rows.All(row => row.Totals is not null)
            ? null
            : await JobRunTotals.OfAsync(
                turn,
                $"SELECT id FROM (SELECT o.id, o.totals FROM job_run o {rest}) those WHERE totals IS NULL",
                values
            );
        return
        [
            .. rows.Select(row =>
                row.ToStatus(
                    row.Totals is { } totals
                        ? JobRunTotals.Parse(totals)
                        : open![row.Id].FirstOrDefault() ?? new JobRunTotals(default, default)
                )
            ),
        ];
    }

    private static JobRunRow Read(DbDataReader row) =>
        new(
            row.Long("id"),
            row.Text("job"),
            (JobRunTrigger)row.Long("cause"),
            row.LongOrNull("ScheduledFor"),
            row.Long("started"),
            row.LongOrNull("finished"),
            row.LongOrNull("notified") is not null,
            row.TextOrNull("totals")
        );

    private JobRunStatus ToStatus(JobRunTotals totals) =>
        new(Id, Job, Cause, UnixTime.Of(ScheduledFor), UnixTime.Of(Started), UnixTime.Of(Finished), Notified, totals.Runs, totals.Messages);
}
