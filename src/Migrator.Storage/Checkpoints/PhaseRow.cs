using System.Data.Common;
using Migrator.Core.Checkpoints;
using Migrator.Storage.Sql;

namespace Migrator.Storage.Checkpoints;

/// <summary>The phase in a row of <c>mailbox</c>, the same in both databases.</summary>
internal static class PhaseRow
{
    public const string Select = "SELECT phase, phase_since FROM mailbox WHERE id = @mailboxId";

    public const string Save = "UPDATE mailbox SET phase = @phase, phase_since = @since WHERE id = @mailboxId";

    public static (string Name, SqlValue Value)[] Values(long mailboxId, PhaseMark phase) =>
        [("mailboxId", mailboxId), ("phase", (long)phase.Phase), ("since", phase.Since?.ToUnixTimeSeconds())];

    /// <param name="row">Of <see cref="Select"/>.</param>
    public static PhaseMark Read(DbDataReader row) =>
        new((MailboxPhase)row.Long("phase"), row.LongOrNull("phase_since") is { } since ? DateTimeOffset.FromUnixTimeSeconds(since) : null);
}
