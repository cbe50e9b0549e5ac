using System.Data.Common;
using System.Text.Json;
using Migrator.Core.Reports;
using Migrator.Core.Rounds;
using Migrator.Storage.Sql;

namespace Migrator.Storage.Rounds;

/// <summary>What the runs of a round come to. Kept with a round that is finished: to add up 200 rounds of thousands of mailboxes takes seconds, and a
/// page that somebody looks at asks for them every two.</summary>
internal sealed record RoundSums(RunCounts Runs, MessageCounts Messages)
{
    public static RoundSums Parse(string json) => JsonSerializer.Deserialize(json, RoundSumsJson.Default.RoundSums)!;

    /// <summary>Adds up.</summary>
    /// <param name="rounds">A query for the <c>id</c> of each.</param>
    public static async Task<ILookup<long, RoundSums>> OfAsync(
        RoundDatabase.Turn turn, string rounds, params (string Name, SqlValue Value)[] values)
    {
        var rows = await turn.QueryAsync($"""
            SELECT round_id AS Round, state, count(*) AS Runs, {string.Join(", ", new[] { "found", "delivered", "already_there", "vanished", "skipped", "failed", "remaining", "octets" }.Select(column => $"CAST(sum({column}) AS BIGINT) AS {column.Replace("_", "", StringComparison.Ordinal)}"))}
            FROM run WHERE round_id IN ({rounds}) GROUP BY round_id, state
            """, Row.Read, values).ConfigureAwait(false);
        return rows.GroupBy(row => row.Round).ToLookup(round => round.Key, round => new RoundSums(Counts(round), round.Aggregate(default(MessageCounts), (sum, row) => sum + row.Messages)));
    }

    public string ToJson() => JsonSerializer.Serialize(this, RoundSumsJson.Default.RoundSums);

    private static RunCounts Counts(IEnumerable<Row> rows)
    {
        var counts = rows.ToDictionary(row => row.State, row => row.Runs);
        return new RunCounts(Of(MailboxRunState.Waiting), Of(MailboxRunState.Running), Of(MailboxRunState.Complete), Of(MailboxRunState.Partial), Of(MailboxRunState.Failed), Of(MailboxRunState.Cancelled));

        int Of(MailboxRunState state) => counts.GetValueOrDefault(state);
    }

    private sealed record Row(long Round, MailboxRunState State, int Runs, MessageCounts Messages)
    {
        public static Row Read(DbDataReader row) => new(
            row.Long("Round"), (MailboxRunState)row.Long("state"), (int)row.Long("Runs"),
            new MessageCounts(
                row.Long("found"), row.Long("delivered"), row.Long("alreadythere"), row.Long("vanished"),
                row.Long("skipped"), row.Long("failed"), row.Long("remaining"), row.Long("octets")));
    }
}
