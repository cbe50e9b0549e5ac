using System.Data.Common;
using System.Text.Json;
using Migrator.Core.JobRuns;
using Migrator.Storage.Postgres;
using Migrator.Storage.Sql;

namespace Migrator.Storage.JobRuns;

/// <summary>Job runs in a database: SQLite for one machine, PostgreSQL for any number.</summary>
public sealed class JobRunStore : IRunQueue, IRunHistory, INotificationLedger, IAsyncDisposable
{
    // As many as a statement of either database can be asked about without thinking.
    private const int MostKeys = 1000;
    private const int PurgedAtOnce = 5000;

    private readonly JobRunDatabase _database;

    private JobRunStore(JobRunDatabase database) => _database = database;

    /// <param name="path">The database file; made if it is missing, with its directory.</param>
    /// <param name="time">Whose time counts.</param>
    public static JobRunStore Sqlite(string path, TimeProvider time) => new(new SqliteJobRunDatabase(Path.GetFullPath(path), time));

    /// <param name="database">Shared by all workers.</param>
    /// <param name="owned">Whether it ends with this.</param>
    /// <param name="time">Whose time counts; null for the database's, which all workers agree on.</param>
    public static JobRunStore Postgres(PostgresDatabase database, bool owned, TimeProvider? time = null) =>
        new(new PostgresJobRunDatabase(database, owned, time));

