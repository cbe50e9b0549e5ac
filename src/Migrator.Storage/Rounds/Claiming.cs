using Migrator.Core.Rounds;

namespace Migrator.Storage.Rounds;

/// <summary>Hands runs to a worker.</summary>
internal static class Claiming
{
    // Of each job, so many at the same hosts are looked at, which is as many as a worker may have under way: where the hosts have no room for
    // these, they have none for those behind them.
    private const int LookedAt = 500;

    /// <param name="isMine">Whether a run is one of <c>@mine</c>, in the database's words.</param>
    public static async Task<IReadOnlyList<ClaimedRun>> ClaimAsync(RoundDatabase.Turn turn, ClaimRequest request, string isMine)
    {
        await Ending.EndAbandonedAsync(turn).ConfigureAwait(false);
        var mine = request.Held.ToArray();
        // Whoever was not heard of for too long has lost its runs, also those that nobody may take up now: they must not keep accounts and hosts busy.
        // That its lease ran out stays to be seen. What it is still at, a worker may hold on to: it is heard of now.
        await turn.ExecuteAsync($"UPDATE run SET state = 0, headway = NULL WHERE state = 1 AND lease_until < @Ms AND (worker <> @Worker OR NOT {isMine})", new { turn.Ms, request.Worker, mine }).ConfigureAwait(false);
        var open = await turn.QueryAsync<Row>("""
            SELECT id, round_id AS RoundId, job, mailbox, source, target, hosts, state, attempt, fence, lease_until AS LeaseUntil FROM (
                SELECT r.*, row_number() OVER (PARTITION BY r.state, r.job, r.hosts ORDER BY r.not_before, r.id) AS place
                FROM run r JOIN round o ON o.id = r.round_id
                WHERE r.state = 1 OR (r.state = 0 AND r.not_before <= @Ms AND (o.only_worker = @Worker OR (o.only_worker IS NULL AND @ownOnly = 0)) AND r.job NOT IN (SELECT job FROM paused_job))
            ) numbered
            WHERE state = 1 OR place <= @LookedAt
            ORDER BY not_before, id
            """, new { turn.Ms, request.Worker, ownOnly = request.OwnOnly ? 1 : 0, LookedAt }).ConfigureAwait(false);
        var (underWay, waiting) = (new List<ClaimChoice.Candidate>(), new List<ClaimChoice.Candidate>());
        foreach (var row in open)
        {
            var candidate = new ClaimChoice.Candidate(row.Id, row.Job, row.Source, row.Target, row.Hosts.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            if (row.State == 1 || mine.Contains(row.Id))
                underWay.Add(candidate);
            else if (request.Jobs.ContainsKey(row.Job))
                waiting.Add(candidate);
        }
        var rows = open.ToDictionary(row => row.Id);
        var claimed = new List<ClaimedRun>();
        foreach (var choice in ClaimChoice.Choose(request, underWay, waiting))
        {
            var row = rows[choice.Id];
            await turn.ExecuteAsync("""
                UPDATE run SET state = 1, worker = @Worker, machine = NULL, lease_until = @until, fence = fence + 1, attempt = attempt + 1,
                    started = @Ms, finished = NULL, headway = NULL
                WHERE id = @Id
                """, new { request.Worker, until = turn.Ms + (long)request.Lease.TotalMilliseconds, turn.Ms, choice.Id }).ConfigureAwait(false);
            claimed.Add(new ClaimedRun(row.Id, row.Fence + 1, row.RoundId, row.Job, row.Mailbox, (int)row.Attempt + 1, row.LeaseUntil is not null));
        }
        return claimed;
    }

    private sealed record Row
    {
        public long Id { get; init; }

        public long RoundId { get; init; }

        public string Job { get; init; } = "";

        public string Mailbox { get; init; } = "";

        public string Source { get; init; } = "";

        public string Target { get; init; } = "";

        public string Hosts { get; init; } = "";

        public long State { get; init; }

        public long Attempt { get; init; }

        public long Fence { get; init; }

        public long? LeaseUntil { get; init; }
    }
}
