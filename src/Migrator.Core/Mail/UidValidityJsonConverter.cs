using System.Text.Json;
using System.Text.Json.Serialization;

namespace Migrator.Core.Mail;

/// <summary>UIDVALIDITY is a number in reports and archives.</summary>
public sealed class UidValidityJsonConverter : JsonConverter<UidValidity>
{
    public override UidValidity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetUInt32();

    public override void Write(Utf8JsonWriter writer, UidValidity value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}
