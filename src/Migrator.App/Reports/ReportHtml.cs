using Migrator.App.Formatting;

namespace Migrator.App.Reports;

/// <summary>The parts of a report as HTML: the one place that knows what a cell looks like. All text is encoded here.</summary>
public static class ReportHtml
{
    /// <summary>The cells of a table's head.</summary>
    public static Html AddHead(Html html, ReportTable table)
    {
        foreach (var column in table.Columns)
            html.Add($"""<th class="{(column.Kind == ReportColumnKind.Number ? "n" : "")}">{column.Title}</th>""");
        return html;
    }

    /// <summary>The cells of a row.</summary>
    public static Html AddRow(Html html, ReportTable table, IReadOnlyList<ReportCell> row)
    {
        foreach (var (column, cell) in table.Columns.Zip(row))
        {
            if (column.Kind == ReportColumnKind.Lead)
                html.Add($"""<td class="lead">""");
            else if (Class(column, cell) is { Length: > 0 } css)
                html.Add($"""<td class="{css}" data-label="{column.Title}">""");
            else
                html.Add($"""<td data-label="{column.Title}">""");
            Add(html, cell, column.Kind);
            html.Add($"</td>");
        }
        return html;
    }

    /// <summary>What is in an item of a list.</summary>
    public static Html AddItem(Html html, ReportCell cell) => Add(html, cell, ReportColumnKind.Text);

    private static string Class(ReportColumn column, ReportCell cell) =>
        column.Kind switch
        {
            ReportColumnKind.Number => cell.IsZero ? "n zero"
            : cell.IsAlert ? "n alert"
            : "n",
            ReportColumnKind.Subject => "subject",
            ReportColumnKind.Why => "full",
            _ => "",
        };

    private static Html Add(Html html, ReportCell cell, ReportColumnKind kind)
    {
        if (cell.Code is { } code)
            html.Add($"<code>{code}</code> ");
        if (cell.Link is { } link)
            html.Add($"""<a href="{link}">{new BidiIsolate(cell.Text)}</a>""");
        else if (kind == ReportColumnKind.Value)
            html.Add($"<code>{new BidiIsolate(cell.Text)}</code>");
        else if (kind == ReportColumnKind.Number)
            html.Add($"{cell.Text}");
        else if (cell.Text.Length > 0)
            html.Add($"{new BidiIsolate(cell.Text, IsPath: kind == ReportColumnKind.Lead)}");
        if (cell.Note is { } note)
            html.Add($" <small>{new BidiIsolate(note)}</small>");
        return html;
    }
}
