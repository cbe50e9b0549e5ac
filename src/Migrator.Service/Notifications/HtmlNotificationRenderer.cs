using Migrator.App.Formatting;

namespace Migrator.Service.Notifications;

/// <summary>A letter as a page for mail programs: tables and styles on each element, as many know nothing else; nothing from
/// elsewhere.</summary>
internal static class HtmlNotificationRenderer
{
    public static string Of(NotificationContent page)
    {
        var html = new Html();
        html.Add(
            $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport"
              content="width=device-width"><title>{page.Title}</title></head>
            <body style="margin:0;padding:16px;background:#f5f6f8;color:#1c2430;
              font:15px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif">
            <div style="max-width:760px;margin:0 auto">
            <div style="padding:16px 20px;background:#ffffff;border-left:6px solid {(page.Good ? "#14723b" : "#a8231b")}">
            <h1 style="margin:0 0 8px;font-size:20px;line-height:1.3;color:{(page.Good ? "#14723b" : "#a8231b")}">{new BidiIsolate(
                page.Title
            )}</h1>
            <table cellpadding="0" cellspacing="0" border="0">

            """
        );
        foreach (var (name, value) in page.Facts)
            html.Add($"""<tr><td style="padding:2px 20px 2px 0;color:#5a6675;vertical-align:top;white-space:nowrap">{name}</td>""")
                .Add($"""<td style="padding:2px 0">{new BidiIsolate(value)}</td></tr>""")
                .Add($"\n");
        html.Add($"</table></div>\n");
        foreach (var table in page.Tables.Where(table => table.All > 0))
            Add(html, table);
        if (page.Link is { } link)
            html.Add($"""<p style="margin:20px 0"><a href="{link.AbsoluteUri}" """)
                .Add($"""style="display:inline-block;padding:9px 18px;background:#1f5fa8;color:#ffffff;""")
                .Add($"""text-decoration:none;border-radius:4px">Open the dashboard</a></p>""")
                .Add($"\n");
        return html.Add(
                $"""
                <p style="margin:20px 0 0;font-size:13px;color:#5a6675">Sent by Migrator. The attachment contains the same for programs.</p>
                </div></body></html>

                """
            )
            .ToString();
    }

    private static void Add(Html html, NotificationTable table)
    {
        html.Add($"""<h2 style="margin:24px 0 8px;font-size:16px">{table.Title}: {table.All}</h2>""").Add($"\n");
        html.Add($"""<table cellpadding="0" cellspacing="0" border="0" width="100%" """)
            .Add($"""style="border-collapse:collapse;background:#ffffff;font-size:14px"><tr>""");
        foreach (var column in table.Columns)
            html.Add(
                $"""<th align="left" style="padding:6px 10px;border-bottom:2px solid #dfe4ea;color:#5a6675;font-size:12px">{column}</th>"""
            );
        html.Add($"</tr>\n");
        foreach (var row in table.Rows)
        {
            html.Add($"<tr>");
            foreach (var cell in row)
                html.Add($"""<td style="padding:6px 10px;border-bottom:1px solid #dfe4ea;vertical-align:top;word-break:break-word">""")
                    .Add($"{new BidiIsolate(cell)}</td>");
            html.Add($"</tr>\n");
        }
        html.Add($"</table>\n");
        if (table.All > table.Rows.Count)
            html.Add($"""<p style="margin:8px 0;color:#5a6675">and {table.All - table.Rows.Count} more</p>""").Add($"\n");
    }
}
