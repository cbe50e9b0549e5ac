using Migrator.Core.JobRuns;
using Migrator.Storage.Sql;

namespace Migrator.Storage.JobRuns;

/// <summary>Records a job run and its runs.</summary>
internal static class StartJobRun
{
    // One by one, thousands would take longer than leases last where the database is not on this machine, and no heartbeat arrives
    // meanwhile.
    private const int AtOnce = 100;

    public static async Task<JobRunStarted> StartAsync(JobRunDatabase.DbTransactionScope turn, JobRunPlan plan)
    {
        var scheduled = plan.ScheduledFor?.ToUnixTimeMilliseconds();
        if (
            scheduled is not null
            && await turn.ScalarAsync<long>(
                "SELECT count(*) FROM job_run WHERE job = @Job AND scheduled_for = @scheduled",
                ("Job", plan.Job),
                ("scheduled", scheduled)
            ) > 0
        )
        {
            return new JobRunStarted(null, 0, []);
        }
        await EndRuns.EndAbandonedAsync(turn);
        var open = (
            await turn.QueryAsync(
                "SELECT mailbox FROM mailbox_run WHERE job = @Job AND state < 2",
                row => row.GetString(0),
                ("Job", plan.Job)
            )
        ).ToHashSet();
        var runs = plan.Runs.Where(run => !open.Contains(run.Mailbox)).ToList();
        string[] leftOut = [.. plan.Runs.Select(run => run.Mailbox).Where(open.Contains)];
        if (runs.Count == 0)
            return new JobRunStarted(null, 0, leftOut);
        var jobRun = await turn.ScalarAsync<long>(
            "INSERT INTO job_run (job, cause, scheduled_for, only_worker, started) VALUES (@Job, @cause, @scheduled, "
                + "@OnlyWorker, @Ms) RETURNING id",
            ("Job", plan.Job),
            ("cause", (long)plan.Cause),
            ("scheduled", scheduled),
            ("OnlyWorker", plan.OnlyWorker),
            ("Ms", turn.Ms)
        );
        foreach (var some in runs.Chunk(AtOnce))
            await InsertAsync(turn, jobRun, plan.Job, some);
        // A row that repeats a name is a bad one of that name.
        await turn.ExecuteAsync(
            """
            INSERT INTO mailbox_state (job, mailbox, last_run)
            SELECT job, mailbox, max(id) FROM mailbox_run WHERE job_run_id = @jobRun GROUP BY job, mailbox
            ON CONFLICT (job, mailbox) DO UPDATE SET last_run = excluded.last_run
            """,
            ("jobRun", jobRun)
        );
        await EndRuns.FinishJobRunsAsync(turn, jobRun);
        return new JobRunStarted(jobRun, runs.Count, leftOut);
    }

    private static Task<int> InsertAsync(JobRunDatabase.DbTransactionScope turn, long jobRun, string job, PlannedMailboxRun[] runs)
    {
        List<(string, SqlValue)> values = [("jobRun", jobRun), ("job", job), ("Ms", turn.Ms)];
        foreach (var (number, run) in runs.Index())
        {
            values.Add(($"mailbox{number}", run.Mailbox));
            values.Add(($"source{number}", run.Source));
            values.Add(($"target{number}", run.Target));
            values.Add(($"hosts{number}", string.Join(' ', run.Hosts)));
            values.Add(($"state{number}", (long)(run.Wrong is null ? MailboxRunState.Waiting : MailboxRunState.Failed)));
            values.Add(($"finished{number}", run.Wrong is null ? (long?)null : turn.Ms));
            values.Add(($"code{number}", run.Wrong?.Code));
            values.Add(($"detail{number}", run.Wrong?.Detail));
            values.Add(($"hint{number}", run.Wrong?.Hint));
        }
        return turn.ExecuteAsync(
            $"""
            INSERT INTO mailbox_run (job_run_id, job, mailbox, source, target, hosts, state,
                attempt, fence, queued, not_before, finished, code, detail, hint)
            VALUES {string.Join(
                ", ",
                Enumerable.Range(0, runs.Length).Select(n =>
                    $"(@jobRun, @job, @mailbox{n}, @source{n}, @target{n}, @hosts{n}, @state{n}, "
                    + $"0, 0, @Ms, @Ms, @finished{n}, @code{n}, @detail{n}, @hint{n})"
                )
            )}
            """,
            [.. values]
        );
    }
}
