using System.Data.Common;
using System.Text.Json;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Reports;
using Migrator.Storage.Sql;

namespace Migrator.Storage.JobRuns;

/// <summary>A row of <c>run</c>.</summary>
internal static class RunRow
{
    private const string Columns = """
        r.id, r.job_run_id AS JobRunId, r.job, r.mailbox, r.source, r.target, r.state, r.attempt,
        r.queued, r.not_before AS NotBefore, r.started, r.finished, r.worker, r.machine, r.progress,
        r.found, r.delivered, r.already_there AS AlreadyThere, r.vanished, r.skipped, r.failed, r.remaining, r.bytes,
        r.code, r.detail, r.hint, m.last_success AS LastSuccess,
        (SELECT count(*) FROM report p WHERE p.run_id = r.id) AS HasReport
        """;

    /// <param name="rest">What follows <c>FROM run r</c>; <c>mailbox_state</c> goes by the name m.</param>
    public static Task<IReadOnlyList<MailboxStatus>> ReadAsync(
        JobRunDatabase.DbTransactionScope turn,
        string rest,
        params (string Name, SqlValue Value)[] values
    ) => turn.QueryAsync($"SELECT {Columns} FROM mailbox_run r {rest}", Read, values);

    private static MailboxStatus Read(DbDataReader row) =>
        new(
            row.Text("job"),
            row.Text("mailbox"),
            row.Text("source"),
            row.Text("target"),
            row.Long("id"),
            row.Long("JobRunId"),
            (MailboxRunState)row.Long("state"),
            (int)row.Long("attempt"),
            UnixTime.Of(row.Long("queued")),
            UnixTime.Of(row.Long("NotBefore")),
            UnixTime.Of(row.LongOrNull("started")),
            UnixTime.Of(row.LongOrNull("finished")),
            row.TextOrNull("worker"),
            row.TextOrNull("machine"),
            row.TextOrNull("progress") is { } progress
                ? JsonSerializer.Deserialize(progress, RunProgressSnapshotJson.Default.RunProgressSnapshot)
                : null,
            new MessageCounts(
                row.Long("found"),
                row.Long("delivered"),
                row.Long("AlreadyThere"),
                row.Long("vanished"),
                row.Long("skipped"),
                row.Long("failed"),
                row.Long("remaining"),
                row.Long("bytes")
            ),
            row.TextOrNull("code") is { } code ? new Failure(code, row.TextOrNull("detail") ?? "", row.TextOrNull("hint") ?? "") : null,
            UnixTime.Of(row.LongOrNull("LastSuccess")),
            row.Long("HasReport") > 0
        );
}
