using System.Data.Common;
using Migrator.Core.JobRuns;
using Migrator.Storage.Sql;

namespace Migrator.Storage.JobRuns;

/// <summary>Hands runs to a worker.</summary>
internal static class ClaimRuns
{
    // Of each job, so many at the same hosts are examined, which is as many as a worker may have in progress: where the hosts have no room
    // for these, they have none for those behind them.
    private const int LookedAt = 500;

    /// <param name="isMine">Whether a run is one of <c>@mine</c>, in the database's words, by how many these are.</param>
    public static async Task<IReadOnlyList<ClaimedMailboxRun>> ClaimAsync(
        JobRunDatabase.DbTransactionScope turn,
        ClaimRequest request,
        Func<int, string> isMine
    )
    {
        await EndRuns.EndAbandonedAsync(turn);
        var mine = request.Held.ToArray();
        // A worker that sent no heartbeat for too long has lost its runs, also those that nobody may take up now: they must not keep
        // accounts and hosts busy. That its lease ran out stays to be seen. What it is still at, a worker may hold on to: it sends a
        // heartbeat now.
        await turn.ExecuteAsync(
            $"UPDATE mailbox_run SET state = 0, progress = NULL WHERE {OpenRuns.Running} AND lease_until < @Ms AND (worker <> @Worker OR "
                + $"NOT {isMine(mine.Length)})",
            ("Ms", turn.Ms),
            ("Worker", request.Worker),
            ("mine", mine)
        );
        // Numbers are given to ids alone: the database sorts what it numbers.
        var open = await turn.QueryAsync(
            """
            SELECT r.id, r.job_run_id AS JobRunId, r.job, r.mailbox, r.source, r.target, r.hosts, r.state, r.attempt, r.fence,
                r.lease_until AS LeaseUntil
            FROM (
                SELECT r.id, row_number() OVER (PARTITION BY r.state, r.job, r.hosts ORDER BY r.not_before, r.id) AS place
                FROM mailbox_run r JOIN job_run o ON o.id = r.job_run_id
                WHERE r.state < 2 AND (r.state = 1
                    OR (r.state = 0 AND r.not_before <= @Ms
                        AND (o.only_worker = @Worker OR (o.only_worker IS NULL AND @ownOnly = 0))
                        AND r.job NOT IN (SELECT job FROM paused_job)))
            ) numbered JOIN mailbox_run r ON r.id = numbered.id
            WHERE r.state = 1 OR numbered.place <= @LookedAt
            ORDER BY r.not_before, r.id
            """,
            Row.Read,
            ("Ms", turn.Ms),
            ("Worker", request.Worker),
            ("ownOnly", request.OwnOnly ? 1 : 0),
            ("LookedAt", LookedAt)
        );
        var (underWay, waiting) = (new List<ClaimChoice.Candidate>(), new List<ClaimChoice.Candidate>());
        foreach (var row in open)
        {
            var candidate = new ClaimChoice.Candidate(
                row.Id,
                row.Job,
                row.Source,
                row.Target,
                row.Hosts.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            );
            if (row.State == 1 || mine.Contains(row.Id))
                underWay.Add(candidate);
            else if (request.Jobs.ContainsKey(row.Job))
                waiting.Add(candidate);
        }
        var rows = open.ToDictionary(row => row.Id);
        var claimed = new List<ClaimedMailboxRun>();
        foreach (var choice in ClaimChoice.Choose(request, underWay, waiting))
        {
            var row = rows[choice.Id];
            await turn.ExecuteAsync(
                """
                UPDATE mailbox_run SET state = 1, worker = @Worker, machine = NULL, lease_until = @until,
                    fence = fence + 1, attempt = attempt + 1, started = @Ms, finished = NULL, progress = NULL
                WHERE id = @Id
                """,
                ("Worker", request.Worker),
                ("until", turn.Ms + (long)request.Lease.TotalMilliseconds),
                ("Ms", turn.Ms),
                ("Id", choice.Id)
            );
            claimed.Add(
                new ClaimedMailboxRun(
                    row.Id,
                    row.FencingToken + 1,
                    row.JobRunId,
                    row.Job,
                    row.Mailbox,
                    (int)row.Attempt + 1,
                    row.LeaseUntil is not null
                )
            );
        }
        return claimed;
    }

    private sealed record Row(
        long Id,
        long JobRunId,
        string Job,
        string Mailbox,
        string Source,
        string Target,
        string Hosts,
        long State,
        long Attempt,
        long FencingToken,
        long? LeaseUntil
    )
    {
        public static Row Read(DbDataReader row) =>
            new(
                row.Long("id"),
                row.Long("JobRunId"),
                row.Text("job"),
                row.Text("mailbox"),
                row.Text("source"),
                row.Text("target"),
                row.Text("hosts"),
                row.Long("state"),
                row.Long("attempt"),
                row.Long("fence"),
                row.LongOrNull("LeaseUntil")
            );
    }
}
