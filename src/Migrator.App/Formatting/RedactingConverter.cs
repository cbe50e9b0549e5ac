using System.Text.Json;
using System.Text.Json.Serialization;
using Migrator.Core.Redaction;

namespace Migrator.App.Formatting;

/// <summary>Keeps secrets out of every text of a report; the names in it stay what they are.</summary>
internal sealed class RedactingConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(SecretRedactor.Redact(value));

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString()!;

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value);
}
