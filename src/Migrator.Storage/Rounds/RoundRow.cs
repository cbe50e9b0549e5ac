using Migrator.Core.Rounds;
using Migrator.Core.Runs;

namespace Migrator.Storage.Rounds;

/// <summary>A row of <c>round</c>, with sums over its runs, as Dapper reads it: by names, because SQLite does not know the type of a column that is computed until there is a row.</summary>
internal sealed record RoundRow
{
    public long Id { get; init; }
    public string Job { get; init; } = "";
    public long Cause { get; init; }
    public long? ScheduledFor { get; init; }
    public long Started { get; init; }
    public long? Finished { get; init; }
    public long? Told { get; init; }
    public long Waiting { get; init; }
    public long Running { get; init; }
    public long Complete { get; init; }
    public long Partial { get; init; }
    public long Failed { get; init; }
    public long Cancelled { get; init; }
    public long Found { get; init; }
    public long Delivered { get; init; }
    public long AlreadyThere { get; init; }
    public long Vanished { get; init; }
    public long Skipped { get; init; }
    public long FailedMessages { get; init; }
    public long Remaining { get; init; }
    public long Octets { get; init; }

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
