using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Migrator.Core.Failures;
using Migrator.Core.Files;

namespace Migrator.Core.Jobs;

/// <summary>The mailboxes of a job as they are listed: in the job file, or in a CSV file whose columns are named for the places in a
/// job file that they fill, such as <c>source.user</c>.</summary>
/// <param name="Files">That were read, full paths.</param>
/// <param name="Columns">Of a file, as its first line names them.</param>
internal sealed record MailboxList(IReadOnlyList<MailboxRow> Rows, IReadOnlyList<string> Files, IReadOnlyList<string> Columns)
{
    // No place in a job file is as deep; places that are would be too much for whatever reads them further on.
    private const int DeepestColumn = 8;

    private const string NotUtf8 = "is not UTF-8. In a spreadsheet, save it as \"CSV UTF-8\".";

    private static readonly HashSet<string> s_numbers = ["port", "connections", "deleteAtSourceAfterDays"];
    private static readonly HashSet<string> s_lists = ["include", "exclude"];
    private static readonly HashSet<string> s_flags = ["allowSharedTarget"];

    /// <returns>The column that fills this place; null where none does.</returns>
    public string? ColumnOf(string path) =>
        Columns
            .Where(column =>
                column.Split('.').Aggregate("$", JsonLineMap.Child) is var place
                && (place == path || path.StartsWith($"{place}[", StringComparison.Ordinal))
            )
            .Select(JsonObjectReader.Short)
            .FirstOrDefault();

    /// <param name="jobFile">The file that <paramref name="mailboxes"/> stands in; relative paths start from its directory.</param>
    /// <returns>Null where there were errors.</returns>
    public static MailboxList? Read(JsonElement mailboxes, string jobFile, JsonLineMap lines, List<ConfigurationError> errors)
    {
        var path = JsonLineMap.Child("$", "mailboxes");
        switch (mailboxes.ValueKind)
        {
            case JsonValueKind.String when mailboxes.GetString() is { Length: > 0 } name && !name.Contains('\0'):
                return ReadFile(Path.GetFullPath(name, Path.GetDirectoryName(Path.GetFullPath(jobFile))!), path, errors);
            case JsonValueKind.Array when mailboxes.GetArrayLength() > 0:
                return new MailboxList(
                    [
                        .. mailboxes
                            .EnumerateArray()
                            .Select(
                                (element, index) =>
                                    Row(element, $"{Path.GetFileName(jobFile)} line {lines.Of($"{path}[{index}]")}, mailboxes[{index}]")
                            ),
                    ],
                    [],
                    []
                );
            default:
                errors.Add(new ConfigurationError(path, "must be a list in [ ] with at least one mailbox, or the path of a CSV file."));
                return null;
        }
    }

    private static MailboxRow Row(JsonElement element, string place) =>
        element.ValueKind switch
        {
            JsonValueKind.String => new MailboxRow(element.GetString()!, [], place),
            JsonValueKind.Object when JsonObjectReader.Twice(element, "").FirstOrDefault() is { } twice => new MailboxRow(
                null,
                [],
                place,
                $"has {twice[1..]} twice; keep one."
            ),
            JsonValueKind.Object => Row(JsonObject.Create(element)!, place),
            _ => new MailboxRow(null, [], place, "must be an object in { }, or a name in quotes."),
        };

    private static MailboxRow Row(JsonObject row, string place)
    {
        var name = row["name"] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
        row.Remove("name");
        return new MailboxRow(name, row, place);
    }

    private static MailboxList? ReadFile(string file, string path, List<ConfigurationError> errors)
    {
        try
        {
            var text = InputFile.ReadText(file, InputFile.MostOfJobs, new UTF8Encoding(false, throwOnInvalidBytes: true));
            // With a byte order mark in front, what is not UTF-8 does not throw.
            if (text.Contains('\uFFFD'))
                return Wrong(NotUtf8);
            if (CsvText.Open(text) is not { } csv)
                return Wrong("is not valid CSV from line 1 on.");
            if (csv.Read() is not { } columns)
                return Wrong(
                    "is empty; its first line names the columns, such as name,source.user,source.password,target.user,target.password."
                );
            // Spreadsheets write empty columns and rows besides those that somebody filled in.
            if (columns.FirstOrDefault(column => column.Count(letter => letter == '.') >= DeepestColumn) is { } deep)
                return Wrong($"has a column \"{JsonObjectReader.Short(deep)}\", which is not a key of a mailbox.");
            if (
                columns.Where(column => column.Length > 0).GroupBy(column => column).FirstOrDefault(group => group.Count() > 1) is { } twice
            )
                return Wrong($"has the column \"{twice.Key}\" twice.");
            var rows = new List<MailboxRow>();
            for (var line = csv.Line + 1; csv.Read() is { } cells; line = csv.Line + 1)
            {
                // Nothing that a mailbox has. The rows in it would be taken for ones that are gone.
                if (cells.Any(cell => cell.AsSpan().ContainsAny('\r', '\n')))
                    return Wrong($"has a double quote that is not closed in its line, in line {line} or behind it.");
                if (cells.Any(cell => cell.Length > 0))
                    rows.Add(Row(cells, columns, $"{Path.GetFileName(file)} line {csv.Line}"));
            }
            return rows.Count > 0 ? new MailboxList(rows, [file], columns) : Wrong("lists no mailbox.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Wrong($"cannot be read: {exception.Message}");
        }
        catch (DecoderFallbackException)
        {
            return Wrong(NotUtf8);
        }

        MailboxList? Wrong(string what)
        {
            errors.Add(new ConfigurationError(path, $"the file {file} {what}"));
            return null;
        }
    }

    /// <returns>Why a cell is not what somebody meant to write; null where it may be.</returns>
    private static string? Disguised(string cell) =>
        cell[0] is '“' or '”' or '„' or '‘' or '’' or '«'
            ? "begins with a typographic quote, which would be part of the name; write plain double quotes, or none."
        : cell.StartsWith("=\"", StringComparison.Ordinal) ? "is a formula of a spreadsheet; write the text that it stands for."
        : null;

    private static MailboxRow Row(string[] cells, string[] columns, string place)
    {
        var count = Array.FindLastIndex(cells, cell => cell.Length > 0) + 1;
        var (values, wrong) = (
            new JsonObject(),
            count > columns.Length
                ? $"has {count} cells where there are {columns.Length} columns; a cell with a delimiter in it must be in double quotes."
                : null
        );
        string? name = null;
        foreach (var (index, column) in columns.Index())
        {
            if (cells.ElementAtOrDefault(index) is not { Length: > 0 } cell)
                continue;
            if (Disguised(cell) is { } disguise)
                wrong ??= $"has a cell for {JsonObjectReader.Short(column)} that {disguise}";
            if (column == "name")
                name = cell;
            else
                Put(values, column.Split('.'), cell);
        }
        return new MailboxRow(name, values, place, wrong);
    }

    private static void Put(JsonObject values, string[] path, string cell)
    {
        var place = values;
        foreach (var step in path.SkipLast(1))
            place = (JsonObject)(place[step] is JsonObject inner ? inner : place[step] = new JsonObject());
        place[path[^1]] =
            s_lists.Contains(path[^1]) ? new JsonArray([.. cell.Split('|', StringSplitOptions.TrimEntries).Select(text => (JsonNode)text)])
            : s_numbers.Contains(path[^1]) && int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : s_flags.Contains(path[^1]) && bool.TryParse(cell, out var flag) ? flag
            : cell;
    }
}
