using System.Text.Json;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Migrations;

namespace Migrator.Core.Jobs;

/// <summary>One JSON object of a job file, read by name. It collects what is wrong instead of stopping at the
/// first.</summary>
internal sealed class JsonObjectReader
{
    public const string StandsTwice = "is specified twice; remove one.";

    private const int MostShown = 1000;

    private readonly OrderedDictionary<string, JsonElement> _values;
    private readonly List<ConfigurationError> _errors;
    private readonly HashSet<string> _asked;

    /// <param name="names">How names are compared; exactly where null.</param>
    public JsonObjectReader(JsonElement element, string path, List<ConfigurationError> errors, StringComparer? names = null)
    {
        (Path, _errors, _values, _asked) = (path, errors, new(names), new(names));
        if (element.ValueKind != JsonValueKind.Object)
        {
            Wrong(path, $"must be an object in {{ }}, not {Kind(element)}.");
            IsObject = false;
            return;
        }
        foreach (var property in element.EnumerateObject())
        {
            if (!_values.TryAdd(property.Name, property.Value))
                Wrong(At(property.Name), StandsTwice);
        }
    }

    public string Path { get; }

    public bool IsObject { get; } = true;

    /// <summary>In the order of the file.</summary>
    public IEnumerable<string> Names => _values.Keys;

    /// <summary>What was asked for so far.</summary>
    public IReadOnlySet<string> Asked => _asked;

    /// <summary>Whether it is there; it counts as asked for.</summary>
    public bool Has(string name)
    {
        _asked.Add(name);
        return _values.ContainsKey(name);
    }

    /// <summary>Whether an object is there; it counts as asked for.</summary>
    public bool HoldsObject(string name) => Has(name) && _values[name].ValueKind == JsonValueKind.Object;

    /// <summary>Whether the value is this word.</summary>
    public bool HoldsText(string name, string word) =>
        Has(name) && _values[name].ValueKind == JsonValueKind.String && _values[name].ValueEquals(word);

    public string At(string name) => JsonLineMap.Child(Path, name);

    public void Wrong(string path, string message) => _errors.Add(new ConfigurationError(Short(path), Short(message)));

    /// <summary>What a file says is repeated so far only: a line of it may have millions of letters.</summary>
    public static string Short(string text) => text.Length <= MostShown ? text : $"{text.AsSpan(0, MostShown - 1)}…";

