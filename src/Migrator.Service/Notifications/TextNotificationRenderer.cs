using System.Text;
using Migrator.App.Formatting;
using Migrator.Core.Redaction;

namespace Migrator.Service.Notifications;

/// <summary>A letter as plain text.</summary>
internal static class TextNotificationRenderer
{
    public static string Of(NotificationContent page)
    {
        var text = new StringBuilder().Append(Safe(page.Title)).Append("\n\n");
        var width = page.Facts.Select(fact => fact.Name.Length).DefaultIfEmpty().Max();
        foreach (var (name, value) in page.Facts)
            text.Append($"{$"{name}:".PadRight(width + 1)} {Safe(value)}\n");
        foreach (var table in page.Tables.Where(table => table.All > 0))
        {
            text.Append($"\n{table.Title}: {Format.Count(table.All)}\n");
            foreach (var row in table.Rows)
            {
                text.Append($"\n* {Safe(row[0])}\n");
                foreach (var (name, value) in table.Columns.Zip(row).Skip(1).Where(cell => cell.Second.Length > 0))
                    text.Append($"  {name}: {Safe(value)}\n");
            }
            if (table.All > table.Rows.Count)
                text.Append($"\nand {Format.Count(table.All - table.Rows.Count)} more\n");
        }
        if (page.Link is { } link)
            text.Append($"\n{link.AbsoluteUri}\n");
        return text.Append("\n-- \nSent by Migrator. The attachment contains the same for programs.\n").ToString();
    }

    /// <summary>On one line, without secrets and control characters.</summary>
    public static string Safe(string text) => TextSanitizer.ForPage(SecretRedactor.Redact(text));
}
