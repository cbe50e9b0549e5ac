using System.Text.Json;
using Migrator.Core.Reports;
using Migrator.Core.Rounds;

namespace Migrator.Storage.Rounds;

/// <summary>What the runs of a round come to. Kept with a round that is finished: to add up 200 rounds of thousands of mailboxes takes seconds, and a
/// page that somebody looks at asks for them every two.</summary>
internal sealed record RoundSums(RunCounts Runs, MessageCounts Messages)
{
    private static readonly JsonSerializerOptions s_json = new() { IgnoreReadOnlyProperties = true };

    public static RoundSums Parse(string json) => JsonSerializer.Deserialize<RoundSums>(json, s_json)!;

    /// <summary>Adds up.</summary>
    /// <param name="rounds">A query for the <c>id</c> of each.</param>
    public static async Task<ILookup<long, RoundSums>> OfAsync(RoundDatabase.Turn turn, string rounds, object values)
    {
        var rows = await turn.QueryAsync<Row>($"""
            SELECT round_id AS Round, state, count(*) AS Runs, {string.Join(", ", new[] { "found", "delivered", "already_there", "vanished", "skipped", "failed", "remaining", "octets" }.Select(column => $"CAST(sum({column}) AS BIGINT) AS {column.Replace("_", "", StringComparison.Ordinal)}"))}
            FROM run WHERE round_id IN ({rounds}) GROUP BY round_id, state
            """, values).ConfigureAwait(false);
        return rows.GroupBy(row => row.Round).ToLookup(round => round.Key, round => new RoundSums(Counts(round), round.Aggregate(default(MessageCounts), (sum, row) => sum + row.Messages)));
    }

    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    private static RunCounts Counts(IEnumerable<Row> rows)
    {
        var counts = rows.ToDictionary(row => (MailboxRunState)row.State, row => (int)row.Runs);
        return new RunCounts(Of(MailboxRunState.Waiting), Of(MailboxRunState.Running), Of(MailboxRunState.Complete), Of(MailboxRunState.Partial), Of(MailboxRunState.Failed), Of(MailboxRunState.Cancelled));

        int Of(MailboxRunState state) => counts.GetValueOrDefault(state);
    }

    // By names, because SQLite does not know the type of a column that is computed until there is a row.
    private sealed record Row
    {
        public long Round { get; init; }
        public long State { get; init; }
        public long Runs { get; init; }
        public long Found { get; init; }
        public long Delivered { get; init; }
        public long AlreadyThere { get; init; }
        public long Vanished { get; init; }
        public long Skipped { get; init; }
        public long Failed { get; init; }
        public long Remaining { get; init; }
        public long Octets { get; init; }

        public MessageCounts Messages => new(Found, Delivered, AlreadyThere, Vanished, Skipped, Failed, Remaining, Octets);
    }
}