    public string? Text(string name, string? missing = null)
    {
        if (!Take(name, missing, out var value))
            return null;
        // A path or a name with U+0000 in it is none to any system.
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && !text.Contains('\0'))
            return text;
        Wrong(
            At(name),
            value.ValueKind == JsonValueKind.String
                ? value.ValueEquals("")
                    ? "must not be empty."
                    : "must not contain the character U+0000."
                : $"must be text in quotes, not {Kind(value)}."
        );
        return null;
    }

    public int? Number(string name, int least, int most)
    {
        if (!Take(name, null, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most)
            return number;
        Wrong(At(name), $"must be a whole number from {least} to {most}, not {Shown(value)}.");
        return null;
    }

    public bool? Flag(string name)
    {
        if (!Take(name, null, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Wrong(At(name), $"must be true or false, not {Shown(value)}.");
        return null;
    }

    /// <summary>A time span such as <c>90s</c>, <c>10m</c>, <c>6h</c> or <c>2d</c>.</summary>
    public TimeSpan? Duration(string name, TimeSpan least, TimeSpan most)
    {
        if (Text(name) is not { } text)
            return null;
        if (Durations.Parse(text) is { } span && span >= least && span <= most)
            return span;
        Wrong(
            At(name),
            $"is \"{text}\"; write a time such as \"90s\", \"10m\", \"6h\" or \"2d\", from {Durations.Of(least)} to {Durations.Of(most)}."
        );
        return null;
    }

    /// <summary>One of a few words.</summary>
    public T? Choice<T>(string name, IReadOnlyDictionary<string, T> choices)
        where T : struct
    {
        if (!Take(name, null, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.String && choices.TryGetValue(value.GetString()!, out var choice))
            return choice;
        Wrong(At(name), $"is {Shown(value)}; use {OneOf(choices.Keys)}.");
        return null;
    }

    /// <summary>Some of a few words; empty where there is no such list.</summary>
    public IReadOnlySet<T> Choices<T>(string name, IReadOnlyDictionary<string, T> choices)
        where T : struct
    {
        var chosen = new HashSet<T>();
        if (!Take(name, null, out var value))
            return chosen;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            Wrong(At(name), $"is {Shown(value)}; use a list in [ ] of {OneOf(choices.Keys)}.");
            return chosen;
        }
        foreach (var (index, element) in value.EnumerateArray().Index())
        {
            if (element.ValueKind != JsonValueKind.String || !choices.TryGetValue(element.GetString()!, out var choice))
                Wrong($"{At(name)}[{index}]", $"is {Shown(element)}; use {OneOf(choices.Keys)}.");
            else if (!chosen.Add(choice))
                Wrong($"{At(name)}[{index}]", $"repeats {Shown(element)}.");
        }
        return chosen;
    }

    public JsonObjectReader? Object(string name, string? missing = null)
    {
        if (!Take(name, missing, out var value))
            return null;
        var inner = new JsonObjectReader(value, At(name), _errors);
        return inner.IsObject ? inner : null;
    }

    public IReadOnlyList<string> Texts(string name)
    {
        if (!Take(name, null, out var value))
            return [];
        if (value.ValueKind != JsonValueKind.Array)
        {
            Wrong(At(name), $"must be a list in [ ], not {Kind(value)}.");
            return [];
        }
        var texts = new List<string>();
        foreach (var (index, element) in value.EnumerateArray().Index())
        {
            if (element.ValueKind == JsonValueKind.String && element.GetString() is { Length: > 0 and <= MostShown } text)
                texts.Add(text);
            else
            {
                var what =
                    element.ValueKind != JsonValueKind.String ? Kind(element)
                    : element.ValueEquals("") ? "empty text"
                    : $"text of more than {MostShown} characters";
                Wrong($"{At(name)}[{index}]", $"must be text in quotes, not {what}.");
            }
        }
        return texts;
    }

    /// <summary>Names that stand beside these, and not here: shown to anyone who misspelt one of them.</summary>
    public IReadOnlySet<string> Elsewhere { get; init; } = new HashSet<string>();

    /// <summary>Call last: what nobody asked for is an error, most often of spelling.</summary>
    public void NothingElse()
    {
        foreach (var name in _values.Keys.Where(name => !_asked.Contains(name)))
        {
            var known = _asked.Concat(Elsewhere).ToHashSet();
            Wrong(
                At(name),
                Elsewhere.Contains(name) ? "is for all mailboxes of a job; it cannot be set for one of them."
                    : RenamedNames.Hint(RenamedNames.JobKeys, name, known) is { } renamed ? renamed
                    : Spelling.Closest(name, known) is { } closest ? $"is not known; did you mean \"{closest}\"?"
                    : $"is not known; known here are {string.Join(", ", known.Order(StringComparer.Ordinal))}."
            );
        }
    }

    /// <returns>The paths of what is twice in one object, however deep. Nodes, unlike documents, cannot hold that.</returns>
    public static IEnumerable<string> Twice(JsonElement element, string path) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element
                .EnumerateObject()
                .GroupBy(property => property.Name, property => Twice(property.Value, JsonLineMap.Child(path, property.Name)))
                .SelectMany(group =>
                    group.SelectMany(inner => inner).Concat(group.Skip(1).Select(_ => JsonLineMap.Child(path, group.Key)).Take(1))
                ),
            JsonValueKind.Array => element.EnumerateArray().Index().SelectMany(item => Twice(item.Item, $"{path}[{item.Index}]")),
            _ => [],
        };

    /// <summary>Words in quotes, with "or" before the last.</summary>
    public static string OneOf(IEnumerable<string> words)
    {
        var quoted = words.Select(word => $"\"{word}\"").ToList();
        return quoted.Count == 1 ? quoted[0] : $"{string.Join(", ", quoted.SkipLast(1))} or {quoted[^1]}";
    }

    private bool Take(string name, string? missing, out JsonElement value)
    {
        _asked.Add(name);
        if (_values.TryGetValue(name, out value))
            return true;
        if (missing is not null && IsObject)
            Wrong(At(name), $"is missing; {missing}");
        return false;
    }

    private static string Kind(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.String => "text",
            JsonValueKind.Number => "a number",
            JsonValueKind.Null => "null",
            _ => "true or false",
        };

    private static string Shown(JsonElement value) =>
        value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.GetRawText() : Kind(value);
}
