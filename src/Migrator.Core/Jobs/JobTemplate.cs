using System.Text.Json;
using System.Text.Json.Nodes;
using Migrator.Core.Failures;
using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>A job file that is filled in for each of its mailboxes: what a row says replaces what the file says, and <c>{name}</c> in a
/// text becomes the mailbox's name.</summary>
/// <param name="other">What the file holds besides the template.</param>
internal sealed class JobTemplate(JsonElement root, string name, string directory, IReadOnlySet<string> other)
{
    private const string Placeholder = "{name}",
        User = "user",
        Password = "password",
        PasswordFile = "passwordFile",
        Command = "command";

    private readonly JsonObject _template = new(
        root.EnumerateObject()
            .Where(property => !other.Contains(property.Name))
            .Select(property =>
                KeyValuePair.Create(
                    property.Name,
                    JsonNode.Parse(
                        property.Value.GetRawText(),
                        null,
                        new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }
                    )
                )
            )
    );

    /// <param name="errors">Gets what is wrong with the file itself: errors that all rows share.</param>
    public (IReadOnlyList<JobMailbox> Mailboxes, IReadOnlyList<InvalidMailbox> InvalidMailboxes) Fill(
        MailboxList list,
        List<ConfigurationError> errors
    )
    {
        var filled = list.Rows.Select(Guarded).ToList();
        var shared = filled[0].Errors.Where(error => filled.TrueForAll(row => row.Errors.Contains(error))).ToList();
        if (shared.Count > 0)
        {
            // Of a list with one row nobody can tell: it is named, so that it is examined too.
            var where = filled.Count == 1 ? $" ({filled[0].Row.Place})" : "";
            errors.AddRange(
                shared.Select(error =>
                    error with
                    {
                        Message = list.ColumnOf(error.Path) is { } column
                            ? $"{error.Message} (column \"{column}\" of {list.Files[0]})"
                            : $"{error.Message}{where}",
                    }
                )
            );
            return ([], []);
        }
        var (mailboxes, bad) = (
            new List<JobMailbox>(),
            new List<(MailboxRow Row, string Name, IReadOnlyList<ConfigurationError> Errors)>()
        );
        var names = new Dictionary<string, string>();
        foreach (var (row, job, rowName, mistakes) in filled)
        {
            if (mistakes.Count == 0 && !names.TryAdd(rowName, row.Place))
                mistakes.Add(new ConfigurationError("name", $"\"{rowName}\" is also used in {names[rowName]}; names must be unique."));
            if (mistakes.Count == 0)
                mailboxes.Add(new JobMailbox(rowName, job!) { Place = row.Place });
            else
                bad.Add((row, rowName, mistakes));
        }
        // Beside another of the same name, and be that in a later row, it must not be taken for that.
        return (
            mailboxes,
            [
                .. bad.Select(row => new InvalidMailbox(
                    names.TryAdd(row.Name, row.Row.Place) || names[row.Name] == row.Row.Place ? row.Name : $"{row.Name} ({row.Row.Place})",
                    row.Row.Place,
                    row.Errors
                )),
            ]
        );
    }

    /// <summary>An edge: whatever one row does to its reader, the others are read.</summary>
    private (MailboxRow Row, Job? Job, string Name, List<ConfigurationError> Errors) Guarded(MailboxRow row)
    {
        try
        {
            return Fill(row);
        }
        catch (Exception exception)
        {
            return (row, null, row.Place, [JobFile.Fault(exception)]);
        }
    }

    private (MailboxRow Row, Job? Job, string Name, List<ConfigurationError> Errors) Fill(MailboxRow row)
    {
        if (row.Wrong is { } wrong)
            return (row, null, row.Name ?? row.Place, [new ConfigurationError("row", wrong)]);
        if (RunsCommand(row.Values))
            return (
                row,
                null,
                row.Name ?? row.Place,
                [
                    new ConfigurationError(
                        "row",
                        "names a command, which only the job file itself may: a list of mailboxes could run programs. The "
                            + "environment variable MIGRATOR_USER of a command is the login name."
                    ),
                ]
            );
        if (Reserved(row.Values) is { } reserved)
            return (row, null, row.Name ?? row.Place, [new ConfigurationError("row", reserved)]);
        var merged = (JsonObject)_template.DeepClone();
        Merge(merged, row.Values);
        if (row.Name is null && Filled(merged["source"]?["user"], "") is not null)
            return (row, null, row.Place, [new ConfigurationError("name", $"is missing: the job file refers to it with {Placeholder}.")]);
        var rowName = row.Name ?? (merged["source"]?["user"] is JsonValue user && user.TryGetValue(out string? text) ? text : row.Place);
        if (rowName.Length > 255 || rowName.Any(letter => char.IsControl(letter) || letter is '/' or '\\') || rowName.Trim('.').Length == 0)
            return (
                row,
                null,
                row.Place,
                [
                    new ConfigurationError(
                        "name",
                        "must be 1 to 255 characters without \"/\", \"\\\" and control characters: it may be part of paths."
                    ),
                ]
            );
        Replace(merged, rowName);
        var errors = new List<ConfigurationError>();
        using var document = JsonDocument.Parse(merged.ToJsonString());
        var job = JobParser.Read(new JsonObjectReader(document.RootElement, "$", errors) { Elsewhere = other }, name, directory);
        return (row, job, rowName, errors);
    }

    /// <summary>Whether a row says what only the job file itself may.</summary>
    private string? Reserved(JsonObject row)
    {
        foreach (var end in new[] { "source", "target" })
        {
            if (row[end] is not JsonObject values)
                continue;
            if (values.Select(value => value.Key).FirstOrDefault(AccessParser.JobKeys.Contains) is { } key)
                return $"sets {end}.{key}, which only the job file itself may: a list of mailboxes could lead passwords elsewhere.";
            if (IsEntered(_template[end]) && values.Select(value => value.Key).FirstOrDefault(name => name != User) is { } other)
                return $"sets {end}.{other}, but the job logs in as an administrator there: a row may only set {end}.{User}, as a list of "
                    + "mailboxes could lead the password of the administrator elsewhere.";
        }
        return null;
    }

    /// <summary>Whether an administrator logs in there.</summary>
    private static bool IsEntered(JsonNode? server) => server is JsonObject values && values.ContainsKey(AccessParser.AdminUser);

    private static void Merge(JsonObject into, JsonObject values)
    {
        foreach (var (key, value) in values)
        {
            // A row that says where its own password is does without the job's.
            if (key is Password or PasswordFile)
                into.Remove(key == Password ? PasswordFile : Password);
            if (value is JsonObject inner && into[key] is JsonObject there)
                Merge(there, inner);
            else
                into[key] = value?.DeepClone();
        }
    }

    private static void Replace(JsonNode node, string name)
    {
        switch (node)
        {
            case JsonObject inner:
                foreach (var (key, value) in inner.ToList())
                {
                    // Left as it is, and refused when it is read.
                    if (IsCommand(key, value) || AccessParser.JobKeys.Contains(key) || (IsEntered(inner) && key != User))
                        continue;
                    if (Filled(value, name) is { } text)
                        inner[key] = text;
                    else if (value is not null)
                        Replace(value, name);
                }
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (Filled(list[i], name) is { } text)
                        list[i] = text;
                }
                break;
        }
    }

    public static bool HasPlaceholder(string text) => text.Contains(Placeholder, StringComparison.Ordinal);

    private static bool RunsCommand(JsonNode? node) =>
        node switch
        {
            JsonObject inner => inner.Any(property => IsCommand(property.Key, property.Value) || RunsCommand(property.Value)),
            JsonArray list => list.Any(RunsCommand),
            _ => false,
        };

    private static bool IsCommand(string key, JsonNode? value) =>
        value is JsonValue leaf && leaf.TryGetValue(out string? text) && (key == Command || SecretReference.IsCommand(text));

    private static string? Filled(JsonNode? value, string name) =>
        value is JsonValue leaf && leaf.TryGetValue(out string? text) && HasPlaceholder(text)
            ? text.Replace(Placeholder, name, StringComparison.Ordinal)
            : null;
}
