using Migrator.App.Formatting;
using Migrator.Core.Following;
using Migrator.Core.Plans;

namespace Migrator.App.Reports;

/// <summary>What a plan shows.</summary>
public static class PlanDocument
{
    private static readonly IReadOnlyList<CountColumn<PlannedFolder>> s_columns =
    [
        new("Messages", folder => folder.Messages, Always: true),
        new("To copy", folder => folder.Deliver.Count, Always: true),
        new("Already there", folder => folder.Copied),
        new("Other flags", folder => folder.Flags.Count),
        new("Skipped", folder => folder.Skipped),
        new("Removed at the target", folder => folder.RemovedAtTarget),
        new("Different at the target", folder => folder.Differing),
        new("Too large", folder => folder.TooLarge.Count, Alert: true),
    ];

    public static ReportDocument Of(MailboxPlan plan)
    {
        var folders = plan.Folders;
        return new(
            "Migration plan",
            plan.Job,
            Verdict.Of(plan),
            plan.Made,
            plan.Made,
            [
                ("From", DisplayText.Account(plan.Source)),
                ("To", DisplayText.Account(plan.Target)),
                (
                    "To copy",
                    $"{Format.Count(folders.Sum(folder => (long)folder.Deliver.Count), "message")} "
                        + $"({Format.Size(folders.Sum(folder => folder.DeliverBytes))})"
                ),
                .. plan.CompleteBy is { } end ? [("Complete by", $"about {Format.Moment(end)}: daily limits allow no sooner")] : NoFacts,
            ],
            [Tally(folders)],
            [.. Parts(plan)]
        );
    }

    private static IReadOnlyList<(string, string)> NoFacts => [];

    private static CountsLine Tally(IReadOnlyList<PlannedFolder> folders) =>
        new(
            "messages",
            folders.Sum(folder => folder.Messages),
            [
                ("to copy", folders.Sum(folder => (long)folder.Deliver.Count), false),
                ("already there", folders.Sum(folder => folder.Copied), false),
                ("removed at the target", folders.Sum(folder => folder.RemovedAtTarget), false),
                ("skipped by rule", folders.Sum(folder => folder.Skipped), false),
                ("too large", folders.Sum(folder => (long)folder.TooLarge.Count), true),
            ]
        );

    private static IEnumerable<ReportPart> Parts(MailboxPlan plan)
    {
        IReadOnlyList<CountColumn<PlannedFolder>> columns =
        [
            .. s_columns.Where(column => column.Always || plan.Folders.Any(folder => column.Count(folder) > 0)),
        ];
        return
        [
            .. ReportParts.NextSteps([.. plan.Problems.DistinctBy(problem => (problem.Code, problem.Hint))]),
            .. ReportParts.List("Problems", [.. plan.Problems.Select(ReportParts.Of)]),
            .. ReportParts.List("Followed at the target", [.. Followed(plan).Select(text => new ReportCell(text))]),
            .. ReportParts.Table(
                "Folders to rename at the target",
                "folders",
                plan.Renames,
                [ReportParts.Lead("Folder"), new("New name")],
                rename => [ReportParts.Of(rename.From), new(rename.To.ToString())]
            ),
            .. ReportParts.Table(
                $"Deletions to follow: {DisplayText.Of(plan.DeletionMode)}",
                "folders",
                plan.Deletions,
                [ReportParts.Lead("Folder"), ReportParts.Number("Messages"), new("Needs consent")],
                deletion =>
                    [
                        ReportParts.Of(deletion.Source, deletion.Target),
                        new(Format.Count(deletion.Uids.Count)),
                        new(deletion.Held is null ? "" : $"{deletion.Held} Run with --allow-deletions."),
                    ]
            ),
            .. ReportParts.Table(
                "Folders",
                "folders",
                plan.Folders,
                [
                    ReportParts.Lead("Folder"),
                    .. columns.Select(column => ReportParts.Number(column.Title)),
                    ReportParts.Number("Size to copy"),
                ],
                folder =>
                    [
                        ReportParts.Of(folder.Source, folder.Target) with
                        {
                            Note = folder.Failure?.Detail ?? (folder.TargetUidValidity.IsKnown ? null : "new at the target"),
                        },
                        .. ReportParts.Counts(columns, folder),
                        new(Format.Size(folder.DeliverBytes)),
                    ],
                main: true
            ),
            .. ReportParts.Notes(plan.Notices),
        ];
    }

    /// <summary>Besides what has a table.</summary>
    private static IEnumerable<string> Followed(MailboxPlan plan)
    {
        if (plan.Moves > 0)
            yield return $"{Format.Count(plan.Moves, "message")} to copy seem to be moved. Where content is the same, copies are moved.";
        if (plan.Kept > 0)
            yield return $"{Format.Count(plan.Kept, "copy stays", "copies stay")} although the message was moved or deleted at the source: "
                + "changed at the target.";
    }
}
