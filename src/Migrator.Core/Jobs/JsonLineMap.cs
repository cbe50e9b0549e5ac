using System.Text.Json;
using System.Text.Json.Nodes;

namespace Migrator.Core.Jobs;

/// <summary>On which line each part of a JSON text stands. <see cref="JsonDocument"/> does not keep it, and a message
/// that names only the path leaves the reader to search.</summary>
internal sealed class JsonLineMap
{
    // Of a list with millions of numbers, or of names as long as the file, nobody needs to know the line of each: the line of what holds
    // them is told.
    private const int Most = 1_000_000,
        LongestPath = 1000;

    private readonly Dictionary<string, int> _lines = [];

    /// <exception cref="JsonException">It is no JSON, or text in it is half a character.</exception>
    public JsonLineMap(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(
            json,
            new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }
        );
        var lists = new Stack<(string Path, int? Next)>();
        var (path, line, counted) = ("$", 1, 0);
        while (reader.Read())
        {
            var start = (int)reader.TokenStartIndex;
            line += json[counted..start].Count((byte)'\n');
            counted = start;
            switch (reader.TokenType)
            {
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    lists.Pop();
                    continue;
                case JsonTokenType.PropertyName:
                    path = lists.Peek().Path is { Length: <= LongestPath } above ? Child(above, Text(ref reader, line)) : lists.Peek().Path;
                    if (_lines.Count < Most && path.Length <= LongestPath)
                        _lines[path] = line;
                    continue;
                case JsonTokenType.String:
                    Text(ref reader, line);
                    break;
            }
            if (lists.TryPeek(out var list) && list.Next is { } index)
            {
                path = list.Path.Length <= LongestPath ? $"{list.Path}[{index}]" : list.Path;
                lists.Pop();
                lists.Push((list.Path, index + 1));
            }
            if (_lines.Count < Most && path.Length <= LongestPath)
                _lines.TryAdd(path, line);
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                lists.Push((path, reader.TokenType == JsonTokenType.StartArray ? 0 : null));
        }
    }

    /// <returns>Of what stands at <paramref name="path"/>; where nothing does, of what would hold it. Null where it is about another
    /// file.</returns>
    public int? Of(string path)
    {
        if (!path.StartsWith('$'))
            return null;
        int line;
        // A name may hold what stands between names: then what is cut off is only part of it, and there is no such path.
        while (!_lines.TryGetValue(path, out line) && path.LastIndexOfAny(['.', '[']) is var end and > 0)
            path = path[..end];
        return line > 0 ? line : null;
    }

    public static string Child(string path, string name) =>
        name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '$' or '_')
            ? $"{path}.{name}"
            : $"{path}[{JsonValue.Create(name).ToJsonString(s_readable)}]";

    private static readonly JsonSerializerOptions s_readable = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static string Text(ref Utf8JsonReader reader, int line)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // JsonDocument lets "\ud83d" without its other half pass, and fails where the text is read.
            throw new JsonException("half of a surrogate pair without the other half (\\ud800 to \\udfff).", null, line - 1, 0);
        }
    }
}