    public Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken) =>
        _database.InTransactionAsync(false, turn => Task.FromResult(turn.Now), cancellationToken);

    public Task<JobRunStarted> StartAsync(JobRunPlan plan, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(true, turn => StartJobRun.StartAsync(turn, plan), cancellationToken);

    public Task<IReadOnlyList<ClaimedMailboxRun>> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        request.AtMost <= 0 || request.Jobs.Count == 0
            ? Task.FromResult<IReadOnlyList<ClaimedMailboxRun>>([])
            : _database.InTransactionAsync(
                true,
                turn => ClaimRuns.ClaimAsync(turn, request, count => $"id {_database.In("@mine", count)}"),
                cancellationToken
            );

    public Task<HeartbeatResponse> HeartbeatAsync(WorkerHeartbeat heartbeat, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            true,
            async turn =>
            {
                await turn.ExecuteAsync(
                    "INSERT INTO worker (id, machine, started, last_heartbeat) VALUES (@Worker, @Machine, @Ms, @Ms) ON CONFLICT "
                        + "(id) DO UPDATE SET last_heartbeat = excluded.last_heartbeat",
                    ("Worker", heartbeat.Worker),
                    ("Machine", heartbeat.Machine),
                    ("Ms", turn.Ms)
                );
                if (heartbeat.Messages > 0 || heartbeat.Bytes > 0)
                {
                    await turn.ExecuteAsync(
                        """
                        INSERT INTO throughput (at, worker, messages, bytes) VALUES (@at, @Worker, @Messages, @Bytes)
                        ON CONFLICT (at, worker) DO UPDATE SET
                            messages = throughput.messages + excluded.messages, bytes = throughput.bytes + excluded.bytes
                        """,
                        ("at", turn.Ms - (turn.Ms % (long)Throughput.Step.TotalMilliseconds)),
                        ("Worker", heartbeat.Worker),
                        ("Messages", heartbeat.Messages),
                        ("Bytes", heartbeat.Bytes)
                    );
                }
                var (lost, stop) = (new List<long>(), new List<(long, StopCause)>());
                foreach (var run in heartbeat.Runs)
                {
                    var renewed = await turn.ExecuteAsync(
                        "UPDATE mailbox_run SET lease_until = @until, progress = @progress, machine = @Machine WHERE id = @Run AND fence "
                            + "= @Fence AND state = 1",
                        ("until", turn.Ms + (long)heartbeat.Lease.TotalMilliseconds),
                        ("progress", JsonSerializer.Serialize(run.Progress, RunProgressSnapshotJson.Default.RunProgressSnapshot)),
                        ("Machine", heartbeat.Machine),
                        ("Run", run.Run),
                        ("Fence", run.FencingToken)
                    );
                    if (renewed == 0)
                        lost.Add(run.Run);
                }
                var held = heartbeat.Runs.Select(run => run.Run).Except(lost).ToHashSet();
                foreach (
                    var (run, cancelled) in await turn.QueryAsync(
                        $"SELECT id, cancelled FROM mailbox_run WHERE {OpenRuns.Running} AND worker = @Worker AND (cancelled IS NOT NULL "
                            + "OR job IN (SELECT job FROM paused_job))",
                        row => (row.Long("id"), row.LongOrNull("cancelled")),
                        ("Worker", heartbeat.Worker)
                    )
                )
                {
                    if (held.Contains(run))
                        stop.Add((run, cancelled is null ? StopCause.Paused : StopCause.Cancelled));
                }
                var workers = await turn.ScalarAsync<long>(
                    "SELECT COUNT(*) FROM worker WHERE last_heartbeat > @dead",
                    ("dead", turn.Ms - (long)EndRuns.Dead.TotalMilliseconds)
                );
                return new HeartbeatResponse(lost, stop, (int)workers);
            },
            cancellationToken
        );

    public Task LeaveAsync(string worker, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            true,
            turn => turn.ExecuteAsync("DELETE FROM worker WHERE id = @worker", ("worker", worker)),
            cancellationToken
        );

    public Task<bool> EndAsync(RunEnd end, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(true, turn => EndRuns.EndAsync(turn, end), cancellationToken);

    public Task PauseAsync(string job, bool paused, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            true,
            turn =>
                turn.ExecuteAsync(
                    paused
                        ? "INSERT INTO paused_job (job) VALUES (@job) ON CONFLICT DO NOTHING"
                        : "DELETE FROM paused_job WHERE job = @job",
                    ("job", job)
                ),
            cancellationToken
        );

    public Task<int> CancelAsync(string job, string? mailbox, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(true, turn => EndRuns.CancelAsync(turn, job, mailbox), cancellationToken);

    public Task WithdrawAsync(long jobRun, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            true,
            async turn =>
            {
                await turn.ExecuteAsync(
                    "UPDATE mailbox_run SET state = 5, finished = @Ms WHERE job_run_id = @jobRun AND state = 0",
                    ("Ms", turn.Ms),
                    ("jobRun", jobRun)
                );
                await EndRuns.FinishJobRunsAsync(turn, jobRun);
                return true;
            },
            cancellationToken
        );

    public Task<int> ForgetAsync(string job, IReadOnlyCollection<string> mailboxes, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            true,
            async turn =>
            {
                var forgotten = 0;
                foreach (var some in mailboxes.Chunk(MostKeys))
                {
                    var those = $"job = @job AND mailbox {_database.In("@some", some.Length)}";
                    await turn.ExecuteAsync(
                        $"UPDATE mailbox_run SET state = 5, finished = @Ms, cancelled = @Ms WHERE state = 0 AND {those}",
                        ("Ms", turn.Ms),
                        ("job", job),
                        ("some", some)
                    );
                    forgotten += await turn.ExecuteAsync(
                        $"DELETE FROM mailbox_state WHERE {those} AND NOT EXISTS (SELECT 1 FROM mailbox_run WHERE mailbox_run.id = "
                            + "mailbox_state.last_run AND mailbox_run.state = 1)",
                        ("job", job),
                        ("some", some)
                    );
                }
                await EndRuns.FinishJobRunsAsync(turn, null);
                return forgotten;
            },
            cancellationToken
        );

    public Task<IReadOnlySet<string>> PausedAsync(CancellationToken cancellationToken) =>
        _database.InTransactionAsync<IReadOnlySet<string>>(
            false,
            async turn => (await turn.QueryAsync("SELECT job FROM paused_job", row => row.GetString(0))).ToHashSet(),
            cancellationToken
        );

    public Task<IReadOnlyList<MailboxStatus>> MailboxesAsync(string? job, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            false,
            turn =>
                RunRow.ReadAsync(
                    turn,
                    $"JOIN mailbox_state m ON m.last_run = r.id{(job is null ? "" : " WHERE r.job = @job")} ORDER BY r.job, r.mailbox",
                    ("job", job)
                ),
            cancellationToken
        );

    public Task<IReadOnlyList<MailboxStatus>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            false,
            turn =>
                RunRow.ReadAsync(
                    turn,
                    $"""
                    LEFT JOIN mailbox_state m ON m.job = r.job AND m.mailbox = r.mailbox
                    WHERE r.finished IS NOT NULL{(query.Job is null ? "" : " AND r.job = @Job")}{(
                        query.Mailbox is null ? "" : " AND r.mailbox = @Mailbox"
                    )}
                    ORDER BY r.finished DESC, r.id DESC LIMIT @Limit
                    """,
                    ("Job", query.Job),
                    ("Mailbox", query.Mailbox),
                    ("Limit", query.Limit)
                ),
            cancellationToken
        );

    public Task<MailboxStatus?> FindAsync(long run, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            false,
            async turn =>
                (
                    await RunRow.ReadAsync(
                        turn,
                        "LEFT JOIN mailbox_state m ON m.job = r.job AND m.mailbox = r.mailbox WHERE r.id = @run",
                        ("run", run)
                    )
                ).SingleOrDefault(),
            cancellationToken
        );

    public Task<string?> ReportAsync(long run, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            false,
            turn => turn.ScalarAsync<string>("SELECT report FROM report WHERE run_id = @run", ("run", run)),
            cancellationToken
        );

    public Task<IReadOnlyList<JobRunStatus>> JobRunsAsync(string? job, int limit, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            false,
            turn =>
                JobRunRow.ReadAsync(
                    turn,
                    $"{(job is null ? "" : "WHERE o.job = @job ")}ORDER BY o.started DESC, o.id DESC LIMIT @limit",
                    ("job", job),
                    ("limit", limit)
                ),
            cancellationToken
        );

    public Task<IReadOnlyList<MailboxStatus>> RunsOfAsync(long jobRun, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            false,
            turn =>
                RunRow.ReadAsync(
                    turn,
                    "LEFT JOIN mailbox_state m ON m.job = r.job AND m.mailbox = r.mailbox WHERE r.job_run_id = @jobRun ORDER BY r.id",
                    ("jobRun", jobRun)
                ),
            cancellationToken
        );

    public Task<IReadOnlyList<WorkerStatus>> WorkersAsync(CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            false,
            turn =>
                turn.QueryAsync(
                    "SELECT id, machine, started, last_heartbeat AS LastHeartbeat, "
                        + $"(SELECT count(*) FROM mailbox_run r WHERE {OpenRuns.Running} AND r.worker = worker.id) AS Running "
                        + "FROM worker WHERE last_heartbeat > @since ORDER BY machine, id",
                    row => Worker(row, turn.Now),
                    ("since", turn.Ms - (long)TimeSpan.FromDays(1).TotalMilliseconds)
                ),
            cancellationToken
        );

    public Task<IReadOnlyList<Throughput>> ThroughputAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            false,
            turn =>
                turn.QueryAsync(
                    "SELECT at, CAST(sum(messages) AS BIGINT) AS Messages, CAST(sum(bytes) AS BIGINT) AS Bytes FROM "
                        + "throughput WHERE at >= @since GROUP BY at ORDER BY at",
                    row => new Throughput(UnixTime.Of(row.Long("at")), row.Long("Messages"), row.Long("Bytes")),
                    ("since", since.ToUnixTimeMilliseconds())
                ),
            cancellationToken
        );

    public Task<JobRunStatus?> ClaimFinishedAsync(TimeSpan lease, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            true,
            async turn =>
            {
                var jobRun = await turn.ScalarAsync<long?>(
                    "SELECT id FROM job_run WHERE finished IS NOT NULL AND notified IS NULL "
                        + "AND (notifying_until IS NULL OR notifying_until < @Ms) ORDER BY finished, id LIMIT 1",
                    ("Ms", turn.Ms)
                );
                if (jobRun is null)
                    return null;
                await turn.ExecuteAsync(
                    "UPDATE job_run SET notifying_until = @until WHERE id = @jobRun",
                    ("until", turn.Ms + (long)lease.TotalMilliseconds),
                    ("jobRun", jobRun)
                );
                return (await JobRunRow.ReadAsync(turn, "WHERE o.id = @jobRun", ("jobRun", jobRun)))[0];
            },
            cancellationToken
        );

    public Task MarkNotifiedAsync(long jobRun, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            true,
            turn => turn.ExecuteAsync("UPDATE job_run SET notified = @Ms WHERE id = @jobRun", ("Ms", turn.Ms), ("jobRun", jobRun)),
            cancellationToken
        );

    public Task<IReadOnlyList<string>> TakeAsync(IReadOnlyCollection<string> keys, TimeSpan lease, CancellationToken cancellationToken) =>
        _database.InTransactionAsync<IReadOnlyList<string>>(
            true,
            async turn =>
            {
                var taken = new List<string>();
                foreach (var some in keys.Distinct().Chunk(MostKeys))
                {
                    var others = (
                        await turn.QueryAsync(
                            $"SELECT key FROM once WHERE key {_database.In("@some", some.Length)} AND (until IS NULL OR until >= @Ms)",
                            row => row.GetString(0),
                            ("some", some),
                            ("Ms", turn.Ms)
                        )
                    ).ToHashSet(StringComparer.Ordinal);
                    foreach (var key in some.Where(key => !others.Contains(key)))
                    {
                        await turn.ExecuteAsync(
                            "INSERT INTO once (key, at, until) VALUES (@key, @Ms, @until) ON CONFLICT (key) DO UPDATE SET until = @until",
                            ("key", key),
                            ("Ms", turn.Ms),
                            ("until", turn.Ms + (long)lease.TotalMilliseconds)
                        );
                        taken.Add(key);
                    }
                }
                return taken;
            },
            cancellationToken
        );

    public Task DoneAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            true,
            async turn =>
            {
                var done = 0;
                foreach (var some in keys.Chunk(MostKeys))
                {
                    done += await turn.ExecuteAsync(
                        $"UPDATE once SET until = NULL WHERE key {_database.In("@some", some.Length)}",
                        ("some", some)
                    );
                }
                return done;
            },
            cancellationToken
        );

    public async Task PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        // All at once, a history that is kept no longer takes so long that the leases of all workers run out meanwhile.
        while (
            await _database.InTransactionAsync(
                true,
                turn =>
                    turn.ExecuteAsync(
                        """
                        DELETE FROM mailbox_run WHERE id IN (
                            SELECT r.id FROM mailbox_run r JOIN job_run o ON o.id = r.job_run_id
                            WHERE o.finished < @before AND NOT EXISTS (
                                SELECT 1 FROM mailbox_state m WHERE m.job = r.job AND m.mailbox = r.mailbox AND m.last_run = r.id)
                            LIMIT @PurgedAtOnce)
                        """,
                        ("before", before.ToUnixTimeMilliseconds()),
                        ("PurgedAtOnce", PurgedAtOnce)
                    ),
                cancellationToken
            ) == PurgedAtOnce
        ) { }
        await _database.InTransactionAsync(true, turn => PurgeRestAsync(turn, before.ToUnixTimeMilliseconds()), cancellationToken);
    }

    private static async Task<int> PurgeRestAsync(JobRunDatabase.DbTransactionScope turn, long before)
    {
        var days = turn.Ms - (long)TimeSpan.FromDays(2).TotalMilliseconds;
        var year = turn.Ms - (long)TimeSpan.FromDays(400).TotalMilliseconds;
        await turn.ExecuteAsync(
            "DELETE FROM job_run WHERE finished < @before "
                + "AND NOT EXISTS (SELECT 1 FROM mailbox_run WHERE mailbox_run.job_run_id = job_run.id)",
            ("before", before)
        );
        await turn.ExecuteAsync("DELETE FROM throughput WHERE at < @days", ("days", days));
        await turn.ExecuteAsync("DELETE FROM worker WHERE last_heartbeat < @days", ("days", days));
        return await turn.ExecuteAsync("DELETE FROM once WHERE at < @year", ("year", year));
    }

    private static WorkerStatus Worker(DbDataReader row, DateTimeOffset now)
    {
        var lastHeartbeat = UnixTime.Of(row.Long("LastHeartbeat"));
        var alive = now - lastHeartbeat < EndRuns.Dead;
        return new WorkerStatus(
            row.Text("id"),
            row.Text("machine"),
            UnixTime.Of(row.Long("started")),
            lastHeartbeat,
            alive,
            (int)row.Long("Running")
        );
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
