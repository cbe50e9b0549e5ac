using Migrator.App.Formatting;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>Parts that reports of a run, of a verify and of a job have in common. A part without rows is none.</summary>
internal static class ReportParts
{
    public static IEnumerable<ReportPart> List(string title, IReadOnlyList<ReportCell> items)
    {
        if (items.Count > 0)
            yield return new ReportList(title, items);
    }

    public static IEnumerable<ReportPart> Table<T>(
        string title,
        string css,
        IReadOnlyList<T> items,
        IReadOnlyList<ReportColumn> columns,
        Func<T, IReadOnlyList<ReportCell>> row,
        long? count = null,
        IReadOnlyList<ReportCell>? foot = null,
        bool main = false
    )
    {
        if (items.Count > 0)
            yield return new ReportTable(title, css, columns, new ReportRows<T>(items, row), count ?? items.Count)
            {
                Foot = foot,
                IsMain = main,
            };
    }

    public static IEnumerable<ReportPart> Notes(IReadOnlyList<string> notices) =>
        List("Notes", [.. notices.Select(notice => new ReportCell(notice))]);

    public static IEnumerable<ReportPart> NextSteps(IReadOnlyList<Failure> hints) =>
        List("Next steps", [.. hints.Select(hint => new ReportCell(hint.Hint) { Code = hint.Code })]);

    public static IEnumerable<ReportPart> Differences(
        IReadOnlyList<Difference> differences,
        IReadOnlyDictionary<DifferenceKind, long> counts
    ) =>
        DisplayText.Kinds.SelectMany(kind =>
            Table(
                DisplayText.Title(kind),
                "messages",
                [.. differences.Where(difference => difference.Kind == kind)],
                kind == DifferenceKind.Folder
                    ? [Lead("Folder"), Value("At the source"), Value("At the target")]
                    :
                    [
                        Lead("Folder"),
                        Number("UID"),
                        new("Subject", ReportColumnKind.Subject),
                        Value("At the source"),
                        Value("At the target"),
                    ],
                Row,
                counts.TryGetValue(kind, out var count) ? count : null
            )
        );

    public static ReportColumn Lead(string title) => new(title, ReportColumnKind.Lead);

    public static ReportColumn Number(string title) => new(title, ReportColumnKind.Number);

    public static ReportColumn Why() => new("Why", ReportColumnKind.Why);

    public static ReportCell Of(Failure failure) => new(failure.Detail) { Code = failure.Code };

    public static ReportCell Of(FolderPath folder, string? file = null) => new(folder.ToString()) { Note = file };

    public static ReportCell Of(FolderPath folder, FolderPath target, string? file = null) =>
        new(target == folder ? folder.ToString() : $"{folder} → {target}") { Note = file };

    public static ReportCell Uid(Uid? uid, TargetUid? target) =>
        Uid(uid) with
        {
            Note = target is { Uid: var there } && uid != there ? $"at the target {Uid(there).Text}" : null,
        };

    public static ReportCell Uid(Uid? uid) => new(uid is { } known ? FormattableString.Invariant($"{known}") : "");

    public static IReadOnlyList<ReportCell> Counts<T>(IReadOnlyList<CountColumn<T>> columns, T counts) =>
        [.. columns.Select(column => Count(column.Count(counts), column.Alert))];

    private static ReportCell Count(long count, bool alert) =>
        new(Format.Count(count)) { IsZero = count == 0, IsAlert = alert && count > 0 };

    private static ReportColumn Value(string title) => new(title, ReportColumnKind.Value);

    private static IReadOnlyList<ReportCell> Row(Difference difference)
    {
        ReportCell[] ends = [new(DisplayText.Value(difference.Expected)), new(DisplayText.Value(difference.Actual))];
        var folder = Of(difference.Folder, difference.TargetFolder, difference.File);
        if (difference.Kind == DifferenceKind.Folder)
            return [folder, .. ends];
        return [folder, Uid(difference.Uid, difference.TargetUid), new(DisplayText.Subject(difference.Subject)), .. ends];
    }
}
