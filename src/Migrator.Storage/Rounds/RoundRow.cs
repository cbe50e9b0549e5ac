using Migrator.Core.Rounds;
using Migrator.Core.Runs;

namespace Migrator.Storage.Rounds;

/// <summary>A row of <c>round</c>, with sums over its runs, as Dapper reads it.</summary>
internal sealed record RoundRow(
    long Id, string Job, long Cause, long? ScheduledFor, long Started, long? Finished, long? Told, long Waiting, long Running, long Complete, long Partial, long Failed, long Cancelled,
    long Found, long Delivered, long AlreadyThere, long Vanished, long Skipped, long FailedMessages, long Remaining, long Octets)
{
    private static readonly string s_columns = "o.id, o.job, o.cause, o.scheduled_for AS ScheduledFor, o.started, o.finished, o.told, "
        + string.Join(", ", Enum.GetValues<MailboxRunState>().Select(state => $"(SELECT count(*) FROM run r WHERE r.round_id = o.id AND r.state = {(int)state}) AS {state}")) + ", "
        + string.Join(", ", new[] { ("found", "Found"), ("delivered", "Delivered"), ("already_there", "AlreadyThere"), ("vanished", "Vanished"), ("skipped", "Skipped"), ("failed", "FailedMessages"), ("remaining", "Remaining"), ("octets", "Octets") }
            .Select(sum => $"(SELECT CAST(coalesce(sum(r.{sum.Item1}), 0) AS BIGINT) FROM run r WHERE r.round_id = o.id) AS {sum.Item2}"));

    /// <param name="rest">What follows <c>FROM round o</c>.</param>
    public static async Task<IReadOnlyList<RoundStatus>> ReadAsync(RoundDatabase.Turn turn, string rest, object values) =>
        [.. (await turn.QueryAsync<RoundRow>($"SELECT {s_columns} FROM round o {rest}", values).ConfigureAwait(false)).Select(row => row.ToStatus())];

    private RoundStatus ToStatus() => new(Id, Job, (RoundCause)Cause, Times.Of(ScheduledFor), Times.Of(Started), Times.Of(Finished), Told is not null,
        new RunCounts((int)Waiting, (int)Running, (int)Complete, (int)Partial, (int)Failed, (int)Cancelled),
        new MessageCounts(Found, Delivered, AlreadyThere, Vanished, Skipped, FailedMessages, Remaining, Octets));
}
