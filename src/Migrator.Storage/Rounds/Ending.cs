using Migrator.Core.Rounds;
using Migrator.Storage.Sql;

namespace Migrator.Storage.Rounds;

/// <summary>Ends runs, and rounds with them.</summary>
internal static class Ending
{
    /// <summary>A worker that has not been heard of for so long has died.</summary>
    public static readonly TimeSpan Dead = TimeSpan.FromMinutes(1);

    public static async Task<bool> EndAsync(RoundDatabase.Turn turn, RunEnd end)
    {
        // A person's cancelling counts even where the run came to its end by another way meanwhile, unless it is complete.
        var ended = await turn.ExecuteAsync("""
            UPDATE run SET state = CASE WHEN cancelled IS NOT NULL AND @state = 0 THEN 5 ELSE @state END, attempt = attempt - @unspent, not_before = @notBefore,
                finished = CASE WHEN @state = 0 AND cancelled IS NULL THEN NULL ELSE @Ms END, lease_until = NULL, headway = NULL,
                found = @Found, delivered = @Delivered, already_there = @AlreadyThere, vanished = @Vanished, skipped = @Skipped, failed = @Failed, remaining = @Remaining, octets = @DeliveredOctets,
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
            ("DeliveredOctets", end.Counts.DeliveredOctets),
            ("Code", end.Failure?.Code),
            ("Detail", end.Failure?.Detail),
            ("Hint", end.Failure?.Hint),
            ("Run", end.Run),
            ("Fence", end.Fence)).ConfigureAwait(false);
        if (ended == 0)
            return false;
        if (end.Report is not null)
        {
            await turn.ExecuteAsync("INSERT INTO report (run_id, report) VALUES (@Run, @Report) ON CONFLICT (run_id) DO UPDATE SET report = excluded.report",
                ("Run", end.Run), ("Report", end.Report)).ConfigureAwait(false);
        }
        if (end.State == MailboxRunState.Complete)
        {
            await turn.ExecuteAsync("UPDATE mailbox_state SET last_good = @Ms WHERE job = (SELECT job FROM run WHERE id = @Run) AND mailbox = (SELECT mailbox FROM run WHERE id = @Run)",
                ("Ms", turn.Ms), ("Run", end.Run)).ConfigureAwait(false);
        }
        var round = await turn.ScalarAsync<long>("SELECT round_id FROM run WHERE id = @Run", ("Run", end.Run)).ConfigureAwait(false);
        await FinishRoundsAsync(turn, round).ConfigureAwait(false);
        return true;
    }

    public static async Task<int> CancelAsync(RoundDatabase.Turn turn, string job, string? mailbox)
    {
        var those = mailbox is null ? "job = @job" : "job = @job AND mailbox = @mailbox";
        (string, SqlValue)[] values = [("Ms", turn.Ms), ("job", job), ("mailbox", mailbox)];
        var waiting = await turn.ExecuteAsync($"UPDATE run SET state = 5, finished = @Ms, cancelled = @Ms WHERE state = 0 AND {those}",
            values).ConfigureAwait(false);
        var running = await turn.ExecuteAsync($"UPDATE run SET cancelled = @Ms WHERE state = 1 AND cancelled IS NULL AND {those}",
            values).ConfigureAwait(false);
        await EndAbandonedAsync(turn).ConfigureAwait(false);
        await FinishRoundsAsync(turn, null).ConfigureAwait(false);
        return waiting + running;
    }

    /// <summary>Runs that nobody is to take up: cancelled while their worker was dead already, or for one worker alone, which has died.</summary>
    public static async Task EndAbandonedAsync(RoundDatabase.Turn turn)
    {
        var ended = await turn.ExecuteAsync("UPDATE run SET state = 5, finished = @Ms WHERE state = 1 AND cancelled IS NOT NULL AND lease_until < @Ms",
                ("Ms", turn.Ms)).ConfigureAwait(false)
            + await turn.ExecuteAsync("""
                UPDATE run SET state = 5, finished = @Ms WHERE state < 2 AND (lease_until IS NULL OR lease_until < @Ms) AND round_id IN (
                    SELECT o.id FROM round o WHERE o.finished IS NULL AND o.only_worker IS NOT NULL AND o.started < @dead
                    AND NOT EXISTS (SELECT 1 FROM worker w WHERE w.id = o.only_worker AND w.last_beat >= @dead))
                """, ("Ms", turn.Ms), ("dead", turn.Ms - (long)Dead.TotalMilliseconds)).ConfigureAwait(false);
        if (ended > 0)
            await FinishRoundsAsync(turn, null).ConfigureAwait(false);
    }

    /// <param name="round">Null for every one.</param>
    public static async Task FinishRoundsAsync(RoundDatabase.Turn turn, long? round)
    {
        var finished = await turn.QueryAsync(
            $"UPDATE round SET finished = @Ms WHERE finished IS NULL{(round is null ? "" : " AND id = @round")} AND NOT EXISTS (SELECT 1 FROM run WHERE run.round_id = round.id AND run.state < 2) RETURNING id",
            row => row.GetInt64(0), ("Ms", turn.Ms), ("round", round)).ConfigureAwait(false);
        foreach (var id in finished)
        {
            var sums = (await RoundSums.OfAsync(turn, "@id", ("id", id)).ConfigureAwait(false))[id].FirstOrDefault();
            await turn.ExecuteAsync("UPDATE round SET sums = @sums WHERE id = @id",
                ("id", id), ("sums", sums?.ToJson())).ConfigureAwait(false);
        }
    }
}
