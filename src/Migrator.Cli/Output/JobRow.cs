using Migrator.Core.JobRuns;

namespace Migrator.Cli.Output;

/// <param name="Mailboxes">Rows with errors included.</param>
/// <param name="Next">Null where only a person starts it.</param>
/// <param name="States">How many mailboxes are in each state.</param>
public sealed record JobRow(
    string Job,
    string Kind,
    int Mailboxes,
    bool Paused,
    DateTimeOffset? Next,
    IReadOnlyDictionary<MailboxRunState, int> States
);
