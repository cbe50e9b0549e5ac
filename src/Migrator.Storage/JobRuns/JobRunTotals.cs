using System.Data.Common;
using System.Text.Json;
using Migrator.Core.JobRuns;
using Migrator.Core.Reports;
using Migrator.Storage.Sql;

namespace Migrator.Storage.JobRuns;

/// <summary>What the runs of a job run come to. Kept with a job run that is finished: to add up 200 of thousands of mailboxes takes
/// seconds, and a page that somebody looks at asks for them every two.</summary>
internal sealed record JobRunTotals(RunCounts Runs, MessageCounts Messages)
{
    public static JobRunTotals Parse(string json) => JsonSerializer.Deserialize(json, JobRunTotalsJson.Default.JobRunTotals)!;

    /// <summary>Adds up.</summary>
    /// <param name="jobRuns">A query for the <c>id</c> of each.</param>
    public static async Task<ILookup<long, JobRunTotals>> OfAsync(
        JobRunDatabase.DbTransactionScope turn,
        string jobRuns,
        params (string Name, SqlValue Value)[] values
    )
    {
        var rows = await turn.QueryAsync(
            $"""
            SELECT job_run_id AS JobRun, state, count(*) AS Runs, {string.Join(
                ", ",
                new[] { "found", "delivered", "already_there", "vanished", "skipped", "failed", "remaining", "bytes" }.Select(column =>
                    $"CAST(sum({column}) AS BIGINT) AS {column.Replace("_", "", StringComparison.Ordinal)}"
                )
            )}
            FROM mailbox_run WHERE job_run_id IN ({jobRuns}) GROUP BY job_run_id, state
            """,
            Row.Read,
            values
        );
        return rows.GroupBy(row => row.JobRun)
            .ToLookup(
                jobRun => jobRun.Key,
                jobRun => new JobRunTotals(Counts(jobRun), jobRun.Aggregate(default(MessageCounts), (sum, row) => sum + row.Messages))
            );
    }

    public string ToJson() => JsonSerializer.Serialize(this, JobRunTotalsJson.Default.JobRunTotals);

    private static RunCounts Counts(IEnumerable<Row> rows)
    {
        var counts = rows.ToDictionary(row => row.State, row => row.Runs);
        return new RunCounts(
            Of(MailboxRunState.Waiting),
            Of(MailboxRunState.Running),
            Of(MailboxRunState.Complete),
            Of(MailboxRunState.Partial),
            Of(MailboxRunState.Failed),
            Of(MailboxRunState.Cancelled)
        );

        int Of(MailboxRunState state) => counts.GetValueOrDefault(state);
    }

    private sealed record Row(long JobRun, MailboxRunState State, int Runs, MessageCounts Messages)
    {
        public static Row Read(DbDataReader row) =>
            new(
                row.Long("JobRun"),
                (MailboxRunState)row.Long("state"),
                (int)row.Long("Runs"),
                new MessageCounts(
                    row.Long("found"),
                    row.Long("delivered"),
                    row.Long("alreadythere"),
                    row.Long("vanished"),
                    row.Long("skipped"),
                    row.Long("failed"),
                    row.Long("remaining"),
                    row.Long("bytes")
                )
            );
    }
}
