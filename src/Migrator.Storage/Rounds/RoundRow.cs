using Migrator.Core.Rounds;

namespace Migrator.Storage.Rounds;

/// <summary>A row of <c>round</c>, as Dapper reads it.</summary>
internal sealed record RoundRow
{
    public long Id { get; init; }
    public string Job { get; init; } = "";
    public long Cause { get; init; }
    public long? ScheduledFor { get; init; }
    public long Started { get; init; }
    public long? Finished { get; init; }
    public long? Told { get; init; }
    public string? Sums { get; init; }

    /// <param name="rest">What follows <c>FROM round o</c>.</param>
    public static async Task<IReadOnlyList<RoundStatus>> ReadAsync(RoundDatabase.Turn turn, string rest, object values)
    {
        var rows = await turn.QueryAsync<RoundRow>($"SELECT o.id, o.job, o.cause, o.scheduled_for AS ScheduledFor, o.started, o.finished, o.told, o.sums FROM round o {rest}", values).ConfigureAwait(false);
        var open = rows.All(row => row.Sums is not null) ? null
            : await RoundSums.OfAsync(turn, $"SELECT id FROM (SELECT o.id, o.sums FROM round o {rest}) those WHERE sums IS NULL", values).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToStatus(row.Sums is { } sums ? RoundSums.Parse(sums) : open![row.Id].FirstOrDefault() ?? new RoundSums(default, default)))];
    }

    private RoundStatus ToStatus(RoundSums sums) => new(Id, Job, (RoundCause)Cause, Times.Of(ScheduledFor), Times.Of(Started), Times.Of(Finished), Told is not null, sums.Runs, sums.Messages);
}
