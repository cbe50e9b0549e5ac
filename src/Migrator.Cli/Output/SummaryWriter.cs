using Migrator.App.Formatting;
using Migrator.App.Reports;
using Migrator.Core.Failures;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>The parts of a summary. The verdict comes last: the last lines are what a terminal still shows.</summary>
internal sealed class SummaryWriter(IAnsiConsole console)
{
    private const int MostFolders = 40;
    private const int MostItems = 20;
    private const int WidestName = 40;
    private const int NarrowestName = 12;

    private static readonly Style s_bold = new(decoration: Decoration.Bold);
    private static readonly Style s_dim = new(decoration: Decoration.Dim);
    private static readonly Style s_bad = new(Color.Red);

    /// <summary>Strangers' text goes through here, never through markup.</summary>
    public void Line(string text, int indent = 0, Style? style = null)
    {
        var indented = new string(' ', indent) + TextSanitizer.ForTerminal(text);
        foreach (var line in WordWrap.Text(indented, console.Profile.Width).Split('\n'))
        {
            // Wider than the terminal is what people copy, such as a hash.
            if (TextSanitizer.Width(line) > console.Profile.Width)
                console.Profile.Out.Writer.WriteLine(line);
            else
                Whole(line, style ?? Style.Plain);
        }
    }

    /// <summary>On one line, however wide the terminal is.</summary>
    public void Whole(string text, Style style)
    {
        console.Write(new Text(text, style).Overflow(Overflow.Crop));
        console.WriteLine();
    }

    /// <summary>A line for each row, whatever the width of the terminal is.</summary>
    public void Table(IReadOnlyList<FittedColumn> columns, IReadOnlyList<string[]> rows)
    {
        foreach (var (index, line) in FittedTable.Lines(columns, rows, console.Profile.Width).Index())
            Whole(line, index == 0 ? s_bold : Style.Plain);
    }

