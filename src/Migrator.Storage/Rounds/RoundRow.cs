using System.Data.Common;
using Migrator.Core.Rounds;
using Migrator.Storage.Sql;

namespace Migrator.Storage.Rounds;

/// <summary>A row of <c>round</c>.</summary>
/// <param name="Sums">As JSON; null until the round is finished.</param>
internal sealed record RoundRow(
    long Id, string Job, RoundCause Cause, long? ScheduledFor, long Started, long? Finished, bool Told, string? Sums)
{
    /// <param name="rest">What follows <c>FROM round o</c>.</param>
    public static async Task<IReadOnlyList<RoundStatus>> ReadAsync(
        RoundDatabase.Turn turn, string rest, params (string Name, SqlValue Value)[] values)
    {
        var rows = await turn.QueryAsync(
            $"SELECT o.id, o.job, o.cause, o.scheduled_for AS ScheduledFor, o.started, o.finished, o.told, o.sums FROM round o {rest}",
            Read, values).ConfigureAwait(false);
        var open = rows.All(row => row.Sums is not null) ? null
            : await RoundSums.OfAsync(turn, $"SELECT id FROM (SELECT o.id, o.sums FROM round o {rest}) those WHERE sums IS NULL", values).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToStatus(row.Sums is { } sums ? RoundSums.Parse(sums) : open![row.Id].FirstOrDefault() ?? new RoundSums(default, default)))];
    }

    private static RoundRow Read(DbDataReader row) => new(
        row.Long("id"), row.Text("job"), (RoundCause)row.Long("cause"), row.LongOrNull("ScheduledFor"), row.Long("started"),
        row.LongOrNull("finished"), row.LongOrNull("told") is not null, row.TextOrNull("sums"));

    private RoundStatus ToStatus(RoundSums sums) =>
        new(Id, Job, Cause, Times.Of(ScheduledFor), Times.Of(Started), Times.Of(Finished), Told, sums.Runs, sums.Messages);
}
