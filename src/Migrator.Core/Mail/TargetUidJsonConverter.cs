using System.Text.Json;
using System.Text.Json.Serialization;

namespace Migrator.Core.Mail;

/// <summary>A UID is a number in reports and archives.</summary>
public sealed class TargetUidJsonConverter : JsonConverter<TargetUid>
{
    public override TargetUid Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetUInt32();

    public override void Write(Utf8JsonWriter writer, TargetUid value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Uid.Value);
}