    /// <param name="part">What a row is about: "Folder".</param>
    /// <param name="total">The counts of all rows.</param>
    public void Table<T, TCounts>(
        string part,
        IReadOnlyList<T> folders,
        Func<T, bool> needsAttention,
        Func<T, string> name,
        Func<T, string?> note,
        Func<T, TCounts> counts,
        TCounts total,
        IReadOnlyList<CountColumn<TCounts>> columns
    )
    {
        var shown = folders.Count <= MostFolders ? folders : [.. folders.Where(needsAttention).Take(MostFolders)];
        var (names, widths) = Widths(
            shown
                .SelectMany(folder => new[] { name(folder), note(folder) ?? "" })
                .Append($"{Format.Count(folders.Count)} other {part}s")
                .Max(text => TextSanitizer.Width(TextSanitizer.ForTerminal(text))),
            [.. columns.Select(column => (column.Title, Format.Count(column.Count(total)).Length))]
        );
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn(new Text(part, s_bold)).Padding(0, 0).Width(names));
        foreach (var (column, width) in columns.Zip(widths))
            table.AddColumn(new TableColumn(new Text(column.Title, s_bold)).RightAligned().Padding(new Padding(1, 0, 0, 0)).Width(width));
        foreach (var folder in shown)
        {
            // Cut here: what wraps would be broken within words.
            var text = new Paragraph(TextSanitizer.Fit(TextSanitizer.ForTerminal(name(folder)), names));
            if (note(folder) is { } words)
                text.Append("\n" + TextSanitizer.ForTerminal(words), s_dim);
            table.AddRow([text, .. columns.Select(column => new Text(Format.Count(column.Count(counts(folder)))))]);
        }
        if (folders.Except(shown).ToArray() is { Length: > 0 } rest)
            table.AddRow([
                new Text($"{Format.Count(rest.Length, $"other {part.ToLowerInvariant()}")}", s_dim),
                .. columns.Select(column => new Text(Format.Count(rest.Sum(folder => column.Count(counts(folder)))), s_dim)),
            ]);
        if (folders.Count > 1)
            table.AddRow([new Text("Total", s_bold), .. columns.Select(column => new Text(Format.Count(column.Count(total)), s_bold))]);
        console.Write(table);
    }

    /// <summary>What the numbers need, and the rest for names. Titles of several words get as many lines where it is narrow.</summary>
    private (int Names, IReadOnlyList<int> Counts) Widths(int longest, IReadOnlyList<(string Title, int Digits)> columns)
    {
        // The table begins and ends with a blank; two are before each number.
        var room = console.Profile.Width - 2 - (2 * columns.Count);
        int[] wide = [.. columns.Select(column => Math.Max(column.Title.Length, column.Digits))];
        int[] narrow = [.. columns.Select(column => Math.Max(column.Title.Split(' ').Max(word => word.Length), column.Digits))];
        var counts = wide.Sum() + Math.Min(longest, WidestName) <= room ? wide : narrow;
        return (Math.Clamp(room - counts.Sum(), Math.Min(longest, NarrowestName), longest), counts);
    }

    public void Problems(IReadOnlyList<Failure> problems)
    {
        Head("Problems", problems.Count, s_bad);
        foreach (var problem in problems.Take(MostItems))
            Line($"{problem.Code}: {problem.Detail}", 2);
        More(problems.Count);
    }

    public void FolderFailures(IReadOnlyList<FolderReport> folders)
    {
        var failed = folders.Where(folder => folder.Failure is not null).ToArray();
        Head("Folders that failed", failed.Length, s_bad);
        foreach (var folder in failed.Take(MostItems))
            Line($"{DisplayText.Folder(folder)}  {folder.Failure!.Code}: {folder.Failure.Detail}", 2);
        More(failed.Length);
    }

    public void Failures(IReadOnlyList<MessageFailure> failures)
    {
        Head("Messages that failed", failures.Count, s_bad);
        foreach (var failure in failures.Take(MostItems))
        {
            Line(
                (
                    $"{failure.Folder}  {failure.File ?? $"UID {failure.Uid}"}  {Format.Size(failure.Size)}  "
                    + $"{Subject(failure.Subject)}"
                ).TrimEnd(),
                2
            );
            Line($"{failure.Failure.Code}: {failure.Failure.Detail}", 4, s_dim);
        }
        More(failures.Count);
    }

    public void Differences(IReadOnlyList<Difference> differences, IReadOnlyDictionary<DifferenceKind, long> counts)
    {
        foreach (var kind in DisplayText.Kinds)
        {
            var some = differences.Where(difference => difference.Kind == kind).ToArray();
            Head(DisplayText.Title(kind), counts.GetValueOrDefault(kind));
            foreach (var difference in some.Take(MostItems))
            {
                var renamed = difference.TargetFolder == difference.Folder ? "" : $" → {difference.TargetFolder}";
                var uid =
                    difference.File is { } file ? $"  {file}"
                    : difference.Uid is { } source ? $"  UID {source}"
                    : difference.TargetUid is { } target ? $"  target UID {target}"
                    : "";
                Line(
                    $"{difference.Folder}{renamed}{uid}  {(kind == DifferenceKind.Folder ? "" : Subject(difference.Subject))}".TrimEnd(),
                    2
                );
                if (difference.Expected.Length + difference.Actual.Length > 0)
                    Line($"source: {DisplayText.Value(difference.Expected)}; target: {DisplayText.Value(difference.Actual)}", 4, s_dim);
            }
            More(counts.GetValueOrDefault(kind), some.Length);
        }
    }

    /// <param name="count">Of all, listed or not.</param>
    public void Tolerated(IReadOnlyList<ToleratedMessage> messages, long count)
    {
        Head(DisplayText.ToleratedTitle, count);
        foreach (var message in messages.Take(MostItems))
        {
            var renamed = message.TargetFolder == message.Folder ? "" : $" → {message.TargetFolder}";
            Line($"{message.Folder}{renamed}  UID {message.Uid}  {string.Join(", ", message.Rewrites.Select(DisplayText.Of))}", 2);
            Line($"found by {DisplayText.Of(message.MatchedBy)}{(message.Detail.Length > 0 ? $"; {message.Detail}" : "")}", 4, s_dim);
        }
        More(count, messages.Count);
    }

    public void Hints(IReadOnlyList<Failure> hints) => Items("Next steps", [.. hints.Select(hint => $"{hint.Code}: {hint.Hint}")]);

    public void Notices(IReadOnlyList<string> notices)
    {
        Head("Notes", notices.Count);
        foreach (var notice in notices.Take(MostItems))
            Line(notice, 2);
        More(notices.Count);
    }

    /// <summary>A list that is shown whole.</summary>
    public void Items(string title, IReadOnlyList<string> items)
    {
        Head(title, items.Count);
        foreach (var item in items)
            Line(item, 2);
    }

    /// <param name="speed">Null where it says nothing.</param>
    /// <param name="counts">Sums, below the verdict.</param>
    public void End(Verdict verdict, string? speed, ReportPaths? files, params IEnumerable<string> counts)
    {
        console.WriteLine();
        Line(verdict.Headline + ".", style: new Style(verdict.Good ? Color.Green : Color.Red, decoration: Decoration.Bold));
        foreach (var line in new[] { verdict.Then }.Concat(counts).Append(speed).OfType<string>())
            Line(line);
        if (files is null)
            return;
        // Written without wrapping: a path is copied from the terminal.
        console.Profile.Out.Writer.WriteLine($"Report: {files.Html}");
        console.Profile.Out.Writer.WriteLine($"        {files.Json}");
    }

    private static string Subject(string? subject) => TextSanitizer.Fit(TextSanitizer.ForTerminal(DisplayText.Subject(subject)), 70);

    private void Head(string title, long count, Style? style = null)
    {
        if (count == 0)
            return;
        console.WriteLine();
        Line($"{title} ({Format.Count(count)})", style: style ?? s_bold);
    }

    /// <param name="listed">So many of them are in the report; null for all.</param>
    private void More(long count, long? listed = null)
    {
        if (count > MostItems)
            Line(
                $"… and {Format.Count(count - MostItems)} "
                    + $"more{(listed < count ? $"; the report lists {Format.Count(listed.Value)}" : " in the report")}",
                2,
                s_dim
            );
    }
}
