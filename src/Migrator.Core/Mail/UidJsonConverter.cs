using System.Text.Json;
using System.Text.Json.Serialization;

namespace Migrator.Core.Mail;

/// <summary>A UID is a number in reports and archives.</summary>
public sealed class UidJsonConverter : JsonConverter<Uid>
{
    public override Uid Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetUInt32();

    public override void Write(Utf8JsonWriter writer, Uid value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
}
