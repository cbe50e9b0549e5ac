using System.Text.Json;
using Migrator.Core.Rounds;
using Migrator.Core.Runs;

namespace Migrator.Storage.Rounds;

/// <summary>A row of <c>run</c> as Dapper reads it.</summary>
internal sealed record RunRow(
    long Id, long RoundId, string Job, string Mailbox, string Source, string Target, long State, long Attempt, long Queued, long NotBefore, long? Started, long? Finished, string? Worker, string? Machine,
    string? Headway, long Found, long Delivered, long AlreadyThere, long Vanished, long Skipped, long Failed, long Remaining, long Octets, string? Code, string? Detail, string? Hint, long? LastGood, long HasReport)
{
    private const string Columns = """
        r.id, r.round_id AS RoundId, r.job, r.mailbox, r.source, r.target, r.state, r.attempt, r.queued, r.not_before AS NotBefore, r.started, r.finished, r.worker, r.machine, r.headway,
        r.found, r.delivered, r.already_there AS AlreadyThere, r.vanished, r.skipped, r.failed, r.remaining, r.octets, r.code, r.detail, r.hint, m.last_good AS LastGood,
        (SELECT count(*) FROM report p WHERE p.run_id = r.id) AS HasReport
        """;

    /// <param name="rest">What follows <c>FROM run r</c>; <c>mailbox_state</c> goes by the name m.</param>
    public static async Task<IReadOnlyList<MailboxStatus>> ReadAsync(RoundDatabase.Turn turn, string rest, object values) =>
        [.. (await turn.QueryAsync<RunRow>($"SELECT {Columns} FROM run r {rest}", values).ConfigureAwait(false)).Select(row => row.ToStatus())];

    private MailboxStatus ToStatus() => new(
        Job, Mailbox, Source, Target, Id, RoundId, (MailboxRunState)State, (int)Attempt, Times.Of(Queued), Times.Of(NotBefore), Times.Of(Started), Times.Of(Finished), Worker, Machine,
        Headway is null ? null : JsonSerializer.Deserialize<RunHeadway>(Headway), new MessageCounts(Found, Delivered, AlreadyThere, Vanished, Skipped, Failed, Remaining, Octets),
        Code is null ? null : new Failure(Code, Detail ?? "", Hint ?? ""), Times.Of(LastGood), HasReport > 0);
}
