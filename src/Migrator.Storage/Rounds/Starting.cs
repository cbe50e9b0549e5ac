using Migrator.Core.Rounds;

namespace Migrator.Storage.Rounds;

/// <summary>Puts a round and its runs on record.</summary>
internal static class Starting
{
    public static async Task<RoundStarted> StartAsync(RoundDatabase.Turn turn, RoundPlan plan)
    {
        var scheduled = plan.ScheduledFor?.ToUnixTimeMilliseconds();
        if (scheduled is not null && await turn.ScalarAsync<long>("SELECT count(*) FROM round WHERE job = @Job AND scheduled_for = @scheduled", new { plan.Job, scheduled }).ConfigureAwait(false) > 0)
            return new RoundStarted(null, 0, []);
        await Ending.EndAbandonedAsync(turn).ConfigureAwait(false);
        var open = (await turn.QueryAsync<string>("SELECT mailbox FROM run WHERE job = @Job AND state < 2", new { plan.Job }).ConfigureAwait(false)).ToHashSet();
        var runs = plan.Runs.Where(run => !open.Contains(run.Mailbox)).ToList();
        string[] leftOut = [.. plan.Runs.Select(run => run.Mailbox).Where(open.Contains)];
        if (runs.Count == 0)
            return new RoundStarted(null, 0, leftOut);
        var round = await turn.ScalarAsync<long>("INSERT INTO round (job, cause, scheduled_for, only_worker, started) VALUES (@Job, @cause, @scheduled, @OnlyWorker, @Ms) RETURNING id",
            new { plan.Job, cause = (long)plan.Cause, scheduled, plan.OnlyWorker, turn.Ms }).ConfigureAwait(false);
        foreach (var run in runs)
        {
            var id = await turn.ScalarAsync<long>("""
                INSERT INTO run (round_id, job, mailbox, source, target, hosts, state, attempt, fence, queued, not_before, finished, code, detail, hint)
                VALUES (@round, @Job, @Mailbox, @Source, @Target, @hosts, @state, 0, 0, @Ms, @Ms, @finished, @Code, @Detail, @Hint) RETURNING id
                """, new
            {
                round,
                plan.Job,
                run.Mailbox,
                run.Source,
                run.Target,
                hosts = string.Join(' ', run.Hosts),
                state = (long)(run.Wrong is null ? MailboxRunState.Waiting : MailboxRunState.Failed),
                turn.Ms,
                finished = run.Wrong is null ? (long?)null : turn.Ms,
                run.Wrong?.Code,
                run.Wrong?.Detail,
                run.Wrong?.Hint,
            }).ConfigureAwait(false);
            await turn.ExecuteAsync("INSERT INTO mailbox_state (job, mailbox, last_run) VALUES (@Job, @Mailbox, @id) ON CONFLICT (job, mailbox) DO UPDATE SET last_run = excluded.last_run",
                new { plan.Job, run.Mailbox, id }).ConfigureAwait(false);
        }
        await Ending.FinishRoundsAsync(turn, round).ConfigureAwait(false);
        return new RoundStarted(round, runs.Count, leftOut);
    }
}
