using System.Data.Common;
using Migrator.Core.JobRuns;
using Migrator.Storage.Sql;

namespace Migrator.Storage.JobRuns;

/// <summary>A row of <c>round</c>.</summary>
/// <param name="Sums">As JSON; null until the round is finished.</param>
internal sealed record JobRunRow(
    long Id,
    string Job,
    JobRunTrigger Cause,
    long? ScheduledFor,
    long Started,
    long? Finished,
    bool Notified,
    string? Sums
)
{
    /// <param name="rest">What follows <c>FROM round o</c>.</param>
    public static async Task<IReadOnlyList<JobRunStatus>> ReadAsync(
        JobRunDatabase.DbTransactionScope turn,
        string rest,
        params (string Name, SqlValue Value)[] values
    )
    {
        var rows = await turn.QueryAsync(
            $"SELECT o.id, o.job, o.cause, o.scheduled_for AS ScheduledFor, o.started, o.finished, o.told, o.sums FROM round o {rest}",
            Read,
            values
        );
        var open = rows.All(row => row.Sums is not null)
            ? null
            : await JobRunTotals.OfAsync(
                turn,
                $"SELECT id FROM (SELECT o.id, o.sums FROM round o {rest}) those WHERE sums IS NULL",
                values
            );
        return
        [
            .. rows.Select(row =>
                row.ToStatus(
                    row.Sums is { } sums ? JobRunTotals.Parse(sums) : open![row.Id].FirstOrDefault() ?? new JobRunTotals(default, default)
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
            row.LongOrNull("told") is not null,
            row.TextOrNull("sums")
        );

    private JobRunStatus ToStatus(JobRunTotals sums) =>
        new(Id, Job, Cause, UnixTime.Of(ScheduledFor), UnixTime.Of(Started), UnixTime.Of(Finished), Notified, sums.Runs, sums.Messages);
}
