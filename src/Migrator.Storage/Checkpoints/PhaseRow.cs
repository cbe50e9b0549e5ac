using System.Data.Common;
using Migrator.Core.Checkpoints;
using Migrator.Storage.Sql;

namespace Migrator.Storage.Checkpoints;

/// <summary>The phase in a row of <c>mailbox</c>, the same in both databases.</summary>
internal static class PhaseRow
{
    public const string Select = "SELECT phase, phase_since, phase_until FROM mailbox WHERE id = @mailboxId";

    public const string Save = "UPDATE mailbox SET phase = @phase, phase_since = @since, phase_until = @until WHERE id = @mailboxId";

    public static (string Name, SqlValue Value)[] Values(long mailboxId, PhaseMark phase) =>
        [
            ("mailboxId", mailboxId),
            ("phase", (long)phase.Phase),
            ("since", phase.Since?.ToUnixTimeSeconds()),
            ("until", phase.Until?.ToUnixTimeSeconds()),
        ];

    /// <param name="row">Of <see cref="Select"/>.</param>
    public static PhaseMark Read(DbDataReader row) =>
        new((MailboxPhase)row.Long("phase"), Time(row, "phase_since")) { Until = Time(row, "phase_until") };

    private static DateTimeOffset? Time(DbDataReader row, string column) =>
        row.LongOrNull(column) is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
