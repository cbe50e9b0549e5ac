using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Migrator.Tests.Documentation;

/// <summary>A key of a JSON schema, with the definition that it refers to.</summary>
internal sealed partial class SchemaKey
{
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonElement? _shared;

    public SchemaKey(JsonElement own, JsonElement definitions)
    {
        Own = own;
        if (own.TryGetProperty("$ref", out var reference))
        {
            Definition = reference.GetString()!.Split('/')[^1];
            _shared = definitions.GetProperty(Definition);
        }
    }

    public JsonElement Own { get; }

    /// <summary>The name of the definition that it refers to; null where it refers to none.</summary>
    public string? Definition { get; }

    /// <summary>It is an object whose keys are known.</summary>
    public bool HasKeys => Find("properties") is not null;

    /// <summary>Without its default.</summary>
    public string Description => DefaultSentence().Replace(Words, "").Trim();

    /// <summary>A value; or words, where it depends.</summary>
    public string? Default =>
        Find("default") is { } value ? $"`{Json(value)}`"
        : DefaultSentence().Match(Words) is { Success: true } said ? said.Groups[1].Value
        : null;

    public string Example =>
        (Own.TryGetProperty("examples", out var own) ? Json(own[0]) : null)
        ?? (Find("type") is { } type && type.GetString() == "boolean" ? "true" : null)
        ?? (Find("default") is { } standard ? Json(standard) : null)
        ?? (Find("examples") is { } shared ? Json(shared[0]) : null)
        ?? (Find("items") is { } item && item.TryGetProperty("enum", out var words) ? $"[{Json(words[0])}]" : null)
        ?? (Find("minimum") is { } least ? Math.Max(least.GetInt64(), 10).ToString(CultureInfo.InvariantCulture) : null)
        ?? throw new InvalidDataException($"No example: {Own}");

    private string Words => Find("description")?.GetString() ?? "";

    public string Type
    {
        get
        {
            if (Find("oneOf") is { } kinds)
                return string.Join(" or ", kinds.EnumerateArray().Select(kind => TypeOf(kind)).Distinct());
            return Definition switch
            {
                "duration" => "duration",
                "secret" => "reference",
                "path" => "folder path",
                "globs" => "list of patterns",
                _ => TypeOf(_shared ?? Own),
            };
        }
    }

    private static string TypeOf(JsonElement schema)
    {
        if (schema.TryGetProperty("enum", out var words))
            return string.Join(", ", words.EnumerateArray().Select(word => $"`{Json(word)}`"));
        var type = schema.TryGetProperty("type", out var named) ? named.GetString() : null;
        return type switch
        {
            "boolean" => "`true`, `false`",
            "integer" => Range(schema),
            "string" => Kind(schema.TryGetProperty("pattern", out var pattern) ? pattern.GetString()! : ""),
            "array" when schema.TryGetProperty("items", out var item) && !item.TryGetProperty("oneOf", out _) => TypeOf(item) is var one
            && one is ("text" or "reference")
                ? $"list of {one}s"
                : $"list of {one}",
            "array" => "list",
            _ => "object",
        };
    }

    private static string Range(JsonElement schema)
    {
        var (least, most) = (schema.GetProperty("minimum").GetInt64(), schema.GetProperty("maximum").GetInt64());
        return string.Create(CultureInfo.InvariantCulture, $"{least:N0} to {most:N0}");
    }

    /// <summary>What texts of a pattern are.</summary>
    private static string Kind(string pattern) =>
        pattern switch
        {
            _ when pattern.Contains("env:.+", StringComparison.Ordinal) => "reference",
            _ when pattern.Contains("[Ii][Bb]", StringComparison.Ordinal) => "size",
            _ when pattern.EndsWith("[SsMmHhDd]\\s*$", StringComparison.Ordinal) => "duration",
            _ => "text",
        };

    private JsonElement? Find(string name) =>
        Own.TryGetProperty(name, out var own) ? own
        : _shared is { } shared && shared.TryGetProperty(name, out var found) ? found
        : null;

    private static string Json(JsonElement value) => JsonSerializer.Serialize(value, s_plain);

    [GeneratedRegex(@" ?Default: (.*?)\.(?= [A-Z]|$)")]
    private static partial Regex DefaultSentence();
}
