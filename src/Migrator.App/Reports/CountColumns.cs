using Migrator.App.Formatting;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>The columns of counts that say something.</summary>
public static class CountColumns
{
    private static readonly IReadOnlyList<CountColumn<ComparedCounts>> s_compared =
    [
        new("Source", counts => counts.SourceMessages, Always: true),
        new("Target", counts => counts.TargetMessages, Always: true),
        new("Same", counts => counts.Matched, Always: true),
        new("Rewritten", counts => counts.Tolerated),
        new("Missing", counts => counts.Missing, Alert: true),
        new("Altered", counts => counts.Altered, Alert: true),
        new("Other flags", counts => counts.FlagsDiffer, Alert: true),
        new("Other date", counts => counts.DatesDiffer, Alert: true),
        new("Twice", counts => counts.Duplicates, Alert: true),
        new("Extra", counts => counts.Extra),
    ];

    /// <param name="total">What all rows come to.</param>
    public static IReadOnlyList<CountColumn<MessageCounts>> Of(Operation operation, MessageCounts total) =>
        Shown(
            total,
            [
                new("Found", counts => counts.Found, Always: true),
                new(DisplayText.Done(operation), counts => counts.Delivered, Always: operation != Operation.Upkeep),
                new(DisplayText.There(operation), counts => counts.AlreadyThere),
                new("Vanished", counts => counts.Vanished),
                new("Skipped", counts => counts.Skipped),
                new("Failed", counts => counts.Failed, Alert: true),
                new("Not reached", counts => counts.Remaining, Alert: true),
            ]
        );

    /// <inheritdoc cref="Of(Operation, MessageCounts)"/>
    public static IReadOnlyList<CountColumn<ComparedCounts>> Of(ComparedCounts total) => Shown(total, s_compared);

    private static IReadOnlyList<CountColumn<T>> Shown<T>(T total, IReadOnlyList<CountColumn<T>> columns) =>
        [.. columns.Where(column => column.Always || column.Count(total) > 0)];
}
