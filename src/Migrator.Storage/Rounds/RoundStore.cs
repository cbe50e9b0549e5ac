using System.Text.Json;
using Migrator.Core.Rounds;
using Migrator.Storage.Postgres;

namespace Migrator.Storage.Rounds;

/// <summary>Rounds in a database: SQLite for one machine, PostgreSQL for any number.</summary>
public sealed class RoundStore : IRoundStore
{
    // As many as a statement of either database can be asked about without thinking.
    private const int MostKeys = 1000;
    private const int PurgedAtOnce = 5000;

    private readonly RoundDatabase _database;

    private RoundStore(RoundDatabase database) => _database = database;

    /// <param name="path">The database file; made if it is missing, with its directory.</param>
    /// <param name="time">Whose time counts.</param>
    public static RoundStore Sqlite(string path, TimeProvider time) => new(new SqliteRoundDatabase(Path.GetFullPath(path), time));

    /// <param name="database">Shared by all workers.</param>
    /// <param name="owned">Whether it ends with this.</param>
    /// <param name="time">Whose time counts; null for the database's, which all workers agree on.</param>
    public static RoundStore Postgres(PostgresDatabase database, bool owned, TimeProvider? time = null) => new(new PostgresRoundDatabase(database, owned, time));

    public Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken) => _database.InTransactionAsync(false, turn => Task.FromResult(turn.Now), cancellationToken);

    public Task<RoundStarted> StartAsync(RoundPlan plan, CancellationToken cancellationToken) => _database.InTransactionAsync(true, turn => Starting.StartAsync(turn, plan), cancellationToken);

    public Task<IReadOnlyList<ClaimedRun>> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        request.AtMost <= 0 || request.Jobs.Count == 0 ? Task.FromResult<IReadOnlyList<ClaimedRun>>([])
        : _database.InTransactionAsync(true, turn => Claiming.ClaimAsync(turn, request, $"id {_database.In("@mine")}"), cancellationToken);

    public Task<BeatAnswer> BeatAsync(WorkerBeat beat, CancellationToken cancellationToken) => _database.InTransactionAsync(true, async turn =>
    {
        await turn.ExecuteAsync("INSERT INTO worker (id, machine, started, last_beat) VALUES (@Worker, @Machine, @Ms, @Ms) ON CONFLICT (id) DO UPDATE SET last_beat = excluded.last_beat",
            new { beat.Worker, beat.Machine, turn.Ms }).ConfigureAwait(false);
        if (beat.Messages > 0 || beat.Octets > 0)
        {
            await turn.ExecuteAsync("""
                INSERT INTO throughput (at, worker, messages, octets) VALUES (@at, @Worker, @Messages, @Octets)
                ON CONFLICT (at, worker) DO UPDATE SET messages = throughput.messages + excluded.messages, octets = throughput.octets + excluded.octets
                """, new { at = turn.Ms - (turn.Ms % (long)Throughput.Step.TotalMilliseconds), beat.Worker, beat.Messages, beat.Octets }).ConfigureAwait(false);
        }
        var (lost, stop) = (new List<long>(), new List<(long, StopCause)>());
        foreach (var run in beat.Runs)
        {
            var renewed = await turn.ExecuteAsync("UPDATE run SET lease_until = @until, headway = @headway, machine = @Machine WHERE id = @Run AND fence = @Fence AND state = 1",
                new { until = turn.Ms + (long)beat.Lease.TotalMilliseconds, headway = JsonSerializer.Serialize(run.Headway), beat.Machine, run.Run, run.Fence }).ConfigureAwait(false);
            if (renewed == 0)
                lost.Add(run.Run);
        }
        var held = beat.Runs.Select(run => run.Run).Except(lost).ToHashSet();
        foreach (var row in await turn.QueryAsync<StopRow>("SELECT id, cancelled FROM run WHERE state = 1 AND worker = @Worker AND (cancelled IS NOT NULL OR job IN (SELECT job FROM paused_job))",
            new { beat.Worker }).ConfigureAwait(false))
        {
            if (held.Contains(row.Id))
                stop.Add((row.Id, row.Cancelled is null ? StopCause.Paused : StopCause.Cancelled));
        }
        return new BeatAnswer(lost, stop);
    }, cancellationToken);

    public Task LeaveAsync(string worker, CancellationToken cancellationToken) => _database.InTransactionAsync(true, turn =>
        turn.ExecuteAsync("DELETE FROM worker WHERE id = @worker", new { worker }), cancellationToken);

    public Task<bool> EndAsync(RunEnd end, CancellationToken cancellationToken) => _database.InTransactionAsync(true, turn => Ending.EndAsync(turn, end), cancellationToken);

    public Task PauseAsync(string job, bool paused, CancellationToken cancellationToken) => _database.InTransactionAsync(true, turn =>
        turn.ExecuteAsync(paused ? "INSERT INTO paused_job (job) VALUES (@job) ON CONFLICT DO NOTHING" : "DELETE FROM paused_job WHERE job = @job", new { job }), cancellationToken);

    public Task<int> CancelAsync(string job, string? mailbox, CancellationToken cancellationToken) => _database.InTransactionAsync(true, turn => Ending.CancelAsync(turn, job, mailbox), cancellationToken);

    public Task WithdrawAsync(long round, CancellationToken cancellationToken) => _database.InTransactionAsync(true, async turn =>
    {
        await turn.ExecuteAsync("UPDATE run SET state = 5, finished = @Ms WHERE round_id = @round AND state = 0", new { turn.Ms, round }).ConfigureAwait(false);
        await Ending.FinishRoundsAsync(turn, round).ConfigureAwait(false);
        return true;
    }, cancellationToken);

    public Task<int> ForgetAsync(string job, IReadOnlyCollection<string> mailboxes, CancellationToken cancellationToken) => _database.InTransactionAsync(true, async turn =>
    {
        var forgotten = 0;
        foreach (var some in mailboxes.Chunk(MostKeys))
        {
            var those = $"job = @job AND mailbox {_database.In("@some")}";
            await turn.ExecuteAsync($"UPDATE run SET state = 5, finished = @Ms, cancelled = @Ms WHERE state = 0 AND {those}", new { turn.Ms, job, some }).ConfigureAwait(false);
            forgotten += await turn.ExecuteAsync($"DELETE FROM mailbox_state WHERE {those} AND NOT EXISTS (SELECT 1 FROM run WHERE run.id = mailbox_state.last_run AND run.state = 1)", new { job, some }).ConfigureAwait(false);
        }
        await Ending.FinishRoundsAsync(turn, null).ConfigureAwait(false);
        return forgotten;
    }, cancellationToken);

    public Task<IReadOnlySet<string>> PausedAsync(CancellationToken cancellationToken) => _database.InTransactionAsync<IReadOnlySet<string>>(false, async turn =>
        (await turn.QueryAsync<string>("SELECT job FROM paused_job").ConfigureAwait(false)).ToHashSet(), cancellationToken);

    public Task<IReadOnlyList<MailboxStatus>> MailboxesAsync(string? job, CancellationToken cancellationToken) => _database.InTransactionAsync(false, turn =>
        RunRow.ReadAsync(turn, $"JOIN mailbox_state m ON m.last_run = r.id{(job is null ? "" : " WHERE r.job = @job")} ORDER BY r.job, r.mailbox", new { job }), cancellationToken);

    public Task<IReadOnlyList<MailboxStatus>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken) => _database.InTransactionAsync(false, turn =>
        RunRow.ReadAsync(turn, $"""
            LEFT JOIN mailbox_state m ON m.job = r.job AND m.mailbox = r.mailbox
            WHERE r.finished IS NOT NULL{(query.Job is null ? "" : " AND r.job = @Job")}{(query.Mailbox is null ? "" : " AND r.mailbox = @Mailbox")}
            ORDER BY r.finished DESC, r.id DESC LIMIT @Limit
            """, query), cancellationToken);

    public Task<MailboxStatus?> FindAsync(long run, CancellationToken cancellationToken) => _database.InTransactionAsync(false, async turn =>
        (await RunRow.ReadAsync(turn, "LEFT JOIN mailbox_state m ON m.job = r.job AND m.mailbox = r.mailbox WHERE r.id = @run", new { run }).ConfigureAwait(false)).SingleOrDefault(), cancellationToken);

    public Task<string?> ReportAsync(long run, CancellationToken cancellationToken) => _database.InTransactionAsync(false, turn =>
        turn.ScalarAsync<string>("SELECT report FROM report WHERE run_id = @run", new { run }), cancellationToken);

    public Task<IReadOnlyList<RoundStatus>> RoundsAsync(string? job, int limit, CancellationToken cancellationToken) => _database.InTransactionAsync(false, turn =>
        RoundRow.ReadAsync(turn, $"{(job is null ? "" : "WHERE o.job = @job ")}ORDER BY o.started DESC, o.id DESC LIMIT @limit", new { job, limit }), cancellationToken);

    public Task<IReadOnlyList<MailboxStatus>> RunsOfAsync(long round, CancellationToken cancellationToken) => _database.InTransactionAsync(false, turn =>
        RunRow.ReadAsync(turn, "LEFT JOIN mailbox_state m ON m.job = r.job AND m.mailbox = r.mailbox WHERE r.round_id = @round ORDER BY r.id", new { round }), cancellationToken);

    public Task<IReadOnlyList<WorkerStatus>> WorkersAsync(CancellationToken cancellationToken) => _database.InTransactionAsync<IReadOnlyList<WorkerStatus>>(false, async turn =>
        [.. (await turn.QueryAsync<WorkerRow>("SELECT id, machine, started, last_beat AS LastBeat, (SELECT count(*) FROM run r WHERE r.state = 1 AND r.worker = worker.id) AS Running FROM worker WHERE last_beat > @since ORDER BY machine, id",
            new { since = turn.Ms - (long)TimeSpan.FromDays(1).TotalMilliseconds }).ConfigureAwait(false))
            .Select(row => new WorkerStatus(row.Id, row.Machine, Times.Of(row.Started), Times.Of(row.LastBeat), turn.Now - Times.Of(row.LastBeat) < Ending.Dead, (int)row.Running))], cancellationToken);

    public Task<IReadOnlyList<Throughput>> ThroughputAsync(DateTimeOffset since, CancellationToken cancellationToken) => _database.InTransactionAsync<IReadOnlyList<Throughput>>(false, async turn =>
        [.. (await turn.QueryAsync<ThroughputRow>("SELECT at, CAST(sum(messages) AS BIGINT) AS Messages, CAST(sum(octets) AS BIGINT) AS Octets FROM throughput WHERE at >= @since GROUP BY at ORDER BY at",
            new { since = since.ToUnixTimeMilliseconds() }).ConfigureAwait(false)).Select(row => new Throughput(Times.Of(row.At), row.Messages, row.Octets))], cancellationToken);

    public Task<RoundStatus?> ClaimTellingAsync(TimeSpan lease, CancellationToken cancellationToken) => _database.InTransactionAsync(true, async turn =>
    {
        var round = await turn.ScalarAsync<long?>("SELECT id FROM round WHERE finished IS NOT NULL AND told IS NULL AND (told_until IS NULL OR told_until < @Ms) ORDER BY finished, id LIMIT 1", new { turn.Ms }).ConfigureAwait(false);
        if (round is null)
            return null;
        await turn.ExecuteAsync("UPDATE round SET told_until = @until WHERE id = @round", new { until = turn.Ms + (long)lease.TotalMilliseconds, round }).ConfigureAwait(false);
        return (await RoundRow.ReadAsync(turn, "WHERE o.id = @round", new { round }).ConfigureAwait(false))[0];
    }, cancellationToken);

    public Task ToldAsync(long round, CancellationToken cancellationToken) => _database.InTransactionAsync(true, turn =>
        turn.ExecuteAsync("UPDATE round SET told = @Ms WHERE id = @round", new { turn.Ms, round }), cancellationToken);

    public Task<IReadOnlyList<string>> TakeAsync(IReadOnlyCollection<string> keys, TimeSpan lease, CancellationToken cancellationToken) => _database.InTransactionAsync<IReadOnlyList<string>>(true, async turn =>
    {
        var taken = new List<string>();
        foreach (var some in keys.Distinct().Chunk(MostKeys))
        {
            var others = (await turn.QueryAsync<string>($"SELECT key FROM once WHERE key {_database.In("@some")} AND (until IS NULL OR until >= @Ms)", new { some, turn.Ms }).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
            foreach (var key in some.Where(key => !others.Contains(key)))
            {
                await turn.ExecuteAsync("INSERT INTO once (key, at, until) VALUES (@key, @Ms, @until) ON CONFLICT (key) DO UPDATE SET until = @until", new { key, turn.Ms, until = turn.Ms + (long)lease.TotalMilliseconds }).ConfigureAwait(false);
                taken.Add(key);
            }
        }
        return taken;
    }, cancellationToken);

    public Task DoneAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => _database.InTransactionAsync(true, async turn =>
    {
        var done = 0;
        foreach (var some in keys.Chunk(MostKeys))
            done += await turn.ExecuteAsync($"UPDATE once SET until = NULL WHERE key {_database.In("@some")}", new { some }).ConfigureAwait(false);
        return done;
    }, cancellationToken);

    public async Task PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        // All at once, a history that is kept no longer takes so long that the leases of all workers run out meanwhile.
        while (await _database.InTransactionAsync(true, turn => turn.ExecuteAsync("""
            DELETE FROM run WHERE id IN (
                SELECT r.id FROM run r JOIN round o ON o.id = r.round_id WHERE o.finished < @before AND NOT EXISTS (SELECT 1 FROM mailbox_state m WHERE m.job = r.job AND m.mailbox = r.mailbox AND m.last_run = r.id) LIMIT @PurgedAtOnce)
            """, new { before = before.ToUnixTimeMilliseconds(), PurgedAtOnce }), cancellationToken).ConfigureAwait(false) == PurgedAtOnce)
        {
        }
        await _database.InTransactionAsync(true, turn => PurgeRestAsync(turn, before.ToUnixTimeMilliseconds()), cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> PurgeRestAsync(RoundDatabase.Turn turn, long before)
    {
        var times = new { before, days = turn.Ms - (long)TimeSpan.FromDays(2).TotalMilliseconds, year = turn.Ms - (long)TimeSpan.FromDays(400).TotalMilliseconds };
        await turn.ExecuteAsync("DELETE FROM round WHERE finished < @before AND NOT EXISTS (SELECT 1 FROM run WHERE run.round_id = round.id)", times).ConfigureAwait(false);
        await turn.ExecuteAsync("DELETE FROM throughput WHERE at < @days", times).ConfigureAwait(false);
        await turn.ExecuteAsync("DELETE FROM worker WHERE last_beat < @days", times).ConfigureAwait(false);
        return await turn.ExecuteAsync("DELETE FROM once WHERE at < @year", times).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private sealed record StopRow
    {
        public long Id { get; init; }

        public long? Cancelled { get; init; }
    }

    private sealed record WorkerRow
    {
        public string Id { get; init; } = "";

        public string Machine { get; init; } = "";

        public long Started { get; init; }

        public long LastBeat { get; init; }

        public long Running { get; init; }
    }

    private sealed record ThroughputRow
    {
        public long At { get; init; }

        public long Messages { get; init; }

        public long Octets { get; init; }
    }
}
