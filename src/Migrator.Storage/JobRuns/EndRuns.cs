using Migrator.Core.JobRuns;
using Migrator.Storage.Sql;

namespace Migrator.Storage.JobRuns;

/// <summary>Ends runs, and job runs with them.</summary>
internal static class EndRuns
{
    /// <summary>A worker without a heartbeat for this long is presumed dead.</summary>
    public static readonly TimeSpan Dead = TimeSpan.FromMinutes(1);

    public static async Task<bool> EndAsync(JobRunDatabase.DbTransactionScope turn, RunEnd end)
    {
        // A person's cancelling counts even where the run came to its end by another way meanwhile, unless it is complete.
        var ended = await turn.ExecuteAsync(
            """
            UPDATE mailbox_run SET state = CASE WHEN cancelled IS NOT NULL AND @state = 0 THEN 5 ELSE @state END,
                attempt = attempt - @unspent, not_before = @notBefore,
                finished = CASE WHEN @state = 0 AND cancelled IS NULL THEN NULL ELSE @Ms END, lease_until = NULL, progress = NULL,
                found = @Found, delivered = @Delivered, already_there = @AlreadyThere, vanished = @Vanished,
                skipped = @Skipped, failed = @Failed, remaining = @Remaining, bytes = @DeliveredBytes,
                code = @Code, detail = @Detail, hint = @Hint
            WHERE id = @Run AND fence = @Fence AND state = 1
            """,
            ("state", (long)end.State),
            ("unspent", end.State == MailboxRunState.Waiting && !end.Spent ? 1L : 0L),
            ("notBefore", turn.Ms + (long)end.Wait.TotalMilliseconds),
            ("Ms", turn.Ms),
            ("Found", end.Counts.Found),
            ("Delivered", end.Counts.Delivered),
            ("AlreadyThere", end.Counts.AlreadyThere),
            ("Vanished", end.Counts.Vanished),
            ("Skipped", end.Counts.Skipped),
            ("Failed", end.Counts.Failed),
            ("Remaining", end.Counts.Remaining),
            ("DeliveredBytes", end.Counts.DeliveredBytes),
            ("Code", end.Failure?.Code),
            ("Detail", end.Failure?.Detail),
            ("Hint", end.Failure?.Hint),
            ("Run", end.Run),
            ("Fence", end.FencingToken)
        );
        if (ended == 0)
            return false;
        if (end.Report is not null)
        {
            await turn.ExecuteAsync(
                "INSERT INTO report (run_id, report) VALUES (@Run, @Report) ON CONFLICT (run_id) DO UPDATE SET report = excluded.report",
                ("Run", end.Run),
                ("Report", end.Report)
            );
        }
        if (end.State == MailboxRunState.Complete)
        {
            await turn.ExecuteAsync(
                "UPDATE mailbox_state SET last_success = @Ms WHERE job = (SELECT job FROM mailbox_run WHERE id = @Run) AND mailbox = "
                    + "(SELECT mailbox FROM mailbox_run WHERE id = @Run)",
                ("Ms", turn.Ms),
                ("Run", end.Run)
            );
        }
        var jobRun = await turn.ScalarAsync<long>("SELECT job_run_id FROM mailbox_run WHERE id = @Run", ("Run", end.Run));
        await FinishJobRunsAsync(turn, jobRun);
        return true;
    }

    public static async Task<int> CancelAsync(JobRunDatabase.DbTransactionScope turn, string job, string? mailbox)
    {
        var those = mailbox is null ? "job = @job" : "job = @job AND mailbox = @mailbox";
        (string, SqlValue)[] values = [("Ms", turn.Ms), ("job", job), ("mailbox", mailbox)];
        var waiting = await turn.ExecuteAsync(
            $"UPDATE mailbox_run SET state = 5, finished = @Ms, cancelled = @Ms WHERE {OpenRuns.Waiting} AND {those}",
            values
        );
        var running = await turn.ExecuteAsync(
            $"UPDATE mailbox_run SET cancelled = @Ms WHERE {OpenRuns.Running} AND cancelled IS NULL AND {those}",
            values
        );
        await EndAbandonedAsync(turn);
        await FinishJobRunsAsync(turn, null);
        return waiting + running;
    }

    /// <summary>Runs that nobody is to take up: cancelled while their worker was dead already, or for one worker alone, which has
    /// died.</summary>
    public static async Task EndAbandonedAsync(JobRunDatabase.DbTransactionScope turn)
    {
        var ended =
            await turn.ExecuteAsync(
                $"UPDATE mailbox_run SET state = 5, finished = @Ms WHERE {OpenRuns.Running} AND cancelled IS NOT NULL "
                    + "AND lease_until < @Ms",
                ("Ms", turn.Ms)
            )
            + await turn.ExecuteAsync(
                """
                UPDATE mailbox_run SET state = 5, finished = @Ms WHERE state < 2 AND (lease_until IS NULL OR lease_until < @Ms)
                AND job_run_id IN (
                    SELECT o.id FROM job_run o WHERE o.finished IS NULL AND o.only_worker IS NOT NULL AND o.started < @dead
                    AND NOT EXISTS (SELECT 1 FROM worker w WHERE w.id = o.only_worker AND w.last_heartbeat >= @dead))
                """,
                ("Ms", turn.Ms),
                ("dead", turn.Ms - (long)Dead.TotalMilliseconds)
            );
        if (ended > 0)
            await FinishJobRunsAsync(turn, null);
    }

    /// <param name="jobRun">Null for every one.</param>
    public static async Task FinishJobRunsAsync(JobRunDatabase.DbTransactionScope turn, long? jobRun)
    {
        var finished = await turn.QueryAsync(
            $"UPDATE job_run SET finished = @Ms WHERE finished IS NULL{(jobRun is null ? "" : " AND id = @jobRun")} AND NOT EXISTS "
                + "(SELECT 1 FROM mailbox_run WHERE mailbox_run.job_run_id = job_run.id AND mailbox_run.state < 2) RETURNING id",
            row => row.GetInt64(0),
            ("Ms", turn.Ms),
            ("jobRun", jobRun)
        );
        foreach (var id in finished)
        {
            var totals = (await JobRunTotals.OfAsync(turn, "@id", ("id", id)))[id].FirstOrDefault();
            await turn.ExecuteAsync("UPDATE job_run SET totals = @totals WHERE id = @id", ("id", id), ("totals", totals?.ToJson()));
        }
    }
}
