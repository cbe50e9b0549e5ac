using System.Text.Json;
using System.Text.Json.Serialization;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>How the parts of an archive that are JSON are written: camelCase, enumerations as words, ids in
/// hexadecimal, folder paths as text.</summary>
internal static class ArchiveJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        Converters = { new Text<ContentId>(id => id.ToString(), text => new ContentId(Convert.FromHexString(text))), new Text<FolderPath>(path => path.ToString(), FolderPath.Parse), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <exception cref="InvalidDataException">It is not of this shape.</exception>
    public static T Read<T>(ReadOnlySpan<byte> octets)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(octets, Options) ?? throw new InvalidDataException("it holds null");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"it is not JSON of the expected shape ({exception.Message})", exception);
        }
    }

    private sealed class Text<T>(Func<T, string> write, Func<string, T> read) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            read(reader.GetString() ?? throw new JsonException("text is expected"));

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(write(value));
    }
}
