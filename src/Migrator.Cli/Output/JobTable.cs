using Migrator.App.Formatting;
using Migrator.Core.JobRuns;

namespace Migrator.Cli.Output;

/// <summary>The table of <c>migrator jobs list</c>.</summary>
public static class JobTable
{
    public static readonly IReadOnlyList<FittedColumn> Columns =
    [
        new("Job", Least: 12),
        new("Kind", Rank: 1),
        new("Mailboxes", Right: true),
        new("State", Least: 15, IsSentence: true),
        new("Next start"),
    ];

    /// <param name="zone">Whose time is shown.</param>
    public static string[] Cells(JobRow row, TimeZoneInfo zone) =>
        [
            row.Job,
            row.Kind,
            Format.Count(row.Mailboxes),
            States(row.States),
            row.Paused ? "paused"
            : row.Next is { } next ? Format.Minute(next, zone)
            : "manual",
        ];

    /// <summary>"2 running, 5 waiting, 1 failed": those that are complete only where all are.</summary>
    private static string States(IReadOnlyDictionary<MailboxRunState, int> states)
    {
        var said = string.Join(
            ", ",
            states
                .Where(state => state.Value > 0 && state.Key != MailboxRunState.Complete)
                .OrderBy(state => state.Key == MailboxRunState.Waiting)
                .ThenBy(state => state.Key.IsOver())
                .ThenBy(state => state.Key)
                .Select(state => $"{Format.Count(state.Value)} {DisplayText.Of(state.Key)}")
        );
        return said.Length > 0 ? said
            : states.Values.Sum() > 0 ? "complete"
            : "never ran";
    }
}
