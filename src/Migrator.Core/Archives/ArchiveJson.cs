using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>How the parts of an archive that are JSON are written: camelCase, enumerations as words, ids in
/// hexadecimal, folder paths as text.</summary>
internal static class ArchiveJson
{
    private static readonly JsonSerializerOptions s_options = new ArchiveJsonContext(
        new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            IgnoreReadOnlyProperties = true,
            Converters =
            {
                new Text<ContentId>(id => id.ToString(), text => new ContentId(Convert.FromHexString(text))),
                new Text<FolderPath>(path => path.ToString(), FolderPath.Parse),
                Words<SnapshotState>(),
                Words<SpecialUse>(),
                Words<LeaseAccess>(),
            },
        }
    ).Options;

    /// <typeparam name="T">One that <see cref="ArchiveJsonContext"/> names.</typeparam>
    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Of<T>());

    /// <typeparam name="T">One that <see cref="ArchiveJsonContext"/> names.</typeparam>
    /// <exception cref="InvalidDataException">It is not of this shape.</exception>
    public static T Read<T>(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, Of<T>()) ?? throw new InvalidDataException("it is null");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"it is not JSON of the expected shape ({exception.Message})", exception);
        }
    }

    private static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)s_options.GetTypeInfo(typeof(T));

    private static JsonStringEnumConverter<T> Words<T>()
        where T : struct, Enum => new(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

    private sealed class Text<T>(Func<T, string> write, Func<string, T> read) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            read(reader.GetString() ?? throw new JsonException("text is expected"));

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(write(value));
    }
}
