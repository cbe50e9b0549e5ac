using System.Text.Json;
using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Core.Rounds;

namespace Migrator.Storage.Rounds;

/// <summary>A row of <c>run</c> as Dapper reads it: by names, because SQLite does not know the type of a column that is computed until there is a row.</summary>
internal sealed record RunRow
{
    public long Id { get; init; }
    public long RoundId { get; init; }
    public string Job { get; init; } = "";
    public string Mailbox { get; init; } = "";
    public string Source { get; init; } = "";
    public string Target { get; init; } = "";
    public long State { get; init; }
    public long Attempt { get; init; }
    public long Queued { get; init; }
    public long NotBefore { get; init; }
    public long? Started { get; init; }
    public long? Finished { get; init; }
    public string? Worker { get; init; }
    public string? Machine { get; init; }
    public string? Headway { get; init; }
    public long Found { get; init; }
    public long Delivered { get; init; }
    public long AlreadyThere { get; init; }
    public long Vanished { get; init; }
    public long Skipped { get; init; }
    public long Failed { get; init; }
    public long Remaining { get; init; }
    public long Octets { get; init; }
    public string? Code { get; init; }
    public string? Detail { get; init; }
    public string? Hint { get; init; }
    public long? LastGood { get; init; }
    public long HasReport { get; init; }

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
