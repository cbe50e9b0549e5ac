namespace Migrator.App.Health;

/// <param name="Status"><c>ok</c>, <c>overdue</c> or <c>paused</c>.</param>
/// <param name="OverdueAfterSeconds">Null where nothing says when it is overdue.</param>
/// <param name="Overdue">How many mailboxes are overdue.</param>
/// <param name="Names">Of the first of those, the one first that has been overdue for longest.</param>
public sealed record JobHealthState(
    string Job,
    string Status,
    int Mailboxes,
    double? OverdueAfterSeconds,
    int Overdue,
    IReadOnlyList<string> Names
);
